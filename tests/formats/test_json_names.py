"""The format of JSON lines told by their names, and the one that a user describes."""

import json
from typing import Any

import pytest

from logmon_tui.errors import FormatError
from logmon_tui.formats.json.json_format import JsonFormat
from logmon_tui.formats.json.json_mapping import json_format_from_mapping
from logmon_tui.formats.json.json_names import generic_json
from logmon_tui.formats.model.converters import Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import Hit
from tests.formats.strategies import COMBINED

USUAL = {"time": 1795336000, "method": "GET", "path": "/a", "status": 200}


def derived(*lines: dict[str, Any]) -> JsonFormat:
    found = generic_json([json.dumps(line).encode() for line in lines])
    assert found is not None
    return found


def places(log_format: JsonFormat) -> dict[Field, str]:
    return {each.field: ".".join(each.paths[0]) for each in log_format.members}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("client_ip", Field.HOST),
        ("remoteAddr", Field.HOST),
        ("ClientIP", Field.HOST),
        ("bytes-sent", Field.SIZE),
        ("http_user_agent", Field.USER_AGENT),
        ("Referer", Field.REFERRER),
        ("userName", Field.USER),
        ("server_name", Field.VIRTUAL_HOST),
        ("ssl_protocol", Field.TLS),
        ("bytes_received", Field.BYTES_IN),
    ],
)
def test_names_are_known_in_any_spelling(name: str, field: Field) -> None:
    assert places(derived(USUAL | {name: "5"}))[field] == name


def test_only_what_the_lines_have_is_a_field() -> None:
    assert derived(USUAL).fields == {Field.TIME, Field.METHOD, Field.TARGET, Field.STATUS}


def test_a_field_that_only_some_lines_have_is_one() -> None:
    assert Field.USER in derived(USUAL, USUAL, USUAL | {"user": "mary"}).fields


def test_names_with_points_and_objects_are_the_same() -> None:
    flat = {"@timestamp": "2026-11-22T08:26:40Z", "http.request.method": "GET", "url.path": "/a"}
    found = derived(flat | {"http": {"response": {"status_code": 200}}})
    assert found.by_field[Field.METHOD].paths == (("http.request.method",),)
    assert found.by_field[Field.STATUS].paths == (("http", "response", "status_code"),)


def test_a_name_counts_only_with_a_value_that_fits() -> None:
    """Here `time` is how long it took, and `request` a number."""
    line = {"time": 0.25, "ts": 1795336000, "request": 17, "code": "x", "status": 200}
    assert places(derived(USUAL | line)) == places(derived(USUAL)) | {Field.TIME: "ts"}


@pytest.mark.parametrize(
    ("name", "values", "unit"),
    [
        ("duration_ms", [1, 2.5], Unit.MILLISECONDS),
        ("latency_us", [750], Unit.MICROSECONDS),
        ("elapsedNs", [750], Unit.NANOSECONDS),
        ("took_seconds", [1], Unit.SECONDS),
        ("duration", [0.25, 1], Unit.SECONDS),
        ("duration", [250, 1], Unit.MILLISECONDS),
        ("duration", ["0.25", "1.000"], Unit.SECONDS),
        ("request_time", [1], Unit.SECONDS),
        ("responseTime", [2.5], Unit.MILLISECONDS),
    ],
)
def test_the_unit_of_a_time_is_told_by_its_name_or_its_fraction(
    name: str, values: list[object], unit: Unit
) -> None:
    found = derived(*(USUAL | {name: value} for value in values))
    assert found.by_field[Field.RESPONSE_TIME].unit is unit


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ({"host": "203.0.113.5"}, {Field.HOST: "host"}),
        ({"host": "2001:db8::1"}, {Field.HOST: "host"}),
        ({"host": "www.example.com"}, {Field.VIRTUAL_HOST: "host"}),
        ({"host": "203.0.113.5", "ip": "::1"}, {Field.HOST: "ip", Field.VIRTUAL_HOST: "host"}),
    ],
)
def test_host_is_the_client_if_an_address_stands_there(
    line: dict[str, str], fields: dict[Field, str]
) -> None:
    assert places(derived(USUAL | line)) == places(derived(USUAL)) | fields


@pytest.mark.parametrize("missing", [*USUAL])
def test_lines_without_what_every_hit_has_have_no_format(missing: str) -> None:
    line = {name: value for name, value in USUAL.items() if name != missing}
    assert generic_json([json.dumps(line).encode()]) is None


def test_the_form_that_most_lines_have_counts() -> None:
    other = {"ts": 1795336000, "request": "GET /a HTTP/1.1", "code": 200}
    assert places(derived(other, USUAL, USUAL)) == places(derived(USUAL))


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{", b'{"time":1795336000}', COMBINED, b"\xff\0", b"[" * 100_000, b"5"]
)
def test_what_is_no_json_access_log_has_no_format(line: bytes) -> None:
    assert generic_json([line]) is None


def test_a_value_that_is_an_object_in_other_lines_is_left_out() -> None:
    lines = [USUAL | {"user": "mary"}, USUAL | {"user": {"name": "mary"}, "bytes": 5}]
    assert derived(*lines).fields >= {Field.TIME, Field.STATUS}
    odd = [USUAL | {"client": "::1"}, USUAL | {"client": {"bytes": 1}, "req": {"user": "x"}}]
    assert derived(*odd).fields >= {Field.TIME, Field.STATUS}


MAPPING: dict[str, object] = {
    "type": "json",
    "time": "ts",
    "method": "req.method",
    "target": ["req", "url.path"],
    "status": "res.status",
    "response_time": {"key": "took", "unit": "ms"},
    "host": "peer",
}


def test_a_mapping_is_a_format() -> None:
    log_format = json_format_from_mapping("myapp", MAPPING)
    line = (
        b'{"ts":1795336000,"req":{"method":"GET","url.path":"/a"},"res":{"status":200},'
        b'"took":1.5,"peer":"10.0.0.1:80"}'
    )
    assert log_format.name == "myapp"
    assert log_format.line_parser().parse(line) == Hit(
        1795336000, 200, 0, host=b"10.0.0.1", method=b"GET", target=b"/a", response_time=1_500
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": None}, "^the format has no time"),
        ({"status": None}, "has no status"),
        ({"method": None}, "has no request, nor method and target"),
        ({"path": "p"}, "'path' is no field; use time, request, method"),
        ({"request": "r"}, "has request and target; leave one of them out"),
        ({"user": 5}, "user = 5 names nothing"),
        ({"user": ""}, "user = '' names nothing"),
        ({"user": "a..b"}, "names nothing"),
        ({"user": []}, "names nothing"),
        ({"user": {"unit": "ms"}}, "names nothing|has no unit"),
        ({"user": {"key": "u", "unit": "ms"}}, "user has no unit"),
        ({"response_time": {"key": "t", "unit": "weeks"}}, "'weeks'; use s, ms, us, µs, ns"),
        ({"response_time": {"key": "t", "in": "s"}}, "response_time.in is not known"),
        ({"user": "req"}, "'req' is named as a value, and as an object"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_in_one_line(
    change: dict[str, object], message: str
) -> None:
    mapping = {key: value for key, value in (MAPPING | change).items() if value is not None}
    with pytest.raises(FormatError, match=message) as caught:
        json_format_from_mapping("myapp", mapping)
    assert "\n" not in str(caught.value)
