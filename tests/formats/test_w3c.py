"""W3C extended logs: each line is read by the header in force, wherever that stands."""

from tempfile import TemporaryFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.model.unparsed import KEPT_LINES
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets.w3c import CLOUDFRONT, W3C
from logmon_tui.native.file_lines import FileLines
from logmon_tui.native.library import is_native
from logmon_tui.pipeline.parse_ahead import parsed_ahead
from tests.effort import examples
from tests.formats.strategies import COMBINED, COMMON

SHORT = b"#Fields: date time c-ip cs-method cs-uri-stem sc-status"
LONG = b"#Fields: time date cs-method cs-uri c-ip cs(User-Agent) sc-status sc-bytes time-taken"
POOR = b"#Fields: date time s-reason"
SHORT_LINE = b"2026-11-22 08:26:40 192.0.2.1 GET /a 200"
LONG_LINE = b"08:26:41 2026-11-22 POST /b/c?x=1 192.0.2.2 a+b 503 12 34"
SECONDS_LINE = b"08:26:41 2026-11-22 POST /b/c?x=1 192.0.2.2 a+b 503 12 0.034"

LINES = st.sampled_from(
    [
        *(SHORT, LONG, POOR, SHORT_LINE, LONG_LINE, SECONDS_LINE),
        *(SHORT_LINE, LONG_LINE, b"#Date: x", b"", b"no hit", b"#Fields:", LONG + b"\r"),
        *(SHORT_LINE + b"\r", SHORT_LINE + b" more", b"\xef\xbb\xbf" + SHORT),
    ]
)


def told(batch: HitBatch) -> tuple[object, ...]:
    hits = [
        (*hit[:3], hit[3]["host"], hit[3]["path"], hit[3].get("user_agent", b"-"))
        for hit in batch.hits()
    ]
    times = [int(time) for time in batch.measures.get("response_time", [-1] * len(batch))]
    return hits, times, batch.unparsed, batch.unparsed_lines, batch.others, batch.tail


def line_by_line(lines: list[bytes]) -> tuple[object, ...]:
    """What each line means under the header in force, as the format's line parser says."""
    log_format, hits, times, unparsed, others = W3C, [], [], [], 0
    for line in lines:
        log_format = log_format.following(line + b"\n")
        parser = log_format.line_parser()
        hit = parser.parse(line)
        if hit is not None:
            path = hit.target.partition(b"?")[0]
            hits.append((*hit[:3], hit.host, path, hit.user_agent))
            times.append(hit.response_time)
        elif parser.is_other(line):
            others += 1
        else:
            unparsed.append(parser.unparsed(line))
    return hits, times, len(unparsed), tuple(unparsed), others, tuple(lines)


@settings(max_examples=examples(400), deadline=None)
@given(lines=st.lists(LINES, min_size=1, max_size=25).filter(lambda lines: lines[0][:1] != b"\xef"))
def test_a_chunk_is_read_as_its_lines_are_one_by_one(lines: list[bytes]) -> None:
    lines = [line.removeprefix(b"\xef\xbb\xbf") if n else line for n, line in enumerate(lines)]
    chunk = b"".join(line + b"\n" for line in lines)
    expected = line_by_line(lines)
    for batch in (W3C.columnar().parse(chunk), W3C.columnar().parse_by_lines(chunk)):
        hits, times, unparsed, kept, others, tail = told(batch)
        bare = tuple((each.line.removesuffix(b"\r"), each.reason) for each in kept)
        wanted = tuple((each.line.removesuffix(b"\r"), each.reason) for each in expected[3])
        assert (hits, times, unparsed, others) == (*expected[:3], expected[4])
        assert bare == wanted
        assert tail == tuple(lines) or b"\r" in chunk
        assert len(batch) + batch.unparsed + batch.others == len(lines)
        found = [lines[place].removesuffix(b"\r") for place in batch.unparsed_at]
        assert found == [line for line, _ in wanted]


