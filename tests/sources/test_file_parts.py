"""Parts of a file, which others read, and chunks are together the file's lines."""

import errno
import gzip
import os
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.errors import SourceError
from logmon_tui.sources import file_parts
from logmon_tui.sources.file_part import FilePart
from logmon_tui.sources.file_parts import read_parts
from logmon_tui.sources.lines import LONGEST_LINE, LineSplitter
from logmon_tui.sources.listed import Sibling, file_at

MANY = b"".join(b"line %d of many\n" % number for number in range(5_000))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_parts, "FIRST", 1_000)
    monkeypatch.setattr(file_parts, "LEAST", 2_000)


def listed(path: Path) -> Sibling:
    return file_at(path)[0]


def text_of(chunk: bytes | FilePart) -> bytes:
    if isinstance(chunk, FilePart):
        try:
            return chunk.read()
        finally:
            chunk.close()
    return chunk


def test_most_of_a_file_is_parts_of_whole_lines(log: Path) -> None:
    log.write_bytes(MANY + b"the last")
    splitter = LineSplitter()
    chunks = list(read_parts(listed(log), splitter, lambda: True, 3_000, lambda: 10_000))
    parts = [each for each in chunks if isinstance(each, FilePart)]
    sizes = [each.end - each.start for each in parts]
    assert sum(sizes) > 0.9 * len(MANY)
    assert all(1_900 <= size <= 10_000 for size in sizes)
    assert max(sizes) > 9_900
    assert sizes[-1] < sizes[0] / 2  # so that threads end at the same time
    assert splitter.fed == len(MANY) + len(b"the last")
    assert b"".join(map(text_of, chunks)) == MANY + b"the last\n"


def test_nothing_is_a_part_where_none_is_wanted(log: Path) -> None:
    log.write_bytes(MANY)
    chunks = list(read_parts(listed(log), LineSplitter(), lambda: False))
    assert b"".join(chunk for chunk in chunks if isinstance(chunk, bytes)) == MANY


def test_the_cuts_are_the_same_whether_or_not_parts_are_wanted(log: Path) -> None:
    log.write_bytes(MANY)
    cuts = []
    for wanted in ([True], [False], [True, False], [False, False, True]):
        turns = cycle(wanted)
        chunks = read_parts(
            listed(log), LineSplitter(), partial(next, turns), 3_000, lambda: 10_000
        )
        cuts.append([len(text_of(chunk)) for chunk in chunks])
    assert len(cuts[0]) > 5
    assert all(each == cuts[0] for each in cuts)


def test_a_compressed_file_has_no_parts(log: Path) -> None:
    log.write_bytes(gzip.compress(MANY))
    chunks = list(read_parts(listed(log), LineSplitter(), lambda: True))
    assert b"".join(chunk for chunk in chunks if isinstance(chunk, bytes)) == MANY


@given(
    lines=st.lists(
        st.one_of(
            st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
            st.integers(0, 9_000).map(lambda length: b"x" * length),
            st.just(b"\0\0hole"),
        ),
        max_size=60,
    ),
    ending=st.sampled_from([b"", b"no end"]),
    most=st.integers(2_000, 20_000),
)
def test_parts_and_chunks_are_the_lines_of_any_file(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ending: bytes, most: int
) -> None:
    log = tmp_path_factory.getbasetemp() / "parts.log"
    content = b"".join(line + b"\n" for line in lines) + ending
    log.write_bytes(content)
    whole = LineSplitter()
    expected = whole.feed(content) + whole.finish()
    chunks = read_parts(listed(log), LineSplitter(), lambda: True, 3_000, lambda: most)
    assert b"".join(map(text_of, chunks)) == expected


def test_a_line_that_is_too_long_is_dropped_and_counted_in_a_part_too(log: Path) -> None:
    long = b"x" * (LONGEST_LINE + 1) + b"\n"
    log.write_bytes(MANY + long + MANY)
    splitter, text, oversize = LineSplitter(), b"", 0
    for chunk in read_parts(listed(log), splitter, lambda: True, most=lambda: 3 * LONGEST_LINE):
        text += text_of(chunk)
        oversize += chunk.oversize if isinstance(chunk, FilePart) else 0
    assert text == MANY + MANY
    assert oversize + splitter.oversize == 1


def bad_from(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk be bad from a byte on: as Linux does, reads return what stands before it."""
    pread = os.pread

    def failing(descriptor: int, size: int, offset: int) -> bytes:
        if offset >= place:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return pread(descriptor, min(size, place - offset), offset)

    monkeypatch.setattr(os, "pread", failing)


def test_a_part_in_the_middle_of_which_the_disk_is_bad_is_no_shorter_part(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_bytes(MANY)
    first, part, *others = read_parts(listed(log), LineSplitter(), lambda: True)
    assert isinstance(first, bytes)
    assert isinstance(part, FilePart)
    bad_from(part.start + 100, monkeypatch)
    with pytest.raises(SourceError, match="Input/output error"):
        part.read()
    for each in (part, *others):
        if isinstance(each, FilePart):
            each.close()


def test_a_part_may_be_read_by_several_reads(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write_bytes(MANY)
    chunks = list(read_parts(listed(log), LineSplitter(), lambda: True))
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda file, size, at: pread(file, min(size, 700), at))
    assert b"".join(map(text_of, chunks)) == MANY


def test_a_part_outlives_its_file(log: Path) -> None:
    log.write_bytes(MANY)
    chunks = list(read_parts(listed(log), LineSplitter(), lambda: True))
    log.unlink()
    assert b"".join(map(text_of, chunks)) == MANY


def test_a_part_may_be_closed_twice_and_cannot_be_read_then(log: Path) -> None:
    log.write_bytes(MANY)
    _, part, *others = read_parts(listed(log), LineSplitter(), lambda: True)
    assert isinstance(part, FilePart)
    part.close()
    part.close()
    with pytest.raises(SourceError, match="cannot be read"):
        part.read()
    for each in others:
        text_of(each)
