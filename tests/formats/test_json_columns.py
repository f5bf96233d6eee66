"""The columnar parser of JSON gives the line parser's answer, on any bytes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.formats.json.json_format import JsonFormat, JsonLineParser, Mark, member
from logmon_tui.formats.json.json_names import generic_json
from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.converters import Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.transforms import Transform
from logmon_tui.formats.presets.json import CADDY, CLOUDFLARE, ENVOY, GCP, NGINX_JSON, TRAEFIK
from logmon_tui.native.library import is_native
from tests.effort import examples
from tests.formats.examples_data import load
from tests.formats.strategies import COMBINED

needs_scanner = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")

JSON_PRESETS = (CADDY, TRAEFIK, ENVOY, NGINX_JSON, CLOUDFLARE, GCP)

MIXED = JsonFormat.of(
    "mixed",
    member(Field.TIME, "t", "u.t"),
    member(Field.METHOD, "m"),
    member(Field.TARGET, "p"),
    member(Field.STATUS, "s"),
    member(Field.SIZE, "b"),
    member(Field.HOST, "h", transform=Transform.WITHOUT_PORT),
    member(Field.USER, "u.n"),
    member(Field.TLS, "v", transform=Transform.TLS_VERSION),
    member(Field.RESPONSE_TIME, "d"),
    member(Field.UPSTREAM_TIME, "e", unit=Unit.NANOSECONDS),
    member(Field.BYTES_IN, "i"),
    mark=Mark(("g",), "y"),
    status_optional=True,
)
FORMATS = (*JSON_PRESETS, MIXED)

EXAMPLES = [
    text.encode()
    for preset in JSON_PRESETS
    for text in (*(line.text for line in load(preset.name).lines), *load(preset.name).no_hits)
]

USUAL: dict[str, Any] = {"t": 1795336000.25, "m": "GET", "p": "/a/b", "s": 200, "b": 5, "g": "y"}

_ODD: st.SearchStrategy[Any] = st.sampled_from(
    (
        *(None, True, False, 0, -1, 5, 99, 100, 999, 1000, 2**53 + 1, 2**63, 10**40, 1795336000123),
        *(0.5, -0.5, 200.0, 1e300, 2.364e-06, 1.5e-06, 1795336000.999999, 9.9e18, 1e15, 1e12),
        *("", "-", "0", "200", "007", "5.5", "0.000929675", "0.1, 0.2 : -", "1.2ms", "3µs", "1m2s"),
        *("12s", "1s, 2", "inf", "nan", "1e5", " 5", "+5", "1_0", "٣", "5\n", "9" * 15, "9" * 16),
        *("2026-11-22T08:26:40.123Z", "2026-11-22 08:26:40", "22/Nov/2026:08:26:40 +0100"),
        *("2026-11-22T08:26:40+01:0", "2026-02-30T08:26:40Z", "1795336000", "1795336000.5", "Z"),
        *("10.0.0.1:80", "[::1]:443", "[]:80", ":80", "::1", "a:b:80", "[a]b:80", "é:123456"),
        *("/a?b=c", "GET /a HTTP/1.1", "http://x/y", "*", "y", "772", "1.3", "\n", "\0", "\ud800"),
        *("\udcff", "\ud83d\ude00", "}\n{", '"', "\\"),
        *([], [5], ["x", "y"], [[]], [None], {}, {"n": "mary"}, {"n": 1, "t": 1795336000}),
        *(["y"], [None, "x"], ["200"], {"n": ["x"]}, "\udcff:80", "[\udcff]:80", "200\udcff"),
        *(-0.0, 2**53, 2**63 - 1, 1795336000123456789, 5e-324, float("nan"), float("-inf")),
    )
)
_VALUES = st.dictionaries(st.sampled_from([*"tmpsbhuvdeig", "x"]), _ODD, max_size=5)

_PIECES = st.sampled_from(
    (
        *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\r", b"\n", b"\0", b"\xff", b" "),
        *(b"\xef\xbb\xbf", b"-", b"0", b"1e400", b"NaN", b"null", b'"s":404,', b'"p":"/z",', b"}{"),
        *(b'"x":Inf,', b'"x":[-NaN],', b'"x":NaN,', b'"x":1.,', b'"x":01,', b'"\\u0073":404,'),
        *(b'"s":200,"s":404,', b'"x":' + b"[" * 600 + b"]" * 600 + b",", b" Inf ", b"/**/", b"-0"),
        *(rb"\u0000", rb"\ud800", rb"\udcff", rb"\x22", rb"\q", b"\t", b"}\n{", b"\x1f", b"1" * 50),
    )
)


def dumped(values: dict[str, Any], *, ascii_only: bool) -> bytes:
    text = json.dumps(values, ensure_ascii=ascii_only, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A line with a few pieces put in, cut out or doubled."""
    line = draw(st.one_of(st.sampled_from(EXAMPLES), odd_lines()))
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(line)))
        end = draw(st.integers(start, min(len(line), start + 12)))
        piece = draw(st.one_of(st.just(b""), _PIECES, st.just(line[start:end] * 2)))
        line = line[:start] + piece + line[end:]
    return line


