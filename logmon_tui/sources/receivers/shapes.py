"""Which lines look alike: lines of one shape are most likely in one format. Pure.

Senders whose lines have one shape share a parser, so a thousand servers with one format cost no
more than one. A shape need not be right: each parser recognises its format, and follows changes.
"""

import re
from hashlib import blake2b
from typing import Any

import msgspec

from logmon_tui.formats.detection import LIKELY

HEADER = b"#Fields:"
_MAX_EXAMINED = 4 * 1024
_MAX_TOKENS = 40
# Quoted and bracketed texts are one token each. Possessive, so that it takes linear time.
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|\[[^\]]*+\]?|[^ \t"\[]++', re.DOTALL)
_DECIMAL = re.compile(rb"\d+\.\d+")
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def is_header(shape: str) -> bool:
    """Tell whether a shape is that of the lines which follow a header."""
    return shape.startswith("#")


def shape_of(line: bytes) -> str:
    """Return the shape of a line, empty if it does not look like one of an access log."""
    if not LIKELY().search(line[:_MAX_EXAMINED]):
        return ""
    if line.startswith(HEADER):
        return "#" + blake2b(line.strip(), digest_size=8).hexdigest()
    if line.startswith(b"{"):
        return _keys(line)
    tokens = _TOKENS.findall(line[:_MAX_EXAMINED])[:_MAX_TOKENS]
    return "".join(map(_kind, tokens))


def _kind(token: bytes) -> str:
    if token[:1] in {b'"', b"["}:
        return token[:1].decode()
    return "." if _DECIMAL.fullmatch(token) else "x"


def _keys(line: bytes) -> str:
    try:
        members: dict[str, Any] = _decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return "{"
    names = "\n".join(sorted(members)).encode("utf-8", "surrogatepass")
    return "{" + blake2b(names, digest_size=8).hexdigest()
