"""Logs of OpenTelemetry, in protobuf and JSON, become lines that the program reads."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.presets.json import NGINX_JSON
from logmon_tui.sources.lines import LONGEST_LINE
from logmon_tui.sources.receivers import otlp
from logmon_tui.sources.receivers.bodies import RefusedError
from logmon_tui.sources.receivers.inbox import Run
from logmon_tui.sources.receivers.otlp import PROTOBUF, runs_of_logs
from tests.sources.receivers.lines import LINE

JSON = "application/json"
NOW = 1_795_336_000.0
REQUEST = {
    "http.request.method": "GET",
    "url.path": "/api/user",
    "url.query": "id=1",
    "http.response.status_code": 503,
    "network.protocol.version": "2",
    "client.address": "203.0.113.5",
    "user_agent.original": "curl/8",
    "http.request.header.referer": ["https://example.com/"],
    "http.server.request.duration": 0.0125,
    "http.response.body.size": 612,
    "http.request.body.size": 80,
    "server.address": "www.example.com",
    "user.name": "alice",
}


def value(given: object) -> dict[str, Any]:
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(given)}  # as the mapping of protobuf to JSON has it
    if isinstance(given, float):
        return {"doubleValue": given}
    if isinstance(given, list):
        return {"arrayValue": {"values": [value(each) for each in given]}}
    if isinstance(given, dict):
        return {"kvlistValue": {"values": pairs(given)}}
    return {"stringValue": given}


def pairs(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(each)} for key, each in given.items()]


def request(
    attributes: dict[str, Any] | None = None,
    body: object = None,
    resource: dict[str, Any] | None = None,
) -> dict[str, Any]:
    record: dict[str, Any] = {"timeUnixNano": "1795336000123456000", "severityText": "INFO"}
    if body is not None:
        record["body"] = value(body)
    record["attributes"] = pairs(attributes or {})
    scope = {"scope": {"name": "x"}, "logRecords": [record]}
    return {
        "resourceLogs": [{"resource": {"attributes": pairs(resource or {})}, "scopeLogs": [scope]}]
    }


def runs(sent: dict[str, Any], kind: str) -> list[Run]:
    body = json.dumps(sent).encode()
    if kind == PROTOBUF:
        pytest.importorskip("opentelemetry.proto.collector.logs.v1.logs_service_pb2")
        from google.protobuf.json_format import ParseDict
        from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

        body = ParseDict(sent, ExportLogsServiceRequest()).SerializeToString()
    return runs_of_logs(body, kind, b"peer", b"eu", NOW)[0]


@pytest.fixture(params=[JSON, PROTOBUF])
def kind(request: pytest.FixtureRequest) -> str:
    """Each encoding of OTLP."""
    return str(request.param)


def test_attributes_about_a_request_are_read_as_a_hit(kind: str) -> None:
    resource = {"host.name": "web1", "service.name": "shop"}
    (run,) = runs(request(REQUEST, "a text", resource), kind)
    assert (run.server, run.site, run.number, run.stream) == (b"web1", b"eu", 1, NGINX_JSON.name)
    hit = NGINX_JSON.line_parser().parse(run.lines.rstrip(b"\n"))
    assert hit is not None
    assert (hit.second, hit.request) == (1_795_336_000, b"GET /api/user?id=1 HTTP/2")
    assert (hit.status, hit.size, hit.bytes_in) == (503, 612, 80)
    assert (hit.host, hit.user, hit.virtual_host) == (b"203.0.113.5", b"alice", b"www.example.com")
    assert (hit.user_agent, hit.referrer) == (b"curl/8", b"https://example.com/")
    assert hit.response_time == 12_500


@pytest.mark.parametrize(
    ("attributes", "asked"),
    [
        (
            {"http.method": "POST", "http.target": "/a?b=c", "http.status_code": 200},
            "POST /a?b=c HTTP/1.1",
        ),
        (
            {"http.method": "GET", "url.full": "https://x.org/a b?c", "http.status_code": 200},
            "GET /a%20b?c HTTP/1.1",
        ),
        (
            {"http.method": "GET", "http.url": "http://[", "http.status_code": 200},
            "GET http://[ HTTP/1.1",
        ),
        ({"http.request.method": "GET", "http.response.status_code": 200}, "GET / HTTP/1.1"),
    ],
)
def test_older_names_and_whole_urls(kind: str, attributes: dict[str, Any], asked: str) -> None:
    (run,) = runs(request(attributes), kind)
    assert json.loads(run.lines)["request"] == asked


def test_a_text_is_the_line_and_an_object_is_json(kind: str) -> None:
    (text,) = runs(request({}, LINE.decode() + "\n"), kind)
    assert (text.lines, text.stream) == (LINE + b"\n", "")
    (line,) = runs(request({}, "two\nlines"), kind)
    assert line.lines == b"two lines\n"
    body = {"status": 200, "request": {"uri": "/"}, "list": [True, 0.5]}
    (run,) = runs(request({}, body), kind)
    assert json.loads(run.lines) == body
    (run,) = runs(request({"status": 404}), kind)
    assert json.loads(run.lines) == {"status": 404}
    assert runs(request(), kind) == []


@pytest.mark.parametrize(
    ("resource", "server"),
    [
        ({"service.name": "shop"}, b"shop"),
        ({"host.name": "../etc", "service.name": "shop"}, b"shop"),
        ({"host.name": ["web1"]}, b"peer"),
        ({}, b"peer"),
    ],
)
def test_the_server_of_a_resource(kind: str, resource: dict[str, Any], server: bytes) -> None:
    assert runs(request({}, "x", resource), kind)[0].server == server


@pytest.mark.parametrize("time", ["0", "-1", "18446744073709551615"])
def test_a_record_without_a_proper_time_has_that_of_its_arrival(time: str) -> None:
    sent = request(REQUEST)
    sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["timeUnixNano"] = time
    (run,) = runs(sent, JSON)
    year = json.loads(run.lines)["time_iso8601"][:4]
    assert year == ("2554" if len(time) > 2 else "2026")


def test_what_is_no_request_is_refused(kind: str) -> None:
    for body in (b"{", b"\xff" * 50, b'{"resourceLogs": 5}', b"[" * 100_000):
        if kind == PROTOBUF:
            pytest.importorskip("opentelemetry.proto.collector.logs.v1.logs_service_pb2")
        with pytest.raises(RefusedError, match="no OTLP logs request"):
            runs_of_logs(body, kind, b"peer", b"", NOW)


def test_another_type_is_refused_and_a_missing_library_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(RefusedError, match="send application/x-protobuf or application/json"):
        otlp.decoder("text/plain")
    monkeypatch.setitem(
        __import__("sys").modules, "opentelemetry.proto.collector.logs.v1.logs_service_pb2", None
    )
    with pytest.raises(RefusedError, match=r"logmon-tui\[fleet\]"):
        otlp.decoder(PROTOBUF)


scalars = st.one_of(
    st.text(max_size=20),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*REQUEST, "http.target", "status"]), values), values)
def test_any_record_is_at_most_one_whole_line_in_both_encodings(
    attributes: dict[str, Any], body: Any
) -> None:
    sent = request(attributes, body)
    found = runs(sent, JSON)
    assert [run.lines.count(b"\n") for run in found] in ([], [1])
    assert runs(sent, PROTOBUF) == found


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (str(2**63 - 1), b"9223372036854775807\n"),
        (str(-(2**63)), b"-9223372036854775808\n"),
        (7, b"7\n"),
        (10**30, None),
        ("9" * 20, None),
        (str(2**63), None),
        ("\u00b2", None),
        ("x", None),
    ],
)
def test_numbers_have_64_bits(given: object, line: bytes | None) -> None:
    sent = request({}, "x")
    sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["body"] = {"intValue": given}
    found = runs(sent, JSON)
    assert [run.lines for run in found] == ([] if line is None else [line])


def many(record: bytes, count: int) -> bytes:
    records = b",".join([record] * count)
    return b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[%b]}]}]}' % records


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (many(b"{}", 50_001), "50,000 records at most"),
        (
            many(b'{"attributes":[%b]}' % b",".join([b"{}"] * 1_000_000), 1),
            "50,000 records at most",
        ),
        (many(b'{"body":{"stringValue":"%b"}}' % (b"x" * 100), 80_000), "8 MiB at most"),
    ],
)
def test_what_a_request_costs_is_bounded(body: bytes, text: str) -> None:
    with pytest.raises(RefusedError, match=text) as refused:
        runs_of_logs(body, JSON, b"peer", b"", NOW)
    assert refused.value.status == 413


def test_the_number_of_values_is_bounded() -> None:
    (run,) = runs(request({}, {f"k{number}": "x" for number in range(1_000)}), JSON)
    assert len(json.loads(run.lines)) == 256


def test_depth_is_bounded() -> None:
    deep: object = "x"
    for _ in range(20):
        deep = [deep]
    (run,) = runs(request({}, {"a": deep}), JSON)
    assert len(run.lines) < 50


def test_lines_that_are_too_long_are_counted() -> None:
    body = json.dumps(request({}, "x" * (LONGEST_LINE + 1))).encode()
    assert runs_of_logs(body, JSON, b"peer", b"", NOW) == ([], 1)