def odd_lines() -> st.SearchStrategy[bytes]:
    return st.builds(
        lambda odd, ascii_only: dumped(USUAL | odd, ascii_only=ascii_only), _VALUES, st.booleans()
    )


def lines() -> st.SearchStrategy[bytes]:
    return st.one_of(
        st.sampled_from(EXAMPLES),
        odd_lines(),
        odd_lines(),
        mutated(),
        st.sampled_from([COMBINED, b"", b"{}", b"[]", dumped(USUAL, ascii_only=True)]),
        st.binary(max_size=20),
    )


def chunks() -> st.SearchStrategy[bytes]:
    joined = st.lists(lines(), min_size=1, max_size=8).map(lambda parts: b"\n".join(parts) + b"\n")
    return st.one_of(joined, joined, joined.map(lambda chunk: chunk.replace(b"\n", b"\r\n")))


def whole(batch: HitBatch) -> list[object]:
    """The hits of a batch with their measures."""
    measures = {name: values.tolist() for name, values in batch.measures.items()}
    return [*batch.hits(), measures]


@cache
def columnar(log_format: JsonFormat) -> ColumnarParser:
    """The parser of a format, made once: making it takes longer than a small chunk."""
    return log_format.columnar()


def agree(log_format: JsonFormat, chunk: bytes) -> None:
    parser = log_format.line_parser()
    texts = chunk.removesuffix(b"\n").split(b"\n")
    hits = [hit for hit in map(parser.parse, texts) if hit]
    rest = [text for text in texts if parser.parse(text) is None]
    unparsed = [text for text in rest if not parser.is_other(text)]
    batch = columnar(log_format).parse(chunk)
    assert whole(batch) == whole(batch_of_hits(hits, log_format))
    assert (batch.unparsed, batch.others) == (len(unparsed), len(rest) - len(unparsed))
    assert list(batch.unparsed_lines) == [parser.unparsed(text) for text in unparsed]


@pytest.mark.parametrize("log_format", FORMATS, ids=lambda each: each.name)
@settings(max_examples=examples(150), deadline=None)
@given(chunk=chunks())
@example(chunk=b"\n".join(EXAMPLES) + b"\n")
@example(chunk=b"\n\n")
@example(chunk=b"{}{}\n\n")
@example(chunk=b"{}\n{}{}\n")
@example(chunk=b'{"t":\n1}\n{}{}\n')
def test_agrees_with_the_line_parser_on_arbitrary_bytes(
    log_format: JsonFormat, chunk: bytes
) -> None:
    agree(log_format, chunk)


