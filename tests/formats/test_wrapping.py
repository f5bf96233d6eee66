"""Lines in what container and system loggers put around them read as the lines inside."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.detection import recognise
from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.field import MEASURES
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMBINED as COMBINED_FORMAT
from logmon_tui.formats.presets.w3c import W3C
from logmon_tui.formats.wrapped.unwrapping import unwrapped
from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS, WrappedFormat, Wrapper
from tests.effort import examples
from tests.formats import examples_data
from tests.formats.strategies import COMBINED, COMMON, chunks
from tests.formats.test_recognition import WRAPPED

EXAMPLE = examples_data.load("wrapped")
BY_NAME = {preset.name: preset for preset in PRESETS}
NUMBERED = {f"{number} {wrapper.name}": wrapper for number, wrapper in enumerate(WRAPPERS)}
KUBERNETES, DOCKER, COMPOSE = WRAPPERS[:3]
T = b"2026-11-22T08:26:40.5Z "


@pytest.mark.parametrize("line", EXAMPLE.lines, ids=lambda line: line.text[:30])
def test_a_wrapped_line_says_what_the_line_inside_says(line: examples_data.Line) -> None:
    if line.preset not in BY_NAME:
        pytest.skip(f"{line.preset} is no preset")
    found = recognise([line.text.encode()])
    assert found is not None
    assert found.format.name.startswith(f"{line.preset} (")
    batch = found.format.columnar().parse(line.text.encode() + b"\n")
    [(second, status, size, values)] = batch.hits()
    assert (second, status, size) == (line.second, line.status, line.size)
    assert {name: text.decode() for name, text in values.items()} == line.values
    assert {str(name): value[0] for name, value in batch.measures.items()} == line.measures


@pytest.mark.parametrize("line", EXAMPLE.no_hits)
def test_other_messages_in_wrappers_are_no_hits(line: str) -> None:
    assert recognise([line.encode()]) is None


LOGGED = st.sampled_from([COMBINED, COMMON, b"no hit", b"", b'"', b"\xff\x00 \xe2\x80\xae", b"#"])
LINES = st.one_of(
    LOGGED,
    st.binary(max_size=40).map(lambda text: text.replace(b"\n", b"")),
    st.tuples(st.sampled_from(sorted(set(WRAPPED) - {"Docker json-file"})), LOGGED).map(
        lambda pair: WRAPPED[pair[0]](pair[1])
    ),
    st.sampled_from([COMBINED, COMMON, b"no hit"]).map(WRAPPED["Docker json-file"]),
)


def facts(batch: HitBatch) -> list[object]:
    return [list(batch.hits()), {name: list(each) for name, each in batch.measures.items()}]


@pytest.mark.parametrize("wrapper", NUMBERED.values(), ids=list(NUMBERED))
@settings(max_examples=examples(150), deadline=None)
@given(lines=st.lists(LINES, min_size=1, max_size=12))
def test_chunks_read_as_their_lines_do_one_by_one(wrapper: Wrapper, lines: list[bytes]) -> None:
    log_format = WrappedFormat.of(wrapper, COMBINED_FORMAT)
    parser = log_format.line_parser()
    chunk = b"".join(line + b"\n" for line in lines)
    hits = [hit for hit in map(parser.parse, lines) if hit is not None]
    left = [line for line in lines if parser.parse(line) is None]
    unparsed = [parser.unparsed(line) for line in left if not parser.is_other(line)]
    for batch in (log_format.columnar().parse(chunk), log_format.columnar().parse_by_lines(chunk)):
        assert facts(batch) == facts(batch_of_hits(hits, log_format))
        assert list(batch.unparsed_lines) == unparsed
        assert batch.first_unparsed == (unparsed[0] if unparsed else None)
        assert [lines[place] for place in batch.unparsed_at] == [each.line for each in unparsed]
        assert (batch.unparsed, batch.others) == (len(unparsed), len(left) - len(unparsed))
        assert batch.tail == tuple(lines)
        assert batch.format_name == f"combined ({wrapper.name})"


@pytest.mark.parametrize("wrapper", NUMBERED.values(), ids=list(NUMBERED))
@settings(max_examples=examples(100), deadline=None)
@given(chunk=chunks())
def test_any_bytes_can_be_looked_at(wrapper: Wrapper, chunk: bytes) -> None:
    lines = chunk.removesuffix(b"\n").split(b"\n")
    inside = unwrapped(wrapper, chunk).chunk
    assert inside.count(b"\n") <= len(lines)
    batch = WrappedFormat.of(wrapper, COMBINED_FORMAT).columnar().parse(chunk)
    assert len(batch) + batch.unparsed + batch.others == len(lines)


def test_lines_that_were_cut_are_joined_and_each_line_is_counted_once() -> None:
    middle = len(COMBINED) // 2
    lines = [
        T + b"stdout P " + COMBINED[:9],
        T + b"stdout P " + COMBINED[9:middle],
        T + b"stdout F " + COMBINED[middle:],
        T + b"stderr F no hit",
        T + b"stdout F " + COMBINED,
        T + b"stdout P " + COMBINED[:30],
    ]
    batch = (
        WrappedFormat.of(KUBERNETES, COMBINED_FORMAT).columnar().parse(b"\n".join(lines) + b"\n")
    )
    assert (len(batch), batch.unparsed, batch.others) == (2, 2, 2)
    assert [each.line for each in batch.unparsed_lines] == [lines[3], lines[5]]
    assert batch.tail == tuple(lines)


def test_docker_marks_lines_that_were_cut_by_the_newline_that_is_missing() -> None:
    whole = WRAPPED["Docker json-file"](COMBINED)
    cut = WRAPPED["Docker json-file"](COMBINED[:50]).replace(rb'\n"', b'"')
    rest = WRAPPED["Docker json-file"](COMBINED[50:])
    batch = (
        WrappedFormat.of(DOCKER, COMBINED_FORMAT)
        .columnar()
        .parse(b"\n".join([whole, cut, rest, whole]) + b"\n")
    )
    assert (len(batch), batch.unparsed, batch.others) == (3, 0, 1)


@pytest.mark.parametrize("text", [r"a\nb\n", r"\ud800\n"])
def test_what_docker_would_not_write_is_left_as_it_stands(text: str) -> None:
    assert DOCKER.unwrap(f'{{"log":"{text}","time":"t"}}'.encode()) is None


@pytest.mark.parametrize(
    "prefix",
    [
        b"web-1  | ",
        b"my_app.web-12                | ",
        b"\x1b[36mweb-1  |\x1b[0m ",
        b"\x1b[33mweb-1  | \x1b[0m",
        b"\x1b[1;36mweb-1   \x1b[0m| "[:0] + b"\x1b[36;1mweb-1  | \x1b[0m",
    ],
)
def test_names_of_services_may_be_coloured(prefix: bytes) -> None:
    assert COMPOSE.unwrap(prefix + b"text") == b"text"


def test_headers_in_wrappers_are_followed() -> None:
    wrapped = WrappedFormat.of(COMPOSE, W3C)
    header = b"web-1  | #Fields: date time c-ip cs-method cs-uri-stem sc-status\n"
    line = b"web-1  | 2026-11-22 08:26:40 192.0.2.1 GET /a 200\n"
    following = wrapped.following(line + header)
    assert len(wrapped.columnar().parse(line)) == 0
    assert len(following.columnar().parse(line)) == 1
    assert following.following(line) is following
    assert following.name == "w3c (docker-compose)"


def test_all_measures_of_the_formats_inside_are_told() -> None:
    formats = [preset for preset in PRESETS if preset.fields & MEASURES.keys()]
    for preset in formats:
        example = examples_data.load(preset.name)
        chunk = b"".join(b"web-1  | " + line + b"\n" for line in example.log.splitlines())
        batch = WrappedFormat.of(COMPOSE, preset).columnar().parse(chunk)
        assert facts(batch) == facts(preset.columnar().parse(example.log))


HOSTILE = {
    "spaces": b" " * 200_000,
    "names": b"a" * 200_000,
    "quotes": b'"' * 200_000,
    "escapes": b'"' + b'\\"' * 100_000,
    "brackets": b"[pod/" + b"/" * 200_000,
    "digits": b"<1" * 100_000,
    "tags": b"Nov 22 08:26:40 " + b"a[" * 100_000,
    "hosts": b"Nov 22 08:26:40 " + b"a: " * 60_000,
    "data": b"<1>1 - h a p m " + b'[a b="' * 40_000,
    "more data": b"<1>1 - h a p m " + b'[a b="c"]' * 30_000,
    "colours": b"\x1b[" + b"0;" * 100_000,
    "json": b'{"log":' + b"[" * 100_000,
    "deep": b'{"log":"\\n","time":' + b'{"a":' * 50_000,
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_lines_are_unwrapped_in_linear_time(line: bytes) -> None:
    """It takes some milliseconds; a second is for the slowest machine."""
    started = time.process_time()
    for wrapper in WRAPPERS:
        wrapper.unwrap(line)
        wrapper.is_part(line)
        unwrapped(wrapper, line + b"\n")
    assert time.process_time() - started < 1