@settings(max_examples=examples(60), deadline=None)
@given(
    chunks=st.lists(st.lists(LINES, min_size=1, max_size=4), max_size=12),
    threads=st.integers(1, 3),
    given_format=st.booleans(),
)
def test_headers_are_in_force_in_later_chunks_also_when_parsed_ahead(
    chunks: list[list[bytes]], threads: int, given_format: bool
) -> None:
    joined = [b"\n".join(lines) + b"\n" for lines in chunks]
    preset = W3C if given_format else None
    parser = Parser(preset)
    one_by_one = [told(parser.parse(chunk)) for chunk in joined]
    assert list(parsed_ahead(joined, Parser(preset), threads, told)) == one_by_one


def test_what_stands_before_the_first_chunk_names_its_fields() -> None:
    for parser in (Parser(), Parser(W3C)):
        parser.begin(SHORT + b"\n" + SHORT_LINE + b"\n")
        batch = parser.parse(SHORT_LINE + b"\n" + SHORT_LINE + b"\n")
        assert (len(batch), batch.unparsed) == (2, 0)
        assert parser.format_name == "w3c"


def test_the_format_is_followed_through_a_chunk_on_which_the_parser_fails() -> None:
    parser = Parser(W3C)
    assert len(parser.parse_by_lines(SHORT + b"\n" + SHORT_LINE + b"\n")) == 1
    assert len(parser.parse(SHORT_LINE + b"\n")) == 1


@pytest.mark.parametrize("more", [58, 59, 194])
def test_a_log_of_more_fields_than_the_scanner_takes_is_read(more: int) -> None:
    header = SHORT + b"".join(b" x-%d" % number for number in range(more))
    batch = Parser().parse(header + b"\n" + (SHORT_LINE + b" v" * more + b"\n") * 9)
    assert (len(batch), batch.unparsed) == (9, 0)
    assert batch.columns[Dimension.PATH].at(8) == b"/a"


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b"#Date: x", "no #Fields line before it"),
        (POOR, "the #Fields line before it lacks a time, a method, a path or a status"),
        (b"#Fields:" + b" x" * 300, "the fields before it are not those of w3c"),
        (SHORT + b" x-edge-location", "the fields before it are not those of w3c"),
    ],
)
def test_lines_without_fields_of_use_are_no_hits_and_say_so(header: bytes, why: str) -> None:
    batch = W3C.columnar().parse(header + b"\n" + SHORT_LINE + b"\n")
    assert (len(batch), batch.unparsed, batch.others) == (0, 1, 1)
    assert batch.first_unparsed is not None
    assert batch.first_unparsed.reason == why


def test_the_unit_of_a_time_is_told_by_its_point() -> None:
    chunk = b"\n".join([LONG, LONG_LINE, SECONDS_LINE, LONG_LINE]) + b"\n"
    batch = W3C.columnar().parse(chunk)
    assert list(batch.measures["response_time"]) == [34_000, 34_000, 34_000]


def test_what_only_one_part_of_a_chunk_brings_the_other_does_not_know() -> None:
    chunk = b"\n".join([SHORT, SHORT_LINE, LONG, LONG_LINE]) + b"\n"
    batch = W3C.columnar().parse(chunk)
    agents = [values["user_agent"] for *_, values in batch.hits()]
    assert agents == [b"-", b"a b"]
    assert list(batch.measures["response_time"]) == [-1, 34_000]


def test_the_newest_unparsed_lines_are_kept_over_all_parts() -> None:
    many = [b"no hit %d" % number for number in range(KEPT_LINES)]
    chunk = b"\n".join([SHORT, b"first", LONG, *many, SHORT, b"last"]) + b"\n"
    batch = W3C.columnar().parse(chunk)
    assert batch.unparsed == KEPT_LINES + 2
    assert len(batch.unparsed_lines) == KEPT_LINES
    assert batch.first_unparsed is not None
    assert (batch.first_unparsed.line, batch.unparsed_lines[-1].line) == (b"first", b"last")
    lines = chunk.split(b"\n")
    assert lines[batch.unparsed_at[0]] == b"first"
    newest = batch.unparsed_at[-KEPT_LINES:]
    assert [lines[place] for place in newest] == [each.line for each in batch.unparsed_lines]


