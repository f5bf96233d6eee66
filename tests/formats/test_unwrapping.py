"""The scanner takes wrappers off as the wrappers themselves do, on any bytes."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.formats.presets.clf import COMBINED as COMBINED_FORMAT
from logmon_tui.formats.wrapped import unwrapping
from logmon_tui.formats.wrapped.unwrapping import Unwrapped, unwrapped, unwrapped_by_lines
from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS, WrappedFormat, Wrapper
from logmon_tui.native.library import is_native
from logmon_tui.native.scanner import ScannedLines
from logmon_tui.native.specs import ScanWrapper
from logmon_tui.native.wrappers import insides
from tests.effort import examples
from tests.formats import examples_data
from tests.formats.strategies import COMBINED, mutated

NATIVE = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
BY_KIND = {wrapper.scanned: wrapper for wrapper in WRAPPERS}
DOCKER = BY_KIND[ScanWrapper.DOCKER_FILE]
_T = b"2026-11-22T08:26:40"
_MARK = b"\xef\xbb\xbf"

USUAL: dict[ScanWrapper, tuple[bytes, ...]] = {
    ScanWrapper.KUBERNETES: (
        _T + b".123456789Z stdout F a",
        _T + b"+01:00 stderr P a",
        _T + b"Z stdout P:x,y a b",
        _MARK + _T + b"-0130 stderr P a",
    ),
    ScanWrapper.DOCKER_FILE: (
        rb'{"log":"a \"b\" \u003cc\u003e\t\\\/\b\f\r\u00e9\u2028\u0000\n","stream":"","time":"t"}',
        rb'{"log":"a","stream":"stderr","attrs":{"tag":"x","n":"[{\"y\"}]"},"time":"t"}',
        '{"log":"é€\U0001f600\\u000a","time":"é","log2":[1,{"log":null}]}'.encode(),
        rb'{"time":"t","log":"{\"status\":200}\n"}',
    ),
    ScanWrapper.COMPOSE: (
        b"web-1  | a",
        b"\x1b[36mweb_1.x   |\x1b[0m a",
        b"\x1b[1;36mweb |\x1b[0m \x1b[0ma",
        _MARK + b"9 | a",
    ),
    ScanWrapper.KUBECTL: (b"[pod/nginx-7c5/nginx] a", _MARK + b"[pod/a/b] a"),
    ScanWrapper.RFC_5424: (
        b"<165>1 " + _T + b".000003-07:00 192.0.2.1 nginx 8710 - - a",
        b"<1>1 - host httpd 8710 ID47 - " + _MARK + b"a",
        b"1 " + _T + rb'Z h a p m [id@1 i="3" e="A\]\"\\"][b][c d=""] a',
    ),
    ScanWrapper.RFC_3164: (
        b"<190>Nov 22 08:26:40 host nginx: a",
        b"Nov  2 08:26:40 nginx[81]: a",
        b"Nov 12 08:26:40 a: b: c",
        _MARK + b"<1>Nov 22 08:26:40 a[b: c[1]: d",
    ),
    ScanWrapper.RSYSLOG_FILE: (
        _T + b".123456+00:00 host nginx[1]: a",
        b"<13>" + _T + b"+0000 host nginx: a",
    ),
    ScanWrapper.TIMESTAMPS: (_T + b".123456789Z a", _MARK + _T + b"+01:00 a"),
    ScanWrapper.QUOTES: (
        b'"a "b" c"',
        b'"a ""b"" c"\r',
        rb'"a \"b\" \\ \x c"',
        b'"a"',
        b'""',
        rb'"a\\b"',
    ),
}
"""Lines in each wrapper; so little is inside of them that most mutations hit the wrapper."""

LINES = [line.text.encode() for line in examples_data.load("wrapped").lines]
ENDS = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"", b"\0\n"])


def line_of(wrapper: Wrapper) -> st.SearchStrategy[bytes]:
    usual = USUAL[wrapper.scanned]
    others = [line for lines in USUAL.values() for line in lines]
    return st.one_of(
        *(st.sampled_from(usual), mutated(usual), mutated(usual), mutated(LINES), mutated(others)),
        st.binary(max_size=40),
    )


def facts(found: Unwrapped, chunk: bytes) -> list[object]:
    count = len(chunk.removesuffix(b"\n").split(b"\n"))
    numbers = None if found.numbers is None else found.numbers.tolist()
    return [found.chunk, numbers, found.parts, [found.line(number) for number in range(count)]]


def assert_as_by_lines(wrapper: Wrapper, chunk: bytes) -> None:
    expected = facts(unwrapped_by_lines(wrapper, chunk), chunk)
    assert facts(unwrapped(wrapper, chunk), chunk) == expected


@NATIVE
@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.scanned.name)
@settings(max_examples=examples(250), deadline=None)
@given(data=st.data())
def test_any_lines_are_unwrapped_as_the_wrapper_does(wrapper: Wrapper, data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.tuples(line_of(wrapper), ENDS), max_size=6))
    assert_as_by_lines(wrapper, b"".join(text + end for text, end in lines))


@NATIVE
@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.scanned.name)
@settings(max_examples=examples(100), deadline=None)
@given(chunk=st.binary(max_size=300))
@example(chunk=b"")
@example(chunk=b"\n")
@example(chunk=b"\n\n\0\n")
def test_any_bytes_are_unwrapped_as_the_wrapper_does(wrapper: Wrapper, chunk: bytes) -> None:
    assert_as_by_lines(wrapper, chunk)


@NATIVE
@settings(max_examples=examples(500), deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    escaped=st.booleans(),
    end=st.sampled_from(["\n", "", "a"]),
)
def test_what_docker_escapes_is_what_was_logged(text: str, escaped: bool, end: str) -> None:
    entry = {"log": text + end, "attrs": {text: text}, "time": "t"}
    line = json.dumps(entry, ensure_ascii=escaped, separators=(",", ":")).encode() + b"\n"
    assert_as_by_lines(DOCKER, line * 3)
    found = insides(DOCKER.scanned, ScannedLines(line))
    pairs = escaped and any(letter > "\uffff" for letter in text)  # of escapes
    assert bool(len(found.left)) == (pairs or "\n" in (text + end)[:-1])
    if not len(found.left):
        assert found.data.tobytes() == (text + end).removesuffix("\n").encode() + b"\n"


ODD = [
    rb'{"log":"a","log":"b\n","time":"t"}',
    rb'{"log":"a\n","time":"t","time":1}',
    rb'{"\u006cog":"a\n","time":"t"}',
    rb'{"log":"a\n","log":null,"time":"t"}',
    rb'{"log":"a\n","stream":"stdout"}',
    rb'{"time":"t"}',
    rb'{"log":"a\nb\n","time":"t"}',
    rb'{"log":"a\n","time":"t"}}',
    rb'{"log":"a\n","time":"t",}',
    rb'{"log":"a\n","time":"t"',
    rb'{"log":"\ud800\n","time":"t"}',
    rb'{"log":"\ud83d\ude00\n","time":"t"}',
    rb'{ "log" : "a\n", "time":"t" }',
    b'{"log":"a\\n","time":"t"}\r',
    b'{"log":"\xed\xa0\x80\\n","time":"t"}',
    b'{"log":"\xc0\x80\\n","time":"t"}',
    b'{"log":"a\\n","time":"\xff"}',
    b'{"log":"a\x1f\\n","time":"t"}',
    b'\xef\xbb\xbf{"log":"a\\n","time":"t"}',
    b"{}",
    b"{",
]


@NATIVE
@pytest.mark.parametrize("line", ODD)
def test_what_docker_does_not_write_is_for_python_to_say(line: bytes) -> None:
    usual = rb'{"log":"a\n","time":"t"}'
    for lines in ([line], [line, usual], [usual, line, line, usual]):
        assert_as_by_lines(DOCKER, b"\n".join([*lines, b""]))


LIMITS = {
    ScanWrapper.COMPOSE: [b"%s%s| a" % (b"w" * n, b" " * m) for n in (128, 129) for m in (256, 257)]
    + [b"\x1b[%smw | a" % (b"1" * n) for n in (16, 17)]
    + [name + b" | a" for name in (b"_a", b"-a", b".a", b"a_", b"a-", b"a.", b"a:", b"\xe9")],
    ScanWrapper.KUBECTL: [b"[pod/%s/%s] a" % (b"p" * n, b"c" * n) for n in (252, 253, 254)],
    ScanWrapper.RFC_5424: [
        b'<1>1 - %s %s %s %s [%s %s=""] a'
        % tuple(b"x" * (most + (at == over)) for at, most in enumerate((255, 48, 128, 32, 32, 32)))
        for over in range(-1, 6)
    ]
    + [
        b'<1>1 - h a p m [i n="%s"] a' % value
        for value in (b"]", b"[", b"\\\\]", b"\\", b"=", b" ")
    ],
    ScanWrapper.RFC_3164: [
        b"Nov 22 08:26:40 %s %s[%s]: a"
        % tuple(b"x" * (most + (at == over)) for at, most in enumerate((255, 64, 64)))
        for over in range(-1, 3)
    ]
    + [b"<%s>Nov 22 08:26:40 a: b" % (b"1" * n) for n in range(5)],
    ScanWrapper.TIMESTAMPS: [_T + b"." + b"1" * n + b"Z a" for n in range(11)],
}


@NATIVE
@pytest.mark.parametrize("kind", LIMITS, ids=lambda kind: kind.name)
def test_the_longest_that_a_wrapper_allows_is_the_same(kind: ScanWrapper) -> None:
    wrapper = BY_KIND[kind]
    unwrapped_ones = [line for line in LIMITS[kind] if wrapper.unwrap(line) is not None]
    assert 0 < len(unwrapped_ones) < len(LIMITS[kind])
    for line in LIMITS[kind]:
        assert_as_by_lines(wrapper, line + b"\n")


@NATIVE
@pytest.mark.parametrize("kind", USUAL, ids=lambda kind: kind.name)
def test_no_usual_line_is_left_to_python(kind: ScanWrapper) -> None:
    chunk = b"\n".join(USUAL[kind]) + b"\n"
    found = insides(kind, ScannedLines(chunk))
    assert found.left.tolist() == []
    assert all(BY_KIND[kind].unwrap(line) is not None for line in USUAL[kind])
    # Nothing but what is inside was written, so the wrapper was taken off.
    assert found.data.tobytes() == unwrapped_by_lines(BY_KIND[kind], chunk).chunk


@NATIVE
def test_lines_that_are_left_stand_where_they_stood() -> None:
    half = rb'{"log":"\ud83d\ude00 a","time":"t"}'  # a pair of escapes that make one character
    whole = rb'{"log":"b\n","time":"t"}'
    chunk = b"\n".join([half, whole, half, half, whole, whole, half]) + b"\n"
    assert insides(DOCKER.scanned, ScannedLines(chunk)).left.tolist() == [0, 2, 3, 6]
    found = unwrapped(DOCKER, chunk)
    cut = "\U0001f600 a".encode()
    assert found.chunk == b"\n".join([cut + b"b", cut + cut + b"b", b"b", cut, b""])
    assert_as_by_lines(DOCKER, chunk)


@NATIVE
@pytest.mark.parametrize("kind", USUAL, ids=lambda kind: kind.name)
def test_lines_of_ten_megabytes_are_unwrapped(kind: ScanWrapper) -> None:
    long = b"x" * (10 << 20)
    lines = [line.replace(b"a", long, 1) for line in USUAL[kind][:1]]
    assert_as_by_lines(BY_KIND[kind], b"\n".join([*lines, *USUAL[kind], long, b""]))


def test_without_the_scanner_the_wrapper_itself_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwrapping, "is_native", lambda: False)
    monkeypatch.setattr(unwrapping, "ScannedLines", None)
    chunk = b"\n".join([*USUAL[ScanWrapper.COMPOSE], b"web-1 | " + COMBINED, b"no hit", b""])
    wrapper = BY_KIND[ScanWrapper.COMPOSE]
    assert_as_by_lines(wrapper, chunk)
    batch = WrappedFormat.of(wrapper, COMBINED_FORMAT).columnar().parse(chunk)
    assert (len(batch), batch.unparsed) == (1, 5)
    assert batch.unparsed_lines[0].line == USUAL[ScanWrapper.COMPOSE][0]


@NATIVE
def test_a_chunk_longer_than_places_can_tell_is_unwrapped_by_the_wrapper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unwrapping, "MAX_BYTES", 10)
    monkeypatch.setattr(unwrapping, "ScannedLines", None)
    assert_as_by_lines(BY_KIND[ScanWrapper.COMPOSE], b"web-1 | " + COMBINED + b"\n")
