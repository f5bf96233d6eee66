"""Decodes a line of JSON, also where it is not quite valid. Knows no formats."""

import json
import re
from contextlib import suppress
from typing import Any

import msgspec

NOT_DECODED = (ValueError, RecursionError)
"""The errors that decoding may raise; those of msgspec and of Unicode are ValueErrors."""

_LONGEST_INTEGER = 40
_ESCAPES = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)


def decoded(line: bytes) -> Any:
    r"""Decode a line of JSON. Raises one of `NOT_DECODED` when it is not JSON.

    Many programs write JSON that is not quite valid. So this accepts whatever is clear all the
    same: bytes that are no UTF-8, `\x1f` for a byte (as Apache and nginx escape), lone surrogates,
    control characters, `NaN` and numbers of any size.
    """
    with suppress(*NOT_DECODED):
        return msgspec.json.decode(line)
    if rb"\x" in line:
        line = _ESCAPES.sub(_unescaped, line)
    text = line.decode("utf-8", "surrogateescape")
    return json.loads(text, strict=False, parse_int=_integer)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return found[0]
    code = int(found[1], 16)
    # A byte above 0x7F becomes the surrogate that "surrogateescape" makes of it.
    return b"\\u%04x" % (code if code < 0x80 else 0xDC00 + code)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)
