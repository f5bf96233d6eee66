"""The columnar parser gives the line parser's answer, on any bytes."""

import time
from tempfile import TemporaryFile

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from logmon_tui.formats.delimited.delimited_lines import DelimitedLineParser
from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED as COMBINED_FORMAT
from logmon_tui.formats.presets.clf import COMMON as COMMON_FORMAT
from logmon_tui.formats.presets.clf import VHOST_COMBINED as VHOST_FORMAT
from logmon_tui.formats.servers.apache import apache_format
from logmon_tui.native.file_lines import FileLines
from logmon_tui.native.library import is_native
from tests.effort import examples
from tests.formats.examples_data import load, names
from tests.formats.strategies import AGENT, COMBINED, COMMON, LINES, VHOST, chunks


def reference(chunk: bytes, log_format: LogFormat) -> tuple[HitBatch, list[tuple[bytes, str]], int]:
    """What the line parser says of each line of the chunk, one by one."""
    parser = log_format.line_parser()
    lines = chunk.removesuffix(b"\n").split(b"\n")
    hits = [hit for hit in map(parser.parse, lines) if hit]
    left = [line for line in lines if parser.parse(line) is None]
    unparsed = [parser.unparsed(line) for line in left if not parser.is_other(line)]
    return batch_of_hits(hits, log_format), unparsed, len(left) - len(unparsed)


def facts(batch: HitBatch) -> list[object]:
    measures = {str(name): values.tolist() for name, values in batch.measures.items()}
    return [*batch.hits(), measures]


UNUSUAL = apache_format("unusual", '%b %O "%u" %t "%>s" "%r" %D "%B"')
USER_LAST = apache_format("user last", '"%r" %t %>s %l %u')


CLF = (COMBINED_FORMAT, COMMON_FORMAT, VHOST_FORMAT)


@pytest.mark.parametrize("log_format", [*CLF, UNUSUAL, USER_LAST], ids=lambda preset: preset.name)
@settings(max_examples=examples(400), deadline=None)
@given(chunk=chunks())
@example(chunk=b"\n".join(LINES) + b"\n")
@example(chunk=COMBINED[:-1] + b"\n" + COMBINED + b"\n")  # an unbalanced quote
@example(chunk=b"\n\n")
@example(chunk=b'x ""\n')  # the last line ends before its format does
@example(chunk=b'5 12 "u" [01/Jan/2026:00:00:00 +0000] "200" "GET /a HTTP/1.1" x ""\n')
@example(chunk=COMBINED + b"\r\r\n" + COMBINED + b"\r\n")
@example(chunk=COMMON.replace(b"127.0.0.1", b"h" * 70) + b"\n" + COMMON + b"\n")
@example(chunk=b'"127.0.0.1" - james [09/May/2018:16:00:39 +0000] GET 200 123\n')
@example(chunk=COMMON.replace(b"james", b"\xff x") + b"\n" + COMMON + b"\n")
def test_agrees_with_the_line_parser_on_arbitrary_bytes(
    log_format: LogFormat, chunk: bytes
) -> None:
    assert_as_line_by_line(log_format, chunk)


def assert_as_line_by_line(log_format: LogFormat, chunk: bytes, *, from_file: bool = True) -> None:
    batch = log_format.columnar().parse(chunk)
    hits, unparsed, others = reference(chunk, log_format)
    assert facts(batch) == facts(hits)
    assert batch.unparsed == len(unparsed)
    assert batch.others == others
    assert list(batch.unparsed_lines) == unparsed
    assert len(batch) + batch.unparsed + batch.others == chunk.count(b"\n")
    if from_file:
        assert_as_from_a_file(log_format, chunk)


def assert_as_from_a_file(log_format: LogFormat, chunk: bytes) -> None:
    """The same lines in a file give the same batch, unless they must be read as a chunk."""
    parser = log_format.columnar()
    with TemporaryFile(buffering=0) as file:
        file.write(b"before\n" + chunk)
        found = parser.parse_file(FileLines(file.fileno(), 7, 7 + len(chunk)))
    batch = parser.parse(chunk)
    if found is None:
        zeros = b"\n\0" in b"\n" + chunk  # perhaps a hole, of which lines are read as a chunk
        strict = len(batch) - len(batch.tolerated_at)
        assert zeros or not parser.reads_files or strict < chunk.count(b"\n")
        return
    assert facts(found) == facts(batch)
    assert found.unparsed_after.tolist() == batch.unparsed_after.tolist()
    assert found.unparsed_lines == batch.unparsed_lines
    assert found.unparsed_at.tolist() == batch.unparsed_at.tolist()
    assert found.first_unparsed == batch.first_unparsed
    assert found.others == batch.others
    assert found.resolution == batch.resolution
    assert found.lines is not None
    assert batch.lines is not None
    assert found.lines.tolist() == batch.lines.tolist()


