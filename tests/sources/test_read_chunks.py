"""Reading whole logs for reports."""

import bz2
import gzip
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.errors import SourceError
from logmon_tui.sources.chunks import read_chunks, read_descriptor
from logmon_tui.sources.compressed import reader
from logmon_tui.sources.lines import LONGEST_LINE, LineSplitter

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def zstd_compress(content: bytes) -> bytes:
    """As the program `zstd` does, which adds a checksum."""
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


@given(lines=st.lists(st.binary(max_size=30)), size=st.integers(1, 100))
def test_chunks_are_whole_lines_and_together_the_log(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], size: int
) -> None:
    log = tmp_path_factory.getbasetemp() / "whole.log"
    content = b"".join(line.replace(b"\0", b"") + b"\n" for line in lines)
    log.write_bytes(content)
    chunks = list(read_chunks(log, size))
    assert b"".join(chunks) == content
    assert all(chunk.endswith(b"\n") for chunk in chunks)


def test_chunks_have_about_the_size_asked_for(log: Path) -> None:
    log.write_bytes(b"0123456789abcde\n" * 10_000)
    sizes = [len(chunk) for chunk in read_chunks(log, 16_000)]
    assert all(8_000 <= size < 32_000 for size in sizes[:-1])
    assert sum(sizes) == 160_000


def test_a_file_is_read_in_blocks_that_end_with_a_line(log: Path) -> None:
    content = b"".join(b"line %d of many\n" % number for number in range(50_000))
    log.write_bytes(content + b"the last")
    with log.open("rb", buffering=0) as file:
        read = reader(file)
        blocks = [read(20_000) for _ in range(60)]
    assert b"".join(blocks) == content + b"the last"
    *whole, last = filter(None, blocks)
    assert all(block.endswith(b"\n") for block in whole)
    assert all(19_900 < len(block) <= 20_000 for block in whole[:-1])
    assert last.endswith(b"the last")


@pytest.mark.parametrize("length", [4_095, 4_096, 4_097, 10_000, 50_000])
def test_lines_may_be_longer_than_the_end_of_a_block(log: Path, length: int) -> None:
    content = b"".join(b"%d" % (number % 10) * length + b"\n" for number in range(30))
    log.write_bytes(content)
    chunks = list(read_chunks(log, 16_000))
    assert b"".join(chunks) == content
    assert all(chunk.endswith(b"\n") for chunk in chunks)


@given(size=st.integers(10, 9_000), cut=st.integers(0, 100_000), lines=st.binary(max_size=500))
def test_a_log_that_is_cut_and_written_anew_meanwhile_gives_whole_lines_and_an_end(
    tmp_path_factory: pytest.TempPathFactory, size: int, cut: int, lines: bytes
) -> None:
    log = tmp_path_factory.getbasetemp() / "cut.log"
    content = b"".join(b"line %d of many\n" % number for number in range(3_000))
    log.write_bytes(content)
    chunks = read_chunks(log, size)
    first = next(chunks)
    os.truncate(log, min(cut, len(content)))
    with log.open("ab") as file:
        file.write(lines)
    rest = list(chunks)
    assert content.startswith(first)
    assert all(chunk.endswith(b"\n") for chunk in rest)
    if len(first) <= cut < len(content) and not lines:
        whole = content[:cut]
        assert first + b"".join(rest) == whole + b"\n" * (not whole.endswith(b"\n"))


def test_a_last_line_without_newline_gets_one(log: Path) -> None:
    log.write_bytes(b"one\ntwo")
    assert list(read_chunks(log)) == [b"one\ntwo\n"]


def test_an_empty_log_gives_nothing(log: Path) -> None:
    log.touch()
    assert list(read_chunks(log)) == []


def test_over_long_lines_are_dropped_and_counted(log: Path) -> None:
    log.write_bytes(b"one\n" + b"x" * (LONGEST_LINE + 1) + b"\ntwo\n")
    splitter = LineSplitter()
    assert b"".join(read_chunks(log, splitter=splitter)) == b"one\ntwo\n"
    assert splitter.oversize == 1


def test_a_pipe_can_be_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"one\ntwo")
    os.close(writer)
    assert b"".join(read_descriptor(reader)) == b"one\ntwo\n"
    os.close(reader)


@pytest.mark.parametrize(("name", "reason"), [("none", "No such file"), (".", "Is a directory")])
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        list(read_chunks(tmp_path / name))
    assert "\n" not in str(caught.value)


COMPRESSIONS = [gzip.compress, bz2.compress, lzma.compress, zstd_compress]


@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_a_compressed_log_is_read_as_what_it_was(
    log: Path, compress: Callable[[bytes], bytes]
) -> None:
    content = b"".join(b"line %d of many\n" % number for number in range(50_000))
    log.write_bytes(compress(content))
    chunks = list(read_chunks(log, 100_000))
    assert b"".join(chunks) == content
    assert len(chunks) > 5
    log.write_bytes(compress(content) + compress(b"more\n"))  # as appending compressors do
    assert b"".join(read_chunks(log)) == content + b"more\n"


@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_a_cut_or_damaged_compressed_log_is_told_in_one_line(
    log: Path, compress: Callable[[bytes], bytes]
) -> None:
    whole = compress(b"".join(os.urandom(20).hex().encode() + b"\n" for _ in range(50_000)))
    middle = len(whole) // 2
    for wrong in (whole[:middle], whole[:middle] + b"garbage" * 9 + whole[middle + 63 :]):
        log.write_bytes(wrong)
        with pytest.raises(SourceError, match=r"access\.log: .*; give another log") as caught:
            list(read_chunks(log))
        assert "\n" not in str(caught.value)


def test_a_log_that_only_begins_like_a_compressed_one_is_no_traceback(log: Path) -> None:
    line = b"BZh9 is what my host is called - - ...\n"
    log.write_bytes(line)
    assert list(read_chunks(log)) == [line]
    log.write_bytes(gzip.compress(b"")[:3] + b"xyz\n")
    with pytest.raises(SourceError, match="cut or damaged"):
        list(read_chunks(log))


def test_a_zstandard_log_may_begin_with_a_frame_to_be_skipped(log: Path) -> None:
    log.write_bytes(b"\x50\x2a\x4d\x18\x04\0\0\0skip" + zstd_compress(b"one\ntwo\n"))
    assert list(read_chunks(log)) == [b"one\ntwo\n"]
