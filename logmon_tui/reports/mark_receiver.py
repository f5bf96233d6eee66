r"""Takes marks by HTTP, for the server that also answers Prometheus. Waits for nothing.

A mark is the text itself, or a JSON object, at most `MAX_BODY` bytes long:

    POST /marks
    Authorization: Bearer TOKEN
    Content-Type: application/json

    {"text": "api 4.12", "at": "2026-11-22T08:26:40Z"}

Whoever knows the token may mark, but no page that a browser shows: a request that says it comes
from one is refused, whatever it knows.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from logmon_tui.alerts.model.mark import Mark, checked_mark
from logmon_tui.alerts.rules.messages import iso_time

PATH = b"/marks"
MAX_BODY = 4 * 1024
"""Maximum bytes of a mark."""
MIN_TOKEN = 16
"""Minimum characters of a token."""

_TEXT_TYPES = {"", "text/plain", "application/x-www-form-urlencoded"}
"""Types of a body that is the text: `curl --data` says the last one of whatever it sends."""
_JSON_TYPE = "application/json"


class Answer(NamedTuple):
    """The answer to a request: its status, a line that explains it, and more headers."""

    status: HTTPStatus
    text: str = ""
    headers: str = ""


class MarkReceiver:
    """Takes marks of whoever knows `token`, and hands them to `add`; `clock` is wall time.

    `add` raises OSError if a mark cannot be kept.
    """

    def __init__(self, token: str, clock: Callable[[], float], add: Callable[[Mark], None]) -> None:
        self._token = token.encode()
        self._clock = clock
        self._add = add

    def refused(self, method: bytes, headers: Mapping[str, bytes]) -> Answer | None:
        """Return why a request is refused before its body is read; None if it is not."""
        if method != b"POST":
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED, headers="Allow: POST\r\n")
        if "origin" in headers or headers.get("sec-fetch-site", b"none") != b"none":
            return Answer(HTTPStatus.FORBIDDEN, "no marks from pages of a browser")
        scheme, _, token = headers.get("authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token.strip(), self._token):
            challenge = "WWW-Authenticate: Bearer\r\n"
            return Answer(HTTPStatus.UNAUTHORIZED, "send Authorization: Bearer TOKEN", challenge)
        return _unfit(headers)

    def take(self, headers: Mapping[str, bytes], body: bytes) -> Answer:
        """Take the mark in the body of a request that is not refused."""
        try:
            is_json = _type(headers) == _JSON_TYPE
            mark = self._from_json(body) if is_json else self._now(body.decode())
            self._add(mark)
        except ValueError as error:  # of a body that is not UTF-8 or not JSON, too
            why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            return Answer(HTTPStatus.BAD_REQUEST, why)
        except OSError as error:
            why = f"the mark cannot be kept: {error.strerror}"
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, why)
        return Answer(HTTPStatus.CREATED, f"{iso_time(mark.second)} {mark.text}")

    def _now(self, text: str) -> Mark:
        return checked_mark(int(self._clock()), text)

    def _from_json(self, body: bytes) -> Mark:
        try:
            given: Any = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ValueError("it is no JSON") from error
        like = 'send {"text": "api 4.12"}, with "at": "2026-11-22T08:26:40Z" if it was not now'
        if not isinstance(given, dict) or given.keys() - {"text", "at"}:
            raise ValueError(like)
        text, at = given.get("text"), given.get("at")
        if not isinstance(text, str) or not (at is None or isinstance(at, str)):
            raise ValueError(like)
        return self._now(text) if at is None else checked_mark(mark_second(at), text)


def _unfit(headers: Mapping[str, bytes]) -> Answer | None:
    """Return why a body is refused before it is read; None if it is not."""
    if _type(headers) not in {*_TEXT_TYPES, _JSON_TYPE}:
        text = f"send text/plain or {_JSON_TYPE}"
        return Answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text)
    length = headers.get("content-length", b"")
    if not length.isdigit():
        return Answer(HTTPStatus.LENGTH_REQUIRED, "send Content-Length")
    if len(length) > 9 or int(length) > MAX_BODY:
        too_long = f"a mark has {MAX_BODY} bytes at most"
        return Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_long)
    return None


def mark_second(text: str) -> int:
    """Return an ISO 8601 time as a second, UTC unless it says otherwise. Raises ValueError."""
    try:
        found = datetime.fromisoformat(text)
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise ValueError('"at" is no time such as 2026-11-22T08:26:40Z') from error


def _type(headers: Mapping[str, bytes]) -> str:
    """Return the type of a body, without its parameters."""
    kind = headers.get("content-type", b"").partition(b";")[0]
    return kind.strip().lower().decode("latin-1")