@settings(max_examples=examples(600), deadline=None)
@given(values=st.lists(_VALUES, min_size=1, max_size=4))
@example(values=[{"d": 1.5e-06}, {"d": 1}])
@example(values=[{"d": 5e-07}, {"e": 500}])
@example(values=[{"u": {"n": "mary"}}, {"u": {"n": 1}}])
@example(values=[{"g": ["y"]}])
@example(values=[{"h": "[]:80"}])
@example(values=[{"t": [], "u": {"t": 1795336000}}])
@example(values=[{"t": 1795336000123456789}, {"t": 1795336000.5}])
@example(values=[{"s": None}, {"s": [None]}])
def test_agrees_with_the_line_parser_on_any_value(values: list[dict[str, Any]]) -> None:
    """Columns of one kind of values are read together, so those are tried, too."""
    agree(MIXED, b"".join(dumped(USUAL | odd, ascii_only=True) + b"\n" for odd in values))
    for odd in values:
        agree(MIXED, (dumped(USUAL | odd, ascii_only=False) + b"\n") * 3)


@contextmanager
def line_parser_for(most: int) -> Iterator[None]:
    """Let the line parser read so many lines at most: the scanner must read the others."""
    parse = JsonLineParser.parse
    read: list[bytes] = []

    def counted(self: JsonLineParser, line: bytes) -> Hit | None:
        read.append(line)
        assert len(read) <= most, line
        return parse(self, line)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JsonLineParser, "parse", counted)
        yield


def usual_chunk(log_format: JsonFormat) -> bytes:
    r"""The documented lines, without those in which `\x1f` stands, which is no JSON."""
    texts = [line.text for line in load(log_format.name).lines if not line.definition]
    return "".join(f"{text}\n" for text in texts if r"\x" not in text).encode()


@needs_scanner
@pytest.mark.parametrize("log_format", JSON_PRESETS, ids=lambda each: each.name)
def test_usual_lines_take_the_fast_path(log_format: JsonFormat) -> None:
    chunk = usual_chunk(log_format)
    with line_parser_for(0):
        assert len(log_format.columnar().parse(chunk)) == chunk.count(b"\n")


@needs_scanner
@pytest.mark.parametrize(
    "odd",
    [
        b"level=error msg=plugin",
        b"",
        rb'{"x":"\x1f"}',
        rb'{"x":"\ud800"}',
        b'{"x":"\0"}',
        b"\xef\xbb\xbf{}",
        b'{"msg":"started","ts":1795336000.5}',
    ],
    ids=lambda odd: odd[:20].decode("latin-1"),
)
def test_a_few_odd_lines_do_not_slow_down_the_others(odd: bytes) -> None:
    usual = [*[dumped(USUAL, ascii_only=True)] * 600]
    chunk = b"\n".join([odd, *usual[:300], odd, odd, *usual[300:], odd]) + b"\n"
    with line_parser_for(4):
        assert len(MIXED.columnar().parse(chunk)) == 600
    agree(MIXED, chunk)


@needs_scanner
@pytest.mark.parametrize(
    "value", ["Inf", "[-Inf]", "-NaN", "[0, Inf]", "[" * 90_000 + "]" * 90_000]
)
def test_what_is_no_json_is_no_hit(value: str) -> None:
    """Nothing is wanted of the member at which it stands."""
    usual = dumped(USUAL, ascii_only=True)
    odd = usual[:-1] + f',"x":{value}}}'.encode()
    chunk = b"\n".join([*[usual] * 600, odd]) + b"\n"
    with line_parser_for(1):
        batch = MIXED.columnar().parse(chunk)
    assert (len(batch), batch.unparsed) == (600, 1)


@pytest.mark.parametrize("kind", ["1", "0.5", '"5"', "true", "{}", '["x"]', "1e400", "9" * 30])
def test_a_value_of_another_kind_costs_time_but_no_hit(kind: str) -> None:
    usual = dumped(USUAL | {"i": 7, "v": "1.3", "x": 0}, ascii_only=True)
    for old in (b'"i":7', b'"v":"1.3"', b'"x":0'):
        odd = usual.replace(old, old[:4] + kind.encode())
        agree(MIXED, b"\n".join([*[usual] * 303, odd, *[usual] * 303]) + b"\n")


@settings(max_examples=examples(300), deadline=None)
@given(odd=st.lists(mutated(), min_size=1, max_size=3), before=st.integers(0, 2))
def test_a_line_is_read_alike_whatever_stands_before_it(odd: list[bytes], before: int) -> None:
    """What stands between values is compared with the lines before."""
    others = [text for text in EXAMPLES for _ in range(before)]
    for log_format in FORMATS:
        agree(log_format, b"\n".join([*odd, *others, *odd]).replace(b"\n\n", b"\n") + b"\n")


