"""Sketches: their error, and that merging is the same as counting everything in one."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.metrics.sketch import ERROR, Sketch
from logmon_tui.native.sketches import stable_hashes
from logmon_tui.native.texts import Texts
from tests.effort import examples


def sketch_of(texts: Sequence[bytes]) -> Sketch:
    sketch = Sketch()
    sketch.enter(stable_hashes(Texts.of(texts)))
    return sketch


def test_nothing_is_estimated_as_nothing() -> None:
    assert Sketch().distinct == 0


@pytest.mark.parametrize("distinct", [1, 7, 40])
def test_a_few_are_estimated_exactly(distinct: int) -> None:
    assert sketch_of([b"10.0.0.%d" % number for number in range(distinct)] * 3).distinct == distinct


@pytest.mark.parametrize("distinct", [500, 3_000, 10_000, 30_000, 200_000])
def test_the_error_is_as_stated(distinct: int) -> None:
    errors = [
        sketch_of([b"%d.%d" % (run, number) for number in range(distinct)]).distinct / distinct - 1
        for run in range(12)
    ]
    assert np.sqrt(np.mean(np.square(errors))) < ERROR + 0.005
    assert abs(np.mean(errors)) < 0.012


def test_a_full_register_is_estimated_too() -> None:
    sketch = Sketch(np.full(4_096, 53, dtype=np.uint8))
    assert sketch.distinct > 10**15


@settings(max_examples=examples(200))
@given(parts=st.lists(st.lists(st.integers(0, 10**6).map(b"%d".__mod__)), min_size=1, max_size=6))
def test_merging_is_counting_all_in_one(parts: list[list[bytes]]) -> None:
    merged = Sketch()
    for part in parts:
        merged.add(sketch_of(part))
    whole = sketch_of([text for part in parts for text in part])
    assert (merged.registers == whole.registers).all()
    merged.add(merged)
    assert (merged.registers == whole.registers).all()
