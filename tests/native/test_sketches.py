"""Stable hashes and registers of pairs: the library and Python give the same, on any bytes."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from logmon_tui.native import sketches
from logmon_tui.native.library import is_native
from logmon_tui.native.sketches import (
    REGISTERS,
    HashedColumn,
    places_and_ranks,
    sketch_pairs,
    stable_hashes,
)
from logmon_tui.native.texts import Texts
from tests.effort import examples

NATIVE = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
HASHES = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20)


def in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketches, "is_native", lambda: False)


@NATIVE
@settings(max_examples=examples(300))
@given(listed=st.lists(st.binary(max_size=70), max_size=20))
def test_hashes_are_the_same_without_the_library(listed: list[bytes]) -> None:
    made = stable_hashes(Texts.of(listed)).tolist()
    with pytest.MonkeyPatch.context() as patch:
        in_python(patch)
        assert stable_hashes(Texts.of(listed)).tolist() == made


def test_hashes_never_change() -> None:
    """Saved sketches are read by later versions, so these numbers must stay."""
    listed = [b"", b"-", b"abcd", b"10.20.30.40", b"Mozilla/5.0 (X11; Linux x86_64)"]
    assert stable_hashes(Texts.of(listed)).tolist() == [
        11_912_144_113_143_032_851,
        4_271_930_584_133_857_519,
        4_864_234_882_192_095_664,
        11_471_062_666_433_409_482,
        670_492_340_427_161_793,
    ]


def test_hashes_are_the_same_in_another_process() -> None:
    code = (
        "from logmon_tui.native.sketches import stable_hashes\n"
        "from logmon_tui.native.texts import Texts\n"
        "print(stable_hashes(Texts.of([b'10.0.0.1'])).tolist())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(stable_hashes(Texts.of([b"10.0.0.1"])).tolist())


@NATIVE
@settings(max_examples=examples(300))
@given(one=HASHES, other=HASHES, data=st.data())
def test_registers_are_the_same_without_the_library(
    one: list[int], other: list[int], data: st.DataObject
) -> None:
    hits = data.draw(st.integers(0, 50))
    columns = [
        HashedColumn(
            np.array(
                data.draw(st.lists(st.integers(0, len(each) - 1), min_size=hits, max_size=hits)),
                dtype=np.int32,
            ),
            np.array(each, dtype=np.uint64),
        )
        for each in (one, other)
    ]
    owners: NDArray[np.int32] | None = np.array(
        data.draw(st.lists(st.integers(0, 2), min_size=hits, max_size=hits)), dtype=np.int32
    )
    if data.draw(st.booleans()):
        owners = None
    found = np.zeros((3, REGISTERS), dtype=np.uint8)
    sketch_pairs(*columns, found, owners)
    expected = np.zeros_like(found)
    with pytest.MonkeyPatch.context() as patch:
        in_python(patch)
        sketch_pairs(*columns, expected, owners)
    assert (found == expected).all()


@settings(max_examples=examples(300))
@given(hashes=HASHES)
def test_a_rank_counts_the_zeros_after_the_register_number(hashes: list[int]) -> None:
    places, ranks = places_and_ranks(np.array(hashes, dtype=np.uint64))
    bits = [f"{each:064b}" for each in hashes]
    assert places.tolist() == [int(each[:12], 2) for each in bits]
    assert ranks.tolist() == [1 + (each[12:] + "1").index("1") for each in bits]


@NATIVE
@pytest.mark.parametrize(("code", "owner"), [(2, 0), (-1, 0), (0, 1), (0, -1)])
def test_what_is_out_of_bounds_is_refused(code: int, owner: int) -> None:
    hashes = np.array([1, 2], dtype=np.uint64)
    wrong = HashedColumn(np.array([code], dtype=np.int32), hashes)
    right = HashedColumn(np.array([0], dtype=np.int32), hashes)
    registers = np.zeros((1, REGISTERS), dtype=np.uint8)
    with pytest.raises(ValueError, match="out of bounds"):
        sketch_pairs(right, wrong, registers, np.array([owner], dtype=np.int32))


def test_columns_of_different_lengths_are_refused() -> None:
    one, two = (HashedColumn(np.zeros(n, np.int32), np.zeros(1, np.uint64)) for n in (1, 2))
    registers = np.zeros((1, REGISTERS), dtype=np.uint8)
    with pytest.raises(ValueError, match="different lengths"):
        sketch_pairs(one, two, registers)
    with pytest.raises(ValueError, match="different lengths"):
        sketch_pairs(one, one, registers, np.zeros(2, np.int32))