_WITHIN = (
    *('"u":{"n":"mary"}', '"u":{"n":"mary","n":"eve"}', '"u":{"n":"mary"},"u":5', '"u":{},"u":{}'),
    *('"u":{"n":1},"u":{}', '"u":{},"u":{"n":"mary"}', '"u":5,"u":{"n":"mary"}', '"u":[{"n":1}]'),
    *('"u":{"x":{"n":1},"n":"eve"}', '"u":{"n":["mary",{}]}', '"u":{"n":[]}', '"u":{"n":{"n":1}}'),
    *('"u" : {"n":"mary"}', '"u":{"n":"mary" }', '"u":{ "n":"mary"}', '"u":{"n": "mary"}'),
    *('"x":[1,2]', '"x":[1]', '"x":[[1],2]', '"x":[1,[2]]', '"x":[1]]', '"x":{"a":1]', '"x":[1,]'),
    *('"x":{"a":1,"b":2}', '"x":{"a":1},"b":2', '"x":{"a":"1"},"b":2', '"x":{"a":{"b":2}}'),
    *('"s":404,"m":"PUT"', '"m":"PUT","x":1', '"x":1,"m":"PUT"', '"x":1,"x":1', '"x""x"'),
    *('"v":[null]', '"v":["1.3"]', '"v":"1.3"', '"v":[["1.3"]]', '"v":[{"a":1},"1.3"]', '"v":null'),
)


def test_lines_with_the_same_names_are_told_apart() -> None:
    usual = dumped(USUAL, ascii_only=True)[:-1].decode()
    lines = [f"{usual},{within}}}".encode() for within in _WITHIN]
    for first in lines:
        agree(MIXED, b"\n".join(text for other in lines for text in (first, other)) + b"\n")


@needs_scanner
def test_values_of_all_kinds_take_the_fast_path() -> None:
    usual = dumped(USUAL, ascii_only=True)[:-1]
    kinds = (b"1", b'"a"', b"null", b"[1]", b"[]", b"[[]]", b"{}", b'{"a":1}', b" true", b"[ 1 ]")
    lines = [usual + b',"x":' + kind + b"}" for other in kinds for kind in (b"1", other, b"[2]")]
    with line_parser_for(0):
        assert len(MIXED.columnar().parse(b"\n".join(lines) + b"\n")) == len(lines)


@needs_scanner
@pytest.mark.parametrize(
    "more",
    [
        "".join(f',"x{number}":{number}' for number in range(600)),
        "".join(f',"{"x" * 200}{number}":{number}' for number in range(60)),
        ',"x":' + " " * 300 + "1",
    ],
    ids=["many names", "long names", "spaces"],
)
def test_lines_of_more_names_than_are_remembered_are_read(more: str) -> None:
    usual = dumped(USUAL, ascii_only=True)
    long = usual[:-1] + more.encode() + b"}"
    chunk = b"\n".join([usual, long, usual, long, long]) + b"\n"
    with line_parser_for(0):
        assert len(MIXED.columnar().parse(chunk)) == 5
    agree(MIXED, chunk)


def test_a_derived_format_is_parsed_by_columns_as_well() -> None:
    chunk = "".join(f"{line.text}\n" for line in load("json").lines[:1]).encode() * 3
    log_format = generic_json(chunk.splitlines())
    assert log_format is not None
    agree(log_format, chunk)
    assert len(log_format.columnar().parse(chunk)) == 3


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000], ids=["lists", "objects"])
def test_deep_nesting_costs_one_line_in_any_thread(nested: bytes) -> None:
    good = dumped(USUAL, ascii_only=True) + b"\n"
    deep = b'{"x":' + nested + b"}\n"
    batches: list[HitBatch] = []
    parser = MIXED.columnar()
    thread = threading.Thread(target=lambda: batches.append(parser.parse(good + deep + good)))
    thread.start()
    thread.join()
    assert (len(batches[0]), batches[0].unparsed) == (2, 1)
