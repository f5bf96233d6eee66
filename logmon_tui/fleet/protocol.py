"""What agents tell dashboards through a broker: lines of a log, and how an agent is. Pure.

An agent publishes to two subjects of its own, `logmon.v1.<site>.<host>.lines` and `….health`. Whole
names stand in the headers, as a subject cannot hold every name; they must fit the subject, for the
broker only checks that an agent publishes to its own.

**Each line once.** `file` is an id that the agent drew when it first saw a file, so it is never
used for another one. `start` and `end` are offsets in that file, and chunks of a file neither
overlap nor are cut anew: whatever was published once is published again, if at all, with the same
range and the same lines. A chunk begins where the one before it ended, unless lines between them
were lost. So a dashboard counts each range once (`sources.broker`), whatever the broker does.

Everything that arrives is a claim of whoever sent it: decoding checks each one.
"""

import re
import sys
from collections.abc import Mapping
from typing import Annotated, NamedTuple

import msgspec

from logmon_tui.errors import LogmonError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PROTOCOL = 1
"""The version of headers and health. Versions that are one apart understand each other: they ignore
what they do not know, and have defaults for what is not told."""

PREFIX = "logmon.v1"
EVERYTHING = f"{PREFIX}.>"
"""The subjects of all agents, as the stream has them."""
LINES, HEALTH = "lines", "health"

CODEC = "zstd"
LEVEL = 3
"""The level of Zstandard: 64 KB of log become a tenth, in a third of a millisecond."""

MAX_TEXT = 2 * 1024 * 1024
"""Maximum bytes of lines in one message: the longest line, and a chunk before it."""
MAX_BODY = 1024 * 1024
"""Maximum bytes of a body as sent; brokers allow no more unless they are told to."""
MAX_HEALTH = 64 * 1024
"""Maximum bytes of a health message."""
MAX_NAME = 128
"""Maximum characters of the name of a host, a site or a format."""
MAX_LOG = 255
"""Maximum characters of a log's name."""
NO_SITE = "_"
"""The word in a subject for hosts without a site."""

MESSAGE_ID = "Nats-Msg-Id"
"""The header by which a broker drops what it got a moment ago."""

_VERSION, _HOST, _SITE = "Logmon-Protocol", "Logmon-Host", "Logmon-Site"
_FILE, _START, _END = "Logmon-File", "Logmon-Start", "Logmon-End"
_LINES, _LEFT_OUT = "Logmon-Lines", "Logmon-Left-Out"
_FORMAT, _LOG, _CODEC = "Logmon-Format", "Logmon-Log", "Logmon-Codec"

_OUTSIDE = re.compile(r"[^A-Za-z0-9_-]")
_SUBJECT = re.compile(r"logmon\.v1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.(lines|health)", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_FILE_ID = re.compile(r"[0-9a-f]{16,32}", re.ASCII)

_WINDOW = {int(zstd.DecompressionParameter.window_log_max): 22}  # 4 MB, more than any message needs


class BrokenMessageError(LogmonError):
    """A message that no agent can have sent; the text says in a few words what is wrong with it."""


class Address(NamedTuple):
    """The words of a subject: whose it is, as far as a subject can say it, and its kind."""

    site: str
    host: str
    kind: str


class Lines(NamedTuple):
    """Whole lines of one file of a host, each ended by a newline, and which of its bytes they were.

    `format` is the name of the preset that the agent recognised, or empty. `log` is how the agent
    calls the log. `left_out` lines of the range are missing on purpose.
    """

    host: str
    site: str
    file: str
    start: int
    end: int
    lines: bytes
    format: str = ""
    log: str = ""
    left_out: int = 0


_Count = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]
_Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
_Log = Annotated[str, msgspec.Meta(max_length=MAX_LOG)]
_Word = Annotated[str, msgspec.Meta(max_length=32)]
_Message = Annotated[str, msgspec.Meta(max_length=500)]
_Epoch = Annotated[float, msgspec.Meta(ge=0, lt=1e11)]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How an agent is; it says so each `interval` seconds, even without traffic.

    `agent` is its version. `state` is `live`, `catching up`, `waiting` (a log is not there yet),
    `failed` (a log cannot be read) or `ended`, which is the last that it says. `at` is the time of
    its clock, `newest` that of the newest line that was sent (epoch seconds). `lag` is for how long
    the oldest line that waits has waited (seconds), 0 if none does. `backlog` are the bytes written
    but not sent. `lost` lines, of `lost_bytes`, were deleted before they could be sent; `left_out`
    lines were left out on purpose: both, and `sent`, since the agent first ran. `message` says what
    is wrong and how to mend it.
    """

    protocol: int = PROTOCOL
    host: _Name = ""
    site: _Name = ""
    agent: _Word = ""
    state: _Word = "live"
    at: _Epoch = 0.0
    newest: _Epoch | None = None
    lag: _Epoch = 0.0
    backlog: _Count = 0
    sent: _Count = 0
    lost: _Count = 0
    lost_bytes: _Count = 0
    left_out: _Count = 0
    logs: Annotated[tuple[_Log, ...], msgspec.Meta(max_length=100)] = ()
    message: _Message = ""
    interval: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 5.0


def token(name: str) -> str:
    """Return a name as one word of a subject: dots, blanks, wildcards and the like become `_`."""
    return _OUTSIDE.sub("_", name) or NO_SITE


def is_name(name: str) -> bool:
    """Tell whether a text may be the name of a host or a site."""
    return (
        0 < len(name) <= MAX_NAME
        and name.isprintable()
        and name == name.strip()
        and "/" not in name
    )


def subject(site: str, host: str, kind: str) -> str:
    """Return the subject of a host's `LINES` or `HEALTH`."""
    return f"{PREFIX}.{token(site)}.{token(host)}.{kind}"


