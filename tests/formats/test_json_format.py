"""JSON lines, one by one: the documented lines of each preset, what is read how, hostile lines."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.errors import FormatError
from logmon_tui.escape import printable
from logmon_tui.formats.json.json_format import JsonFormat, Mark, member
from logmon_tui.formats.json.json_names import generic_json
from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.converters import Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import UNKNOWN, Hit
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets.json import CADDY, CLOUDFLARE, ENVOY, GCP, NGINX_JSON, TRAEFIK
from tests.formats.examples_data import Example, Line, load

REAL_LOGS = os.environ.get("LOGMON_REAL_LOGS")

JSON_PRESETS = (CADDY, TRAEFIK, ENVOY, NGINX_JSON, CLOUDFLARE, GCP)
EXAMPLES = [(preset, load(preset.name)) for preset in JSON_PRESETS]

LINES = [
    pytest.param(preset, line, id=f"{preset.name}:{at}")
    for preset, example in EXAMPLES
    for at, line in enumerate(example.lines)
]

PLAIN = JsonFormat.of(
    "plain",
    member(Field.TIME, "time"),
    member(Field.METHOD, "method"),
    member(Field.TARGET, "path", "request.path"),
    member(Field.STATUS, "status"),
    member(Field.SIZE, "size"),
    member(Field.USER, "user"),
    member(Field.USER_AGENT, "agent"),
    member(Field.RESPONSE_TIME, "took"),
    member(Field.UPSTREAM_TIME, "upstream", unit=Unit.MILLISECONDS),
    member(Field.BYTES_IN, "in"),
)


def hit(line: bytes, log_format: LogFormat = PLAIN) -> Hit | None:
    return log_format.line_parser().parse(line)


def line(**values: Any) -> bytes:
    usual = {"time": 1795336000, "method": "GET", "path": "/a", "status": 200}
    return json.dumps(usual | values, separators=(",", ":")).encode()


def read(**values: Any) -> Hit:
    found = hit(line(**values))
    assert found is not None
    return found


def values_of(log_format: LogFormat, found: Hit) -> dict[str, bytes]:
    return next(iter(batch_of_hits([found], log_format).hits()))[3]


@pytest.mark.parametrize(("preset", "example"), LINES)
def test_documented_lines_say_what_is_documented(preset: JsonFormat, example: Line) -> None:
    """A line of another form is read by its own names."""
    log_format = preset
    if example.definition:
        found_format = generic_json([example.text.encode()])
        assert found_format is not None
        log_format = found_format
    found = hit(example.text.encode(), log_format)
    assert found is not None
    assert (found.second, found.status, found.size) == (
        example.second,
        example.status,
        example.size,
    )
    told = values_of(log_format, found)
    assert {name: value.decode() for name, value in told.items()} == example.values
    assert {name: getattr(found, name) for name in example.measures} == example.measures


@pytest.mark.parametrize("example", load("json").lines, ids=lambda each: each.text[:30])
def test_documented_lines_of_any_program_are_read_by_their_names(example: Line) -> None:
    log_format = generic_json([example.text.encode()])
    assert log_format is not None
    found = hit(example.text.encode(), log_format)
    assert found is not None
    assert (found.second, found.status, found.size) == (
        example.second,
        example.status,
        example.size,
    )
    told = values_of(log_format, found)
    assert {name: value.decode() for name, value in told.items()} == example.values
    assert {name: getattr(found, name) for name in example.measures} == example.measures


@pytest.mark.parametrize(
    ("preset", "example"), EXAMPLES, ids=lambda each: getattr(each, "name", "")
)
def test_other_lines_are_no_hits(preset: JsonFormat, example: Example) -> None:
    parser = preset.line_parser()
    for text in example.no_hits:
        assert parser.parse(text.encode()) is None
        assert parser.is_other(text.encode()) or parser.reason(text.encode())


@pytest.mark.parametrize("preset", JSON_PRESETS, ids=lambda preset: preset.name)
def test_lines_of_other_presets_are_no_hits(preset: JsonFormat) -> None:
    parser = preset.line_parser()
    for other, example in EXAMPLES:
        if other is not preset:
            assert [text for text in example.lines if parser.parse(text.text.encode())] == []


@pytest.mark.parametrize(
    ("value", "second"),
    [
        (1795336000, 1795336000),
        (1795336000.999, 1795336000),
        (1795336000123, 1795336000),
        (1795336000999999, 1795336000),
        (1795336000999999999, 1795336000),
        ("1795336000.123", 1795336000),
        ("2026-11-22T08:26:40.999Z", 1795336000),
        ("2026-11-22T09:26:40+01:00", 1795336000),
        ("22/Nov/2026:08:26:40 +0000", 1795336000),
        (["2026-11-22T08:26:40Z"], 1795336000),
    ],
)
def test_times_come_in_many_forms(value: object, second: int) -> None:
    assert read(time=value).second == second


@pytest.mark.parametrize(
    "value", ["", "yesterday", 0, -1, 12.5, 10**19, 10**400, True, {}, [], "2026-13-01T00:00:00Z"]
)
def test_what_is_no_time_is_no_hit(value: object) -> None:
    assert hit(line(time=value)) is None
    assert not PLAIN.line_parser().is_other(line(time=value))


@pytest.mark.parametrize(
    ("value", "status"),
    [(200, 200), ("404", 404), (503.0, 503), (0, 0), ("0", 0), ("000", 0), ([301], 301)],
)
def test_status_codes_come_as_numbers_and_texts(value: object, status: int) -> None:
    assert read(status=value).status == status


@pytest.mark.parametrize(
    "value", [True, False, 99, 1000, -200, 200.5, "2xx", "", "-", {}, [], 10**30]
)
def test_what_is_no_status_is_no_hit(value: object) -> None:
    assert hit(line(status=value)) is None


@pytest.mark.parametrize(
    ("value", "microseconds"),
    [
        (0.000929675, 930),
        (2.364e-06, 2),
        (3, 3_000_000),
        ("0.123", 123_000),
        ("0.123s", 123_000),
        ("1.2ms", 1_200),
        ("357.313µs", 357),
        ("357.313μs", 357),
        ("750us", 750),
        ("1m2.5s", 62_500_000),
        ("0.1, 0.2 : 0.3", 600_000),
        ("0.1, -", 100_000),
        *((none, UNKNOWN) for none in ("-", "", "soon", -1, -0.5, None, True, {}, 10**400)),
        *((none, UNKNOWN) for none in (1e308, "-1", "1e5", "s", "1 parsec")),
    ],
)
def test_response_times_come_in_many_forms(value: object, microseconds: int) -> None:
    assert read(took=value).response_time == microseconds


def test_a_bare_number_is_in_the_unit_of_its_format() -> None:
    assert read(upstream=12.5).upstream_time == 12_500
    assert read(upstream="3").upstream_time == 3_000
    assert read(upstream="3s").upstream_time == 3_000_000


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (5, 5),
        ("5", 5),
        (5.0, 5),
        *((none, None) for none in (-5, "-", "", None, 1.5, True, 10**15)),
    ],
)
def test_what_is_no_number_of_bytes_is_none(value: object, size: int | None) -> None:
    found = read(size=value, **{"in": value})
    assert (found.size, found.bytes_in) == ((size, size) if size is not None else (0, UNKNOWN))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("mary", b"mary"),
        ("", b"-"),
        (None, b"-"),
        (7, b"7"),
        (True, b"-"),
        ({"name": "mary"}, b"-"),
        (["mary", "bob"], b"mary"),
        ([], b"-"),
        ("\x00\x1b[2J\n", b"\x00\x1b[2J\n"),
        ("é\ud800x", "é\ufffdx".encode()),
        ("\udcff", b"\xff"),
        ("😀", "😀".encode()),
    ],
)
def test_texts_become_utf8_in_one_way(value: object, text: bytes) -> None:
    assert read(user=value).user == text


def test_bytes_that_are_no_utf8_stay_as_they_are() -> None:
    assert hit(line(user="X").replace(b"X", b"\xff\xfe")) == read()._replace(user=b"\xff\xfe")


def test_bytes_escaped_as_servers_do_are_these_bytes() -> None:
    found = hit(line(user="X").replace(b"X", rb"\xc3\xa9\x22\\x41"))
    assert found == read(user='é"\\x41')


def test_the_first_place_at_which_there_is_something_counts() -> None:
    assert read(path=None, request={"path": "/b"}).target == b"/b"
    assert read(request={"path": "/b"}).target == b"/a"


def test_of_names_that_come_twice_the_last_counts() -> None:
    assert hit(line()[:-1] + b',"status":404}') == read(status=404)


def test_the_byte_order_mark_and_the_carriage_return_belong_to_nothing() -> None:
    assert hit(b"\xef\xbb\xbf" + line() + b"\r") == read()


def test_whole_json_with_a_time_but_no_request_is_another_message() -> None:
    parser = PLAIN.line_parser()
    assert parser.parse(line(path=None, status=None)) is None
    assert parser.is_other(line(path=None, status=None))
    assert not parser.is_other(line(status=None))  # the format may tell another place for it
    assert not parser.is_other(line(path=None))
    assert not parser.is_other(line())
    assert not parser.is_other(b'{"msg":"no time"}')
    assert not parser.is_other(b"[]")
    assert not parser.is_other(line()[:-1])


def test_a_line_without_its_mark_is_another_message() -> None:
    marked = JsonFormat.of("marked", *PLAIN.members, mark=Mark(("msg",), "handled"))
    assert hit(line(msg="handled"), marked) == read()
    assert hit(line(msg="failed"), marked) is None
    assert marked.line_parser().is_other(line(msg="failed"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "empty line"),
        (line()[:-1], "JSON is malformed at column 59: Expecting ',' delimiter"),
        (b"GET / 200", "JSON is malformed at column 1: Expecting value"),
        (b"\xff", "JSON is malformed at column 1: Expecting value"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1]", "JSON, but no object"),
        (b"{}", "no time: time"),
        (line(time="soon"), "time is no time that is known"),
        (line(path=None), "no request: path or request.path"),
        (line(status=None), "no status: status"),
        (line(status=7), "status is no status that is known"),
    ],
)
def test_a_line_that_is_no_hit_has_a_reason(text: bytes, reason: str) -> None:
    assert PLAIN.line_parser().parse(text) is None
    assert PLAIN.line_parser().unparsed(text).reason == reason


@pytest.mark.parametrize("field", [Field.TIME, Field.STATUS, Field.METHOD, Field.TARGET])
def test_a_format_without_what_every_hit_has_is_refused(field: Field) -> None:
    members = [each for each in PLAIN.members if each.field is not field]
    with pytest.raises(FormatError, match="has no"):
        JsonFormat.of("lame", *members)


def test_a_value_that_is_an_object_too_is_refused() -> None:
    with pytest.raises(FormatError, match="'path'"):
        JsonFormat.of("odd", *PLAIN.members, member(Field.TLS, "path.tls"))


HUGE = 200_000


@pytest.mark.parametrize(
    "text",
    [
        b"[" * HUGE,
        b'{"a":' * HUGE,
        line(user="x" * 1_000_000),
        line(user="\x1b\u202e" * HUGE),
        line(user="X").replace(b"X", rb"\ud800" * HUGE),
        line(user="X").replace(b"X", rb"\x1f" * HUGE),
        line(user="X").replace(b"X", b"\\" * HUGE),
        line(user="X").replace(b"X", b"\xff" * HUGE),
        line(took=0)[:-1] + b"1" * HUGE + b"}",
        line(took=0)[:-1] + b"." + b"1" * HUGE + b"}",
        line()[:-1] + b',"status":200' * HUGE + b"}",
        line(took="1h" * HUGE),
        line(took="1, " * HUGE),
        line(time="1" * HUGE),
        b'"' * HUGE,
        b"{" + b'"":0,' * HUGE,
    ],
    ids=lambda text: text[-30:].decode("latin-1"),
)
def test_a_huge_line_is_judged_in_linear_time_and_raises_nothing(text: bytes) -> None:
    started = time.thread_time()
    parser = PLAIN.line_parser()
    found = parser.parse(text)
    assert found is not None or parser.is_other(text) or parser.reason(text)
    assert time.thread_time() - started < 5


@pytest.mark.parametrize("text", ["\x1b]0;x\x07", "\u202eevil", "\ud800", "\x00", "\x9b2J", "a\nb"])
def test_hostile_values_reach_a_screen_only_escaped(text: str) -> None:
    shown = printable(read(user=text, path="/" + text).user)
    assert shown.isprintable()


@pytest.mark.skipif(REAL_LOGS is None, reason="LOGMON_REAL_LOGS names no folder of real logs")
@pytest.mark.parametrize(
    ("preset", "name", "sign"),
    [(CADDY, "caddy.jsonl", b'"handled request"'), (TRAEFIK, "traefik.jsonl", b'"RequestPath"')],
)
def test_of_real_logs_the_requests_are_hits(preset: JsonFormat, name: str, sign: bytes) -> None:
    parser = preset.line_parser()
    for text in (Path(str(REAL_LOGS)) / name).read_bytes().splitlines():
        assert (parser.parse(text) is not None) == (sign in text), text
        assert parser.is_other(text) == (text.startswith(b"{") and sign not in text), text
