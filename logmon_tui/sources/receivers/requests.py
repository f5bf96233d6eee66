"""What a request with lines must be like, and what it is answered. Waits for nothing."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qs

from logmon_tui.sources.receivers.bodies import ENCODINGS, MAX_BODY, RefusedError, too_large
from logmon_tui.sources.receivers.otlp import PROTOBUF, decoder
from logmon_tui.sources.receivers.senders import SERVER_NAME, SITE_NAME

LINES = {"/", "/lines"}
"""Paths to which lines are posted."""

LOGS = "/v1/logs"
"""The path to which OTLP/HTTP posts logs."""

WAIT_SECONDS = 2
"""Seconds after which a sender should come again when there is no room."""

_TYPES = {
    *("", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream"),
    *("application/json", "application/x-ndjson", "application/ndjson", "application/jsonl"),
    *("application/json-lines", "application/jsonlines", "application/x-jsonlines"),
}
"""Types of lines: curl says the third one of whatever it sends."""


class Answer(NamedTuple):
    """The answer to a request; `ends` closes the connection."""

    status: HTTPStatus
    body: bytes = b""
    kind: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    ends: bool = False


class Asked(NamedTuple):
    """What the head of a request says.

    `kind` is the type of its body, `encoding` how that is compressed. `server` is empty where the
    request names none.
    """

    path: str
    kind: str
    encoding: bytes
    server: bytes
    site: bytes


def asked(method: bytes, target: bytes, headers: Mapping[str, bytes]) -> Asked:
    """Return what a request asks for. Raises RefusedError."""
    path, _, query = target.decode("latin-1").partition("?")
    if path not in LINES and path != LOGS:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"post lines to /lines, OTLP logs to {LOGS}")
    if method != b"POST":
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "send lines by POST")
    # No page that a browser shows may send lines to a program of its user.
    if "origin" in headers or headers.get("sec-fetch-site", b"none") != b"none":
        raise RefusedError(HTTPStatus.FORBIDDEN, "no lines from pages of a browser")
    kind = headers.get("content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
    if path == LOGS:
        decoder(kind)
    elif kind not in _TYPES:
        why = "send lines of text or JSON (text/plain, application/x-ndjson)"
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, why)
    encoding = headers.get("content-encoding", b"").strip().lower()
    if encoding not in {b"", b"identity", b"gzip", b"x-gzip", b"zstd"}:
        why = f"send {ENCODINGS}, or no Content-Encoding"
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, why)
    length = headers.get("content-length", b"0")
    if len(length) > 12 or int(length) > MAX_BODY:  # digits, as h11 has checked
        raise too_large()
    server, site = _names(query)
    return Asked(path, kind, encoding, server, site)


def _names(query: str) -> tuple[bytes, bytes]:
    """Return the server and the site that a query names. Raises RefusedError."""
    try:
        found = parse_qs(query, max_num_fields=16, errors="strict")
    except ValueError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the query is malformed") from error
    server = found.get("server", [""])[-1].encode("utf-8", "replace")
    site = found.get("site", [""])[-1].encode("utf-8", "replace")
    if server and not SERVER_NAME.fullmatch(server):
        why = "server: a name has letters, digits and ._:- only"
        raise RefusedError(HTTPStatus.BAD_REQUEST, why)
    if site and not SITE_NAME.fullmatch(site):
        why = "site: a name has letters, digits and ._- only"
        raise RefusedError(HTTPStatus.BAD_REQUEST, why)
    return server, site


def taken(request: Asked) -> Answer:
    """Return the answer to a request whose lines were taken, all of them."""
    if request.path != LOGS:
        return Answer(HTTPStatus.NO_CONTENT)
    if request.kind == PROTOBUF:
        return Answer(HTTPStatus.OK, kind=PROTOBUF)
    return Answer(HTTPStatus.OK, b"{}", "application/json")


def refused(error: RefusedError) -> Answer:
    """Return the answer to a request that is refused; the rest of it is not read."""
    headers: tuple[tuple[str, str], ...] = ()
    if error.status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers = (("Allow", "POST"),)
    elif error.status is HTTPStatus.UNAUTHORIZED:
        headers = (("WWW-Authenticate", "Bearer"),)
    elif error.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers = (("Retry-After", str(WAIT_SECONDS)),)
    return Answer(error.status, f"{error}\n".encode(), headers=headers, ends=True)
