r"""From the body of a request to the lines of a log, and the servers that wrote them.

A body has lines of text or of JSON, or one JSON array. Shippers put a line of a file into an object
of their own: Fluent Bit `{"date": …, "log": "LINE"}`, Vector `{"host": …, "message": "LINE"}`. If
that is a line of an access log, it is taken out. An object that itself tells of a request is a
line.
"""

import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from io import BytesIO
from itertools import groupby

import msgspec

from logmon_tui.formats.detection import LIKELY
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.receivers.inbox import Run
from logmon_tui.sources.receivers.senders import SERVER_NAME

MAX_BODY = 16 * 1024 * 1024
"""Maximum bytes of a body, as it is sent and decompressed."""

MAX_LINES = 200_000
"""Maximum lines of a body: each costs memory, however short it is."""

ENCODINGS = "gzip or zstd"


_ZSTD_WINDOW = 23
"""The logarithm of the memory that zstd may ask for: 8 MiB, as RFC 9659 has it."""


class RefusedError(Exception):
    """A request that is refused with `status`; the text says why in one line."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


def too_large(most: int = MAX_BODY) -> RefusedError:
    """Return the error for a body of more than `most` bytes."""
    why = f"a request has {most >> 20} MiB at most, decompressed too; send smaller batches"
    return RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)


def too_many(what: str, most: int) -> RefusedError:
    """Return the error for a body with too many lines or records."""
    why = f"a request has {most:,} {what} at most; send smaller batches"
    return RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)


def decompressed(body: bytes, encoding: bytes, most: int = MAX_BODY) -> bytes:
    """Return the body without its Content-Encoding. Raises RefusedError."""
    if encoding in {b"", b"identity"}:
        return body
    if encoding in {b"gzip", b"x-gzip"}:
        name, found = "gzip", _gunzipped(body, most)
    elif encoding == b"zstd":
        name, found = "zstd", _unzstd(body, most)
    else:
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {ENCODINGS}, or no Content-Encoding"
        )
    if found is None:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"the body is no {name}, or is damaged")
    if len(found) > most:
        raise too_large()
    return found


def _gunzipped(body: bytes, most: int) -> bytes | None:
    try:
        return gzip.GzipFile(fileobj=BytesIO(body)).read(most + 1)
    except (OSError, EOFError, zlib.error):
        return None


def _unzstd(body: bytes, most: int) -> bytes | None:
    # Imported late: few senders use it.
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    try:
        options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW}
        return zstd.ZstdFile(BytesIO(body), options=options).read(most + 1)
    except (zstd.ZstdError, EOFError, OSError):
        return None


class _Wrapped(msgspec.Struct):
    """What a shipper may put around a line."""

    log: object = None
    message: object = None
    host: object = None
    hostname: object = None


_wrapped = msgspec.json.Decoder(_Wrapped).decode
_member = json.JSONDecoder().raw_decode
_BLANKS = re.compile(r"[ \t\r\n]*")
_OBJECT = b"{"
_TELLS_ITSELF = re.compile(
    rb'(?<!\\)"(?:method|verb|req|res|(?:http|status|request|response)[^"\\]*)"\s*:', re.IGNORECASE
)
"""A key of an object that tells of a request itself, whatever its message is."""


def runs_in(body: bytes, server: bytes, site: bytes, *, named: bool) -> tuple[list[Run], int]:
    """Return the lines of `body`, and how many lines are too long.

    They are of `server`, unless it was not `named` and the object around a line tells another.
    Raises RefusedError for too many lines, or an array that is no JSON.
    """
    splitter = LineSplitter()
    if body.lstrip()[:1] == b"[":
        body = _lines_of_array(body)
    if body.count(b"\n") > MAX_LINES:
        raise too_many("lines", MAX_LINES)
    lines = splitter.feed(body) + splitter.finish()
    may_be_wrapped = lines[:1] == _OBJECT and (b'"log"' in lines or b'"message"' in lines)
    if may_be_wrapped:
        unwrapped = (_unwrapped(line) for line in lines.split(b"\n") if line)
        return list(_runs(unwrapped, server, site, named=named)), splitter.oversize
    runs = [Run(server, site, lines, lines.count(b"\n"))] if lines else []
    return runs, splitter.oversize


def _lines_of_array(body: bytes) -> bytes:
    """Return the members of a JSON array as lines: newlines between tokens mean nothing."""
    try:
        members = _members(body.decode("utf-8", "surrogateescape"))
        return "\n".join(members).encode("utf-8", "surrogateescape")
    except (ValueError, RecursionError) as error:
        if LIKELY().search(body[: body.find(b"\n")]):
            return body  # a line that begins with a time in brackets
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is no JSON array") from error


def _members(text: str) -> Iterator[str]:
    """Yield the texts of the members of an array, one at a time. Raises ValueError."""
    at = _after_blanks(text, text.index("[") + 1)
    for number in range(MAX_LINES + 1):
        if text[at : at + 1] == "]":
            break
        if number == MAX_LINES:
            raise too_many("lines", MAX_LINES)
        begin = at
        _, end = _member(text, begin)
        yield text[begin:end].replace("\n", " ")
        at = _after_blanks(text, end)
        if text[at : at + 1] == ",":
            at = _after_blanks(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError("neither another member nor an end")
    if text[at + 1 :].strip():
        raise ValueError("more after the end")


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _unwrapped(line: bytes) -> tuple[bytes, bytes]:
    """Return the line of a file that is in an object, and the host that the object names."""
    if line.startswith(_OBJECT) and not _TELLS_ITSELF.search(line):
        try:
            found = _wrapped(line)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return line, b""
        for text in (found.log, found.message):
            inner = _bytes(text)
            if LIKELY().search(inner):
                host = _bytes(found.host) or _bytes(found.hostname)
                is_name = SERVER_NAME.fullmatch(host) is not None
                return inner.strip(b"\r\n").replace(b"\n", b" "), host if is_name else b""
    return line, b""


def _bytes(value: object) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b""


def _runs(
    lines: Iterable[tuple[bytes, bytes]], server: bytes, site: bytes, *, named: bool
) -> Iterator[Run]:
    """Yield runs of successive lines of one server, of text or of JSON."""
    told = ((server if named or not host else host, line) for line, host in lines)
    for (wrote, _), found in groupby(told, lambda each: (each[0], each[1][:1] == _OBJECT)):
        pieces = [line for _, line in found]
        yield Run(wrote, site, b"\n".join(pieces) + b"\n", len(pieces))
