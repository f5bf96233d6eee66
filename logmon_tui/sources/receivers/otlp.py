"""From logs of OpenTelemetry (OTLP/HTTP, protobuf or JSON) to lines of an access log.

A record whose attributes tell of a request, by the semantic conventions for HTTP, becomes a line in
the format `nginx_json`. Of any other record the body is the line: a text as it is, more as JSON.
The resource's `host.name` is the server, else its `service.name`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import msgspec

from logmon_tui.sources.lines import LONGEST_LINE
from logmon_tui.sources.receivers.bodies import RefusedError, too_large, too_many
from logmon_tui.sources.receivers.inbox import Run
from logmon_tui.sources.receivers.senders import SERVER_NAME

PROTOBUF = "application/x-protobuf"
FORMAT = "nginx_json"
"""The preset in which lines about requests are written."""

MAX_BODY = 8 * 1024 * 1024
"""Maximum bytes of a request, decompressed: in memory it takes fifty times as much."""

MAX_RECORDS = 50_000
"""Maximum records of a request."""

_MAX_OBJECTS = 20 * MAX_RECORDS
"""Maximum objects in JSON; a record with ten attributes has 22."""

_MAX_DEPTH = 6
_MAX_VALUES = 256
"""Levels of a value, and values of each, that are kept."""

_LARGEST = 2**63
_LONGEST_NUMBER = 20

_METHOD, _TARGET, _STATUS = "method", "target", "status"
_NAMES: dict[str, tuple[str, ...]] = {
    _METHOD: ("http.request.method", "http.method"),
    _STATUS: ("http.response.status_code", "http.status_code"),
    _TARGET: ("url.path", "http.target", "url.full", "http.url", "http.route"),
    "query": ("url.query",),
    "version": ("network.protocol.version", "http.flavor"),
    "remote_addr": ("client.address", "network.peer.address", "http.client_ip", "net.peer.ip"),
    "remote_user": ("user.name", "enduser.id"),
    "body_bytes_sent": (
        *("http.response.body.size", "http.response.size", "http.response_content_length"),
    ),
    "request_length": (
        *("http.request.body.size", "http.request.size", "http.request_content_length"),
    ),
    "request_time": ("http.server.request.duration",),
    "http_user_agent": ("user_agent.original", "http.user_agent"),
    "http_referer": ("http.request.header.referer",),
    "host": ("server.address", "http.host"),
    "ssl_protocol": ("tls.protocol.version",),
}
"""The attributes of each field; the conventions of 2023 first, older ones after them."""


class _Value(msgspec.Struct, rename="camel"):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str | None = None
    array_value: "_Values | None" = None
    kvlist_value: "_Pairs | None" = None
    bytes_value: str | None = None

    def WhichOneof(self, _name: str) -> str | None:  # noqa: N802 - as protobuf's messages have it
        names: Iterable[str] = self.__struct_fields__
        return next((name for name in names if getattr(self, name) is not None), None)


class _Values(msgspec.Struct):
    values: list[_Value] = []


class _Pair(msgspec.Struct):
    key: str = ""
    value: _Value = msgspec.field(default_factory=_Value)


class _Pairs(msgspec.Struct):
    values: list[_Pair] = []


class _Resource(msgspec.Struct):
    attributes: list[_Pair] = []


class _Record(msgspec.Struct, rename="camel"):
    time_unix_nano: int | str = 0
    observed_time_unix_nano: int | str = 0
    body: _Value = msgspec.field(default_factory=_Value)
    attributes: list[_Pair] = []


class _ScopeLogs(msgspec.Struct, rename="camel"):
    log_records: list[_Record] = []


class _ResourceLogs(msgspec.Struct, rename="camel"):
    resource: _Resource = msgspec.field(default_factory=_Resource)
    scope_logs: list[_ScopeLogs] = []


class _Request(msgspec.Struct, rename="camel"):
    """The fields of ExportLogsServiceRequest that are read, named as in the protobuf messages."""

    resource_logs: list[_ResourceLogs] = []


_decode_json = msgspec.json.Decoder(_Request).decode
_encode = msgspec.json.Encoder().encode


def decoder(kind: str) -> Callable[[bytes], Any]:
    """Return what decodes a body of the content type `kind`. Raises RefusedError."""
    if kind == "application/json":
        return _decode_json
    if kind != PROTOBUF:
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {PROTOBUF} or application/json"
        )
    try:
        from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    except ImportError as error:
        why = "protobuf needs the extra logmon-tui[fleet] here; send application/json"
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, why) from error
    decode: Callable[[bytes], Any] = ExportLogsServiceRequest.FromString
    return decode


def runs_of_logs(
    body: bytes, kind: str, server: bytes, site: bytes, now: float
) -> tuple[list[Run], int]:
    """Return the lines that the records of a request are, and how many more are too long.

    They are of `server` where the resource names none; `now` is the time of records without one.
    Raises RefusedError.
    """
    decode = decoder(kind)
    if len(body) > MAX_BODY:
        raise too_large(MAX_BODY)
    if kind != PROTOBUF and body.count(b"{") > _MAX_OBJECTS:
        raise too_many("records", MAX_RECORDS)
    try:
        request = decode(body)
    except Exception as error:  # those of protobuf have no base that can be imported without it
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is no OTLP logs request") from error
    scopes = (scope for each in request.resource_logs for scope in each.scope_logs)
    if sum(len(scope.log_records) for scope in scopes) > MAX_RECORDS:
        raise too_many("records", MAX_RECORDS)
    found = [run for each in request.resource_logs for run in _runs(each, server, site, now)]
    runs = [run for run in found if len(run.lines) <= LONGEST_LINE]
    return runs, len(found) - len(runs)


def _runs(logs: Any, server: bytes, site: bytes, now: float) -> Iterator[Run]:
    resource = _attributes(logs.resource.attributes)
    names = (str(resource.get(key, "")).encode() for key in ("host.name", "service.name"))
    wrote = next((name for name in names if SERVER_NAME.fullmatch(name)), server)
    for scope in logs.scope_logs:
        for record in scope.log_records:
            line, stream = _line(record, now)
            if line:
                yield Run(wrote, site, line.replace(b"\n", b" ") + b"\n", 1, stream)


def _line(record: Any, now: float) -> tuple[bytes, str]:
    """Return the line that a record is, and the stream that it belongs to, if it is known."""
    attributes = _attributes(record.attributes)
    fields = {
        name: next((attributes[key] for key in keys if attributes.get(key) is not None), None)
        for name, keys in _NAMES.items()
    }
    if fields[_METHOD] is not None and fields[_STATUS] is not None:
        return _encode(_about_request(fields, _instant(record, now))), FORMAT
    body = _plain(record.body, 0)
    if isinstance(body, str):
        return body.strip("\r\n").encode("utf-8", "surrogatepass"), ""
    told = body if body is not None else attributes
    return (_encode(told) if told else b""), ""


def _about_request(fields: Mapping[str, Any], instant: str) -> dict[str, Any]:
    """Return the members of a line in the format `FORMAT`."""
    target = str(fields[_TARGET] or "/")
    if "://" in target:
        target = _without_host(target)
    if fields["query"] and "?" not in target:
        target = f"{target}?{fields['query']}"
    version = fields["version"]
    protocol = f"HTTP/{version}" if isinstance(version, str | float | int) else "HTTP/1.1"
    members = {
        name: _first(value)
        for name, value in fields.items()
        if name not in {_METHOD, _STATUS, _TARGET, "query", "version"}
    }
    request = f"{fields[_METHOD]} {target.replace(' ', '%20')} {protocol}"
    return {"time_iso8601": instant, "request": request, "status": fields[_STATUS], **members}


def _without_host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _first(value: Any) -> Any:
    """Return the value of an attribute; headers are lists."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _instant(record: Any, now: float) -> str:
    for given in (record.time_unix_nano, record.observed_time_unix_nano):
        try:
            if (seconds := int(given) / 1e9) > 0:
                return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
        except (ValueError, OverflowError, OSError):
            continue
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds")


def _attributes(pairs: Iterable[Any], depth: int = 0) -> dict[str, Any]:
    return {pair.key: _plain(pair.value, depth) for pair in islice(pairs, _MAX_VALUES)}


def _plain(value: Any, depth: int) -> Any:
    """Return a value as plain Python: text, number, list or dict; None if it is none of these."""
    kind = value.WhichOneof("value")
    if kind is None or depth > _MAX_DEPTH or kind == "bytes_value":
        return None
    found = getattr(value, kind)
    if kind == "array_value":
        return [_plain(each, depth + 1) for each in islice(found.values, _MAX_VALUES)]
    if kind == "kvlist_value":
        return _attributes(found.values, depth + 1)
    return _whole(found) if kind == "int_value" else found


def _whole(given: int | str) -> int | None:
    """Return a number of 64 bits, which JSON may have as a text; None if it is none."""
    try:
        number = int(given) if len(str(given)) <= _LONGEST_NUMBER else _LARGEST
    except ValueError:
        return None
    return number if -_LARGEST <= number < _LARGEST else None
