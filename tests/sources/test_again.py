"""Parts of a file that was read give the same lines when they are read again."""

import gzip
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.sources.again import FileAgain, Part
from logmon_tui.sources.chunks import read_sibling
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.listed import file_at
from tests.effort import examples

SIZE = 5_000
"""Bytes of a chunk: more than those at whose end a reader looks for the end of a line."""


def parts_of(file: Path, splitter: LineSplitter) -> list[tuple[Part, bytes]]:
    """Return the chunks of a file with their places, as a report notes them."""
    (sibling,) = file_at(file)
    found, ends = [], [0]
    for chunk in read_sibling(sibling, SIZE, splitter):
        ends.append(splitter.fed - splitter.held)
        found.append(chunk)
    return [
        (Part(0, start, end), chunk)
        for (start, end), chunk in zip(pairwise(ends), found, strict=True)
    ]


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
@settings(max_examples=examples(60), deadline=None)
@given(
    lines=st.lists(
        st.tuples(st.integers(0, 900), st.sampled_from((b"a", b"\xff", b"b c", b""))), max_size=60
    ),
    ended=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_the_lines_of_each_part_come_again(
    tmp_path_factory: pytest.TempPathFactory,
    packed: Callable[[bytes], bytes],
    lines: list[tuple[int, bytes]],
    ended: bool,
    order: Random,
) -> None:
    file = tmp_path_factory.mktemp("again") / "log"
    text = b"\n".join(piece * count for count, piece in lines) + b"\n" * ended
    file.write_bytes(packed(text))
    parts = parts_of(file, LineSplitter())
    (sibling,) = file_at(file)
    order.shuffle(parts)
    with closing(FileAgain(sibling)) as again:
        assert [again.lines_of(part) for part, _ in parts] == [chunk for _, chunk in parts]


def test_dropped_lines_move_no_other_part(tmp_path: Path) -> None:
    """A line that is too long and the hole of a truncation leave no lines, but take place."""
    file = tmp_path / "log"
    words = [b"%05d" % number for number in range(3_000)]
    file.write_bytes(
        b"\n".join((*words[:1_000], b"x" * 20_000, *words[1_000:2_000], b"\0" * 9_000 + b"2000"))
        + b"\n"
        + b"\n".join(words[2_001:])
        + b"\n"
    )
    splitter = LineSplitter(longest=10_000)
    parts = parts_of(file, splitter)
    assert splitter.oversize == 1
    (sibling,) = file_at(file)
    with closing(FileAgain(sibling)) as again:
        found = [word for part, _ in parts for word in again.lines_of(part).split()]
    assert [word for word in found if word.isdigit()] == [*words[:2_000], b"2000", *words[2_001:]]


def test_a_file_that_was_renamed_is_still_read_and_one_that_was_cut_is_told(
    tmp_path: Path,
) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"one\ntwo\n")
    (sibling,) = file_at(file)
    file.rename(tmp_path / "log.1")
    with closing(FileAgain(sibling)) as again:
        assert again.lines_of(Part(0, 4, 8)) == b"two\n"
    (tmp_path / "log.1").write_bytes(b"one\n")
    with closing(FileAgain(sibling)) as again, pytest.raises(EOFError):
        again.lines_of(Part(0, 4, 8))
    (tmp_path / "log.1").unlink()
    with closing(FileAgain(sibling)) as again, pytest.raises(FileNotFoundError):
        again.lines_of(Part(0, 0, 4))