def address(subject: str) -> Address:
    """Return the words of a subject. Raises BrokenMessageError if it is none of an agent."""
    found = _SUBJECT.fullmatch(subject)
    if found is None:
        raise BrokenMessageError("its subject is none of an agent")
    return Address(*found.groups())


def encode_lines(sent: Lines) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of a message with lines."""
    headers = {
        MESSAGE_ID: f"{token(sent.host)}:{sent.file}:{sent.start}",
        _VERSION: str(PROTOCOL),
        _HOST: sent.host,
        _FILE: sent.file,
        _START: str(sent.start),
        _END: str(sent.end),
        _LINES: str(sent.lines.count(b"\n")),
        _CODEC: CODEC,
    }
    others = {_SITE: sent.site, _FORMAT: sent.format, _LOG: sent.log}
    headers |= {name: value for name, value in others.items() if value}
    if sent.left_out:
        headers[_LEFT_OUT] = str(sent.left_out)
    return headers, zstd.compress(sent.lines, level=LEVEL)


def decode_lines(subject: str, headers: Mapping[str, str] | None, body: bytes) -> Lines:
    """Return what a message with lines says. Raises BrokenMessageError if anything is wrong."""
    where = address(subject)
    if where.kind != LINES:
        raise BrokenMessageError("its subject is not that of lines")
    headers = headers or {}
    _check_version(_number(headers, _VERSION))
    host, site = _names(where, headers.get(_HOST, ""), headers.get(_SITE, ""))
    if headers.get(_CODEC) != CODEC:
        raise BrokenMessageError(f"{_CODEC} is none that is known")
    file = headers.get(_FILE, "")
    if not _FILE_ID.fullmatch(file):
        raise BrokenMessageError(f"{_FILE} is no id of a file")
    start, end = _number(headers, _START), _number(headers, _END)
    if start >= end:
        raise BrokenMessageError("it ends before it begins")
    lines = _text(body)
    if lines.count(b"\n") != _number(headers, _LINES):
        raise BrokenMessageError(f"{_LINES} is not the number of its lines")
    left_out = _number(headers, _LEFT_OUT) if _LEFT_OUT in headers else 0
    if left_out > end - start:
        raise BrokenMessageError(f"{_LEFT_OUT} is more than there can have been")
    named, log = _label(headers, _FORMAT, MAX_NAME), _label(headers, _LOG, MAX_LOG)
    return Lines(host, site, file, start, end, lines, named, log, left_out)


def encode_health(health: Health) -> bytes:
    """Return the body of a health message, which needs no headers."""
    return msgspec.json.encode(health)


def decode_health(subject: str, body: bytes) -> Health:
    """Return what a health message says. Raises BrokenMessageError if anything is wrong."""
    where = address(subject)
    if where.kind != HEALTH:
        raise BrokenMessageError("its subject is not that of health")
    if len(body) > MAX_HEALTH:
        raise BrokenMessageError("it is too long")
    try:
        health = _HEALTH.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenMessageError("it is no health of an agent") from error
    _check_version(health.protocol)
    _names(where, health.host, health.site)
    texts = (health.agent, health.state, health.message, *health.logs)
    if not all(text.isprintable() for text in texts):
        raise BrokenMessageError("it holds characters that are no text")
    return health


_HEALTH = msgspec.json.Decoder(Health)


def _check_version(version: int) -> None:
    if abs(version - PROTOCOL) > 1:
        older = "dashboard" if version > PROTOCOL else "agent"
        raise BrokenMessageError(f"its protocol is {version}, not {PROTOCOL}; update the {older}")


def _number(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise BrokenMessageError(f"{name} is no number" if text else f"{name} is missing")
    return int(text)


def _names(where: Address, host: str, site: str) -> tuple[str, str]:
    """Return the names of host and site if they are those of the subject."""
    if not is_name(host) or not (site == "" or is_name(site)):
        raise BrokenMessageError("it has no valid name of a host or site")
    if (token(site), token(host)) != (where.site, where.host):
        raise BrokenMessageError("it is not from the host of its subject")
    return host, site


def _label(headers: Mapping[str, str], name: str, longest: int) -> str:
    text = headers.get(name, "")
    if len(text) > longest or not text.isprintable():
        raise BrokenMessageError(f"{name} is no name")
    return text


def _text(body: bytes) -> bytes:
    """Return the lines in a body: whole lines, or nothing."""
    if len(body) > MAX_BODY:
        raise BrokenMessageError("it is too long")
    unpacking = zstd.ZstdDecompressor(options=_WINDOW)
    try:
        lines = unpacking.decompress(body, MAX_TEXT + 1)
    except zstd.ZstdError as error:
        raise BrokenMessageError("its body is damaged") from error
    if len(lines) > MAX_TEXT:
        raise BrokenMessageError("it unpacks to too many bytes")
    if not unpacking.eof or unpacking.unused_data:
        raise BrokenMessageError("its body is damaged")
    if lines and not lines.endswith(b"\n"):
        raise BrokenMessageError("its last line has no end")
    return lines
