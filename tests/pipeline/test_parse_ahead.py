"""Parsing ahead gives what parsing one chunk after the other gives, in order."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.vocabulary import Vocabularies
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets.clf import COMMON as COMMON_FORMAT
from logmon_tui.pipeline.parse_ahead import parsed_ahead
from logmon_tui.sources.file_part import FilePart
from logmon_tui.sources.file_parts import read_parts
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.listed import file_at
from tests.effort import examples
from tests.formats.strategies import COMBINED, COMMON, VHOST

TIMED = (COMBINED + b" 0", COMBINED + b" 150", COMBINED + b" 7")

CHUNKS = st.lists(
    st.lists(
        st.sampled_from((COMBINED, COMMON, VHOST, b"no hit", *TIMED)), min_size=1, max_size=4
    ).map(lambda lines: b"\n".join(lines) + b"\n"),
    max_size=12,
)


def told(batch: HitBatch) -> tuple[object, ...]:
    return list(batch.hits()), batch.unparsed, batch.unparsed_lines, batch.format_name, batch.tail


@settings(max_examples=examples(80), deadline=None)
@given(chunks=CHUNKS, threads=st.integers(1, 3), keep_words=st.booleans())
def test_it_gives_what_one_thread_gives_though_the_format_changes(
    chunks: list[bytes], threads: int, keep_words: bool
) -> None:
    parser = Parser()
    one_by_one = [told(parser.parse(chunk)) for chunk in chunks]
    ahead = parsed_ahead(chunks, Parser(), threads, told, keep_words=keep_words)
    assert list(ahead) == one_by_one


def test_a_chunk_that_makes_the_parser_fail_is_parsed_line_by_line() -> None:
    class Failing(ColumnarParser):
        def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:
            if b"fail" in chunk:
                raise ArithmeticError
            return super().parse(chunk, vocabularies)

    parser = Parser()
    parser.parse(COMMON + b"\n")
    parser._parser = parser._ahead = Failing(COMMON_FORMAT)
    chunks = [COMMON + b"\n", COMMON + b"\nfail\n", COMMON + b"\n"]
    counted = list(parsed_ahead(chunks, parser, 2, lambda batch: (len(batch), batch.unparsed)))
    assert counted == [(1, 0), (1, 1), (1, 0)]


def test_it_reads_only_a_few_chunks_ahead() -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield COMMON + b"\n"

    batches = parsed_ahead(endless(), Parser(), 2, len)  # type: ignore[arg-type]
    for _ in range(10):
        next(batches)
    assert taken <= 15  # ten that came, two for each thread, and one
    batches.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("allowed", [0, 1])
@pytest.mark.parametrize("keep_words", [False, True])
def test_without_threads_the_caller_parses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int, keep_words: bool
) -> None:
    """A container may allow no more threads; nothing of the file stays open then."""
    log = tmp_path / "access.log"
    log.write_bytes((COMBINED + b"\n") * (12 * 1024 * 1024 // len(COMBINED)))
    (sibling,), started = file_at(log), 0

    def batches() -> tuple[list[int], int]:
        parts = 0

        def chunks() -> Iterator[bytes | FilePart]:
            nonlocal parts
            for chunk in read_parts(sibling, LineSplitter(), lambda: parser.reads_files):
                parts += isinstance(chunk, FilePart)
                yield chunk

        parser = Parser()
        return list(parsed_ahead(chunks(), parser, 2, len, keep_words=keep_words)), parts

    def start(thread: threading.Thread) -> None:
        nonlocal started
        started += 1
        if started > allowed:
            raise RuntimeError("can't start new thread")
        begin(thread)

    expected, parts = batches()
    assert parts > 1
    begin = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", start)
    before = len(list(Path("/dev/fd").iterdir()))
    assert batches() == (expected, parts)
    assert started == allowed + 1
    assert len(list(Path("/dev/fd").iterdir())) == before
