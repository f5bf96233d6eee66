"""Lines that the scanner reads from a file itself give what the same lines in memory give."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.native import file_lines
from logmon_tui.native.file_lines import FileLines, ScannedFile
from logmon_tui.native.interner import Interner
from logmon_tui.native.library import is_native
from logmon_tui.native.scan_columns import Scanned
from logmon_tui.native.scanner import JsonScanner, ScannedLines, Scanner
from logmon_tui.native.specs import ScanEnding, ScanFlag, ScanReading, TokenSpec
from tests.effort import examples
from tests.native.test_guarded import LINES, SCANNERS

pytestmark = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")

COMMON = b'127.0.0.1 - - [09/May/2018:16:00:39 +0000] "GET /%d HTTP/1.0" 200 123\n'


@contextmanager
def written(content: bytes) -> Iterator[int]:
    with TemporaryFile(buffering=0) as file:
        file.write(content)
        yield file.fileno()


def facts(scanned: Scanned, interners: list[Interner]) -> list[list[Any]]:
    """What was scanned, with the texts of the codes."""
    texts = [
        of.texts().take(codes).tolist() for of, codes in zip(interners, scanned.codes, strict=True)
    ]
    numbers = [each.tolist() for each in scanned.numbers]
    return [scanned.lines.tolist(), numbers, texts, scanned.left.tolist()]


def fresh(scanner: Scanner | JsonScanner) -> list[Interner]:
    return [Interner() for _ in range(scanner.texts)]


def scanned_file(
    scanner: Scanner | JsonScanner, lines: FileLines, block: int
) -> tuple[ScannedFile | None, list[Interner]]:
    interners = fresh(scanner)
    return scanner.scan_file(lines, interners, block), interners


def assert_as_in_memory(content: bytes, before: bytes, block: int) -> None:
    """Every scanner finds in a file what it finds in memory, unless lines are unusual."""
    lines = content.split(b"\n")[:-1]
    usual = all(len(line) < block and not line.startswith(b"\0") for line in lines)
    with written(before + content + b"behind\n") as descriptor:
        place = FileLines(descriptor, len(before), len(before) + len(content))
        for scanner in SCANNERS:
            found, interners = scanned_file(scanner, place, block)
            assert (found is not None) == usual
            if found is not None:
                others = fresh(scanner)
                table = ScannedLines(content)
                expected = scanner.scan(table, others)
                assert facts(found.scanned, interners) == facts(expected, others)
                assert found.left_lines == [table.line(number) for number in expected.left]


@settings(max_examples=examples(150), deadline=None)
@given(
    lines=st.lists(
        st.one_of(
            st.sampled_from(LINES),
            st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")),
        ),
        max_size=12,
    ),
    before=st.binary(max_size=5),
    block=st.sampled_from([1, 7, 64, 700, 4_096]),
)
def test_any_lines_in_blocks_of_any_size(lines: list[bytes], before: bytes, block: int) -> None:
    assert_as_in_memory(b"".join(line + b"\n" for line in lines), before, block)


@pytest.mark.parametrize("block", [100, 333, 4_096])
def test_there_is_room_for_any_number_of_rows_and_of_lines_that_do_not_fit(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(file_lines, "_LEFT_LINES", 1)
    monkeypatch.setattr(file_lines, "_LEFT_BYTES", 8)
    for scanner in SCANNERS:
        monkeypatch.setattr(scanner, "usual_line", 10_000)
    content = b"".join(COMMON % number + b"no hit %d\n" % number for number in range(500))
    assert_as_in_memory(content, b"", block)


@pytest.mark.parametrize("length", [70, 90, 400])
def test_columns_are_hardly_longer_than_a_log_of_known_lines_needs(length: int) -> None:
    scanner = next(
        each for each in SCANNERS if len(each.scan(ScannedLines(COMMON % 1), fresh(each)).lines)
    )
    content = (COMMON % 1).replace(b"/1", b"/".ljust(length - 70, b"x")) * 4_000
    with written(content) as descriptor:
        for _ in range(2):
            found, _ = scanned_file(scanner, FileLines(descriptor, 0, len(content)), 64 * 1024)
    assert found is not None
    room = found.scanned.lines.base
    assert room is not None
    assert 4_000 <= len(room) < 4_300


@pytest.mark.parametrize("distinct", [3, 300, 9_000])
def test_texts_have_a_number_each_in_tables_of_any_size(distinct: int) -> None:
    content = b"".join(COMMON % (number % distinct) for number in range(2 * distinct))
    table = ScannedLines(content)
    scanner = next(each for each in SCANNERS if len(each.scan(table, fresh(each)).lines))
    interners = fresh(scanner)
    codes = scanner.scan(table, interners).codes
    paths = next(column for column, of in enumerate(interners) if len(of) == distinct)
    assert codes[paths].tolist() == [*range(distinct), *range(distinct)]


WORDS = st.sampled_from([b"-", b"usual.example", b"other.example", b"usual.exampl", b""])


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(st.tuples(WORDS, st.sampled_from([1, 30, 64, 200])), max_size=6),
    st.lists(WORDS, max_size=6),
)
def test_each_row_has_its_own_text_however_usual_another_one_is(
    runs: list[tuple[bytes, int]], others: list[bytes]
) -> None:
    texts = [word for word, count in runs for _ in range(count)] + others
    spec = TokenSpec(b"", ScanReading.TEXT, ScanEnding.LINE, flags=ScanFlag.OPTIONAL)
    scanner = Scanner([spec], b"")
    table = ScannedLines(b"".join(each + b"\n" for each in texts))
    interners = fresh(scanner)
    scanned = scanner.scan(table, interners)
    assert facts(scanned, interners)[2] == [texts]


@pytest.mark.parametrize("unusual", [b"\0" + COMMON % 1, b"x" * 1_000 + b"\n", b"without an end"])
def test_unusual_lines_are_left_to_who_reads_chunks(unusual: bytes) -> None:
    content = COMMON % 0 * 50 + unusual
    with written(content) as descriptor:
        found, _ = scanned_file(SCANNERS[0], FileLines(descriptor, 0, len(content)), 1_000)
        assert found is None


@pytest.mark.parametrize("left", [0, 1, 7])
def test_a_file_that_was_cut_is_left_to_who_finds_out_what_is_missing(left: int) -> None:
    content = COMMON % 1 * 7
    with written(content) as descriptor:
        for scanner in SCANNERS:
            found, _ = scanned_file(scanner, FileLines(descriptor, 0, len(content)), 64 * 1024)
            assert found is not None
            assert len(found.scanned.lines) + len(found.left_lines) == 7
        os.ftruncate(descriptor, left * len(content) // 7)
        for scanner in SCANNERS:
            place = FileLines(descriptor, 0, len(content) * 3)
            assert scanned_file(scanner, place, 64 * 1024)[0] is None


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)  # a folder
    try:
        with pytest.raises(IsADirectoryError):
            scanned_file(SCANNERS[0], FileLines(descriptor, 0, 100), 64)
    finally:
        os.close(descriptor)