def test_cloudfront_tells_the_time_its_origin_took() -> None:
    names = b"timestamp c-ip cs-method cs-uri-stem sc-status x-edge-location origin-fbl origin-lbl"
    chunk = b"#Fields: " + names + b"\n1795336000.123\t192.0.2.1\tGET\t/a\t200\tLAX1\t0.1\t0.25\n"
    batch = CLOUDFRONT.columnar().parse(chunk)
    assert batch.seconds[0] == 1795336000
    assert list(batch.measures["upstream_time"]) == [250_000]
    assert Field.UPSTREAM_TIME in CLOUDFRONT.following(chunk).fields


def test_headers_that_come_without_end_take_little_time() -> None:
    """Nobody's settings change a hundred times in a chunk; what then follows is not read."""
    chunk = b"".join([SHORT + b"\n" + SHORT_LINE + b"\n" + LONG + b"\n"] * 5_000)
    batch = W3C.columnar().parse(chunk)
    assert len(batch) + batch.unparsed + batch.others == 15_000


def test_what_stands_before_the_first_chunk_may_be_of_another_format() -> None:
    for before, name in ((SHORT + b"\n" + SHORT_LINE, "common"), (COMBINED, "combined + common")):
        parser = Parser()
        parser.begin((before + b"\n") * 50)
        batch = parser.parse((COMMON + b"\n") * 3)
        assert (len(batch), batch.unparsed, parser.format_name) == (3, 0, name)


def test_headers_are_followed_before_it_is_known_what_came_of_their_chunks() -> None:
    """Else each chunk behind a header would be parsed twice."""
    parser = Parser(W3C)
    chunks = [SHORT + b"\n", SHORT_LINE + b"\n", LONG + b"\n", LONG_LINE + b"\n"]
    ahead = [(chunk, parser.ahead(chunk)) for chunk in chunks]
    for chunk, columnar in ahead:
        assert columnar is not None
        batch = columnar.parse(chunk)
        assert parser.checked(chunk, batch, columnar) is batch
        assert batch.unparsed == 0


def test_what_was_recognised_meanwhile_is_guessed_for_the_chunks_that_come_then() -> None:
    parser = Parser()
    parser.parse(COMMON + b"\n")
    waiting = [COMBINED + b"\n"] * 2
    ahead = [(chunk, parser.ahead(chunk)) for chunk in waiting]
    for chunk, columnar in ahead:
        assert columnar is not None
        assert len(parser.checked(chunk, columnar.parse(chunk), columnar)) == 1
    following = parser.ahead(COMBINED + b"\n")
    assert following is not None
    assert following.log_format.name == "combined"


@pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
@pytest.mark.parametrize("header", [SHORT, LONG, POOR, SHORT + b"\r", SHORT + b" x-edge-location"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_are_read_in_a_file_unless_a_header_changes_the_fields(
    header: bytes, mark: bytes
) -> None:
    parser = W3C.following(SHORT + b"\n").columnar()
    lines = [SHORT_LINE, b"#Date: x", mark + header, SHORT_LINE, b"no hit", SHORT_LINE]
    chunk = b"\n".join(lines) + b"\n"
    with TemporaryFile(buffering=0) as file:
        file.write(chunk)
        batch = parser.parse_file(FileLines(file.fileno(), 0, len(chunk)))
    same = header.startswith(SHORT) and b"edge" not in header
    assert (batch is not None) == same
    if batch is not None:
        expected = parser.parse(chunk)
        assert told(batch)[:-1] == told(expected)[:-1]  # what is read in a file has no tail
        assert (len(batch), batch.others, batch.unparsed) == (3, 2, 1)


@pytest.mark.parametrize("first", [b"", POOR, SHORT.replace(b"date time c-ip", b"c-ip date time")])
def test_lines_are_not_read_in_a_file_if_a_header_could_be_one(first: bytes) -> None:
    parser = W3C.following(first + b"\n").columnar()
    assert not parser.reads_files
    assert parser.parse_file(FileLines(0, 0, 0)) is None
