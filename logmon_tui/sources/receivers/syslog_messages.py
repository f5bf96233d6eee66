r"""From a syslog message to the lines of a log, and the server that wrote them. Pure.

The header (RFC 3164, RFC 5424, or what rsyslog and nginx make of them) is taken off here, because
it has to be read anyway for the server's name. What is left is the line as the server itself would
write it to a file, so lines that came by different ways have the same format.
"""

import re

from logmon_tui.sources.receivers.inbox import Run
from logmon_tui.sources.receivers.senders import SERVER_NAME

_PRIORITY = rb"<\d{1,3}>"
_INSTANT = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_TIME = rb"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|" + _INSTANT + rb")"
_TAG = rb'[^ \n:\["{]{1,64}(?:\[[^\] \n]{1,64}\])?:(?: |\Z)'
_DATA = (
    rb'(?:-|(?:\[[^ \n\]"=]{1,32}'
    rb'(?: [^ \n\]"=]{1,32}="[^"\\\]\n]*+(?:\\.[^"\\\]\n]*+)*+")*+\])++)'
)
_HEADERS = (
    # RFC 5424, section 6: version 1, time, host, program, process, message, structured data.
    re.compile(
        _PRIORITY
        + rb"1 (?:-|"
        + _INSTANT
        + rb") (?P<host>[^ \n]{1,255}) [^ \n]{1,48} [^ \n]{1,128} [^ \n]{1,32} "
        + _DATA
        + rb"(?: (?:\xef\xbb\xbf)?|\Z)"
    ),
    # RFC 3164, section 4; nginx can leave the host out.
    re.compile(_PRIORITY + _TIME + rb" (?:(?P<host>[^ \n]{1,255}) )??" + _TAG),
    re.compile(_PRIORITY + rb"(?:" + _TIME + rb" )?(?P<host>)"),
)
"""The header of a message, the most complete first."""


def runs_of(message: bytes, address: bytes) -> list[Run]:
    """Return the lines of a message, with their server: the host that it names, else `address`.

    A line that has no header of its own, in a message of several lines, is of the same server.
    """
    server = address
    runs = []
    for line in message.split(b"\n"):
        text = line.strip(b"\r\0")
        if text.startswith(b"<"):
            host, text = _without_header(text)
            server = host or address
        if text:
            runs.append(Run(server, b"", text + b"\n", 1))
    return runs


def _without_header(line: bytes) -> tuple[bytes, bytes]:
    """Return the host that the header names, if its name is fit, and the line without it."""
    for header in _HEADERS:
        if found := header.match(line):
            host = found["host"] or b""
            is_name = host != b"-" and SERVER_NAME.fullmatch(host) is not None
            return (host if is_name else b""), line[found.end() :]
    return b"", line


def address_name(address: str) -> bytes:
    """Return the name of a server of which nothing but its IP address is known."""
    bare = address.partition("%")[0].removeprefix("::ffff:")
    return bare.encode("ascii", "replace")[:64]
