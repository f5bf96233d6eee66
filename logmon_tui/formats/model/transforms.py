"""Transforms: normalise a text before it is counted, once for each distinct text. Pure."""

from collections.abc import Callable
from enum import Enum
from urllib.parse import unquote_to_bytes

from logmon_tui.formats.model.hit import NONE
from logmon_tui.late_patterns import late_pattern

PORT_DIGITS = 5
"""Maximum digits of a port."""

_WITH_PORT = late_pattern(rb"\[([^\]]*+)\]:\d{1,5}|\[([^\]:]*+:[^\]]*+)\]|([^:]*+):\d{1,5}")


def _without_port(text: bytes) -> bytes:
    found = _WITH_PORT().fullmatch(text)
    return text if found is None else found[1] or found[2] or found[3] or text


def _port_cut(text: bytes) -> bytes:
    host, colon, port = text.rpartition(b":")
    if not colon or len(port) > PORT_DIGITS:
        return text
    return host.removeprefix(b"[").removesuffix(b"]") if host[:1] == b"[" else host


def _host_cut(text: bytes) -> bytes:
    return b"/" + text.partition(b"/")[2]


def _first_of_list(text: bytes) -> bytes:
    return _without_port(text.partition(b",")[0].strip(b" "))


def _none_if_empty(text: bytes) -> bytes:
    return text or NONE


def _undoubled(text: bytes) -> bytes:
    return text.replace(b'""', b'"')


def _plus_as_space(text: bytes) -> bytes:
    return text.replace(b"+", b" ")


_TLS_VERSIONS = {
    b"769": b"TLSv1",
    b"770": b"TLSv1.1",
    b"771": b"TLSv1.2",
    b"772": b"TLSv1.3",
    b"1.0": b"TLSv1",
    b"1.1": b"TLSv1.1",
    b"1.2": b"TLSv1.2",
    b"1.3": b"TLSv1.3",
}


def _tls_version(text: bytes) -> bytes:
    return _TLS_VERSIONS.get(text, text)


class Transform(Enum):
    """A way to normalise the text of a field."""

    WITHOUT_PORT = "without port"
    """`10.0.0.1:4711` becomes the host `10.0.0.1`, `[::1]:80` and `[::1]` become `::1`.

    Otherwise every connection of a client would count as another host.
    """
    PORT_CUT = "port cut"
    """The text after the last colon is always a port, even in `2001:db8::1:4711`: it is cut off."""
    HOST_CUT = "host cut"
    """`www.example.com/pages` becomes the target `/pages`."""
    FIRST_OF_LIST = "first of list"
    """The first address of X-Forwarded-For, without its port: the client; proxies follow it."""
    NONE_IF_EMPTY = "none if empty"
    """An empty text becomes `-`, as in other logs."""
    UNDOUBLED = "undoubled"
    """A doubled quote becomes a single one (RFC 4180)."""
    PLUS_AS_SPACE = "plus as space"
    """Plus signs become spaces: W3C logs write the spaces within a field so."""
    PERCENT_DECODED = "percent-decoded"
    """Percent-encoding is decoded: CloudFront writes user agents with it."""
    TLS_VERSION = "TLS version"
    """A protocol number (RFC 8446, section 4.1.2) or `1.3` becomes `TLSv1.3`."""

    def __call__(self, text: bytes) -> bytes:
        """Return the normalised `text`."""
        return _FUNCTIONS[self](text)


_FUNCTIONS: dict[Transform, Callable[[bytes], bytes]] = {
    Transform.WITHOUT_PORT: _without_port,
    Transform.PORT_CUT: _port_cut,
    Transform.HOST_CUT: _host_cut,
    Transform.FIRST_OF_LIST: _first_of_list,
    Transform.NONE_IF_EMPTY: _none_if_empty,
    Transform.UNDOUBLED: _undoubled,
    Transform.PLUS_AS_SPACE: _plus_as_space,
    Transform.PERCENT_DECODED: unquote_to_bytes,
    Transform.TLS_VERSION: _tls_version,
}

MARKS: dict[Transform, bytes] = {
    Transform.WITHOUT_PORT: b":",
    Transform.PORT_CUT: b":",
    Transform.FIRST_OF_LIST: b",: ",
    Transform.NONE_IF_EMPTY: b"",
    Transform.UNDOUBLED: b'"',
    Transform.PLUS_AS_SPACE: b"+",
    Transform.PERCENT_DECODED: b"%",
}
"""Bytes that each transform looks for: it changes no other text, unless that is empty."""