def test_lines_of_a_file_are_read_as_a_chunk_if_one_turns_out_not_to_fit() -> None:
    """What X-Forwarded-For has is looked at after the scan, when the text of the line is gone."""
    parser = next(each for each in PRESETS if each.name == "nginx_main").columnar()
    line = b'1.2.3.4 - - [09/May/2018:16:00:39 +0000] "GET / HTTP/1.1" 200 1 "-" "curl" "%b"\n'
    for last, fits in ((b"5.6.7.8", True), (b"a=b", False)):
        with TemporaryFile(buffering=0) as file:
            file.write(line % b"-" + line % last)
            found = parser.parse_file(FileLines(file.fileno(), 0, file.tell()))
        assert (found is not None) == (parser.reads_files and fits)
        assert parser.parse(line % last).unparsed == (not fits)


TIMES = (
    b"09/May/2018:16:00:39 +0000",
    b"09/May/2018:16:00:39 +0100",
    b"09/May/2018:16:00:40 +0000",
    b"09/May/2018:16:00:39 -000x",
    b"99/May/2018:16:00:39 +0000",
    b"\0" * 26,
)


@given(times=st.lists(st.sampled_from(TIMES), max_size=9))
@example(times=[TIMES[-1]])
def test_a_time_is_read_anew_unless_it_is_that_of_the_line_before(times: list[bytes]) -> None:
    lines = [b'127.0.0.1 - james [%b] "GET /a HTTP/1.0" 200 123\n' % time for time in times]
    assert_as_line_by_line(COMMON_FORMAT, b"".join(lines) or b"\n")


LONG_TEXTS = apache_format("long texts", '%h =1234567 %u =12345678 %t "%r" %>s =123456789 %b')
"""Texts between its fields are of 8, 9 and 10 bytes, and of more."""

LONG_LINE = (
    b'127.0.0.1 =1234567 james =12345678 [09/May/2018:16:00:39 +0000] "GET /a HTTP/1.0" 200'
    b" =123456789 123"
)


@pytest.mark.parametrize("length", [0, *range(6, 100)])
def test_texts_between_fields_must_stand_in_full(length: int) -> None:
    assert_as_line_by_line(LONG_TEXTS, LONG_LINE[:length] + b"\n" + LONG_LINE + b"\n")
    changed = LONG_LINE[:length] + b"~" + LONG_LINE[length + 1 :]
    assert_as_line_by_line(LONG_TEXTS, LONG_LINE + b"\n" + changed + b"\n")


OTHERS = [preset for preset in PRESETS if preset not in CLF and preset.name in names()]


@pytest.mark.parametrize("log_format", OTHERS, ids=lambda preset: preset.name)
@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_agrees_with_the_line_parser_on_lines_of_every_preset(
    log_format: LogFormat, data: st.DataObject
) -> None:
    example = load(log_format.name)
    texts = [*(line.text for line in example.lines), *example.no_hits]
    chunk = data.draw(chunks([text.encode() for text in texts]))
    mark = log_format.header_mark
    assume(not mark or mark not in chunk)  # a line parser does not follow headers
    assert_as_line_by_line(log_format, chunk)


@pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
@pytest.mark.parametrize(
    ("line", "log_format"), list(zip((COMBINED, COMMON, VHOST), CLF, strict=True))
)
def test_well_formed_lines_take_the_fast_path(
    line: bytes, log_format: LogFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: DelimitedLineParser, line: bytes) -> None:
        raise AssertionError(line)

    monkeypatch.setattr(DelimitedLineParser, "parse", refuse)
    batch = log_format.columnar().parse((line + b"\n") * 1000)
    assert len(batch) == 1000


def decoded(batch: HitBatch) -> dict[str, bytes]:
    return next(iter(batch.hits()))[3]


def test_a_hit_has_the_values_of_its_line() -> None:
    batch = COMBINED_FORMAT.columnar().parse(COMBINED + b"\n")
    assert (batch.seconds[0], batch.status[0], batch.sizes[0]) == (1525881639, 200, 123)
    assert decoded(batch) == {
        "host": b"127.0.0.1",
        "user": b"james",
        "method": b"GET",
        "path": b"/report",
        "section": b"/report",
        "referrer": b"http://example.org/start",
        "user_agent": AGENT,
    }


@pytest.mark.parametrize(
    "line",
    [
        COMBINED[:-1] + b"a" * 200_000 + b'"',
        COMBINED[:-1] + b"\\" * 200_000 + b'"',
        COMBINED[:-1] + b'\\"' * 100_000,
        b" " * 200_000,
        b'"' * 200_000,
        COMBINED.replace(b"GET /report", b"GET" + b" " * 200_000),
        COMBINED.replace(b"/report", b"//[" * 60_000),
        b"[" * 200_000 + COMBINED,
    ],
    ids=["long", "backslashes", "escapes", "spaces", "quotes", "gap", "brackets", "prefix"],
)
def test_a_huge_line_is_judged_in_linear_time(line: bytes) -> None:
    """Doubling the line may not quadruple the time; a second is for the slowest machine."""
    started = time.perf_counter()
    batch = COMBINED_FORMAT.columnar().parse(COMBINED + b"\n" + line + b"\n" + COMBINED + b"\n")
    assert len(batch) + batch.unparsed == 3
    assert len(batch) >= 2
    assert time.perf_counter() - started < 5
