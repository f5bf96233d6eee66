r"""The one way from bytes of a log to text that a person may be shown.

Access logs are written by whoever sends requests, so any byte may stand in them: an escape
sequence that retitles the terminal, a right-to-left override that turns a path around, a
zero-width character that hides part of a name. `printable` makes each of those visible.
Terminal, titles, toasts, text and CSV reports all use it; JSON uses `decoded`, because its own
encoder makes control characters harmless. Where people read paths and referrers, `readable` takes
their percent-encoding away first; for JSON and CSV, which programs read, it stays.
"""

import re
from typing import NewType

# What "surrogateescape", which file names come with too, makes of bytes that do not decode.
_UNDECODED = range(0xDC80, 0xDD00)

Printable = NewType("Printable", str)
"""Text in which every character shows as itself and none commands a terminal."""

# What a terminal may obey, or a reader cannot see: C0, DEL, C1, soft hyphen, combining grapheme
# joiner, Arabic letter mark, Hangul and Khmer fillers, Mongolian separators, zero-width and bidi
# controls, line and paragraph separators, invisible operators, variation selectors, byte order
# mark, interlinear marks, surrogates, private use, tag characters; blanks that are not the ASCII
# one; and the other format characters (Cf): Arabic, Syriac and Kaithi number signs, hieroglyph and
# shorthand joiners.
_UNSAFE = re.compile(
    "[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)


def decoded(value: bytes) -> str:
    r"""Decode UTF-8 with `\xNN` for every byte that does not decode."""
    return value.decode("utf-8", "backslashreplace")


def printable(value: bytes | str) -> Printable:
    r"""Return `value` with everything unprintable spelt out.

    Bytes that are not UTF-8, and characters up to U+00FF, show as `\xNN`; others as `\uNNNN`.
    """
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
    if text.isascii() and text.isprintable():
        return Printable(text)
    # By distinct characters: five times faster than one by one where a line is full of them.
    unsafe = _UNSAFE.findall("".join(set(text)))
    if not unsafe:
        return Printable(text)
    return Printable(text.translate({ord(each): _spelt_out(each) for each in unsafe}))


# What may be taken for another path if it is decoded stays: `/ ? # %`, which part a path or begin
# an encoding, and blanks at an end or beside each other, which could pass for the next column.
_ENCODED = re.compile(
    rb"(?<=[^ ])(?<!%20)%20(?!%20| |\Z)|%(?!20|23|25|2[Ff]|3[Ff])([0-9A-Fa-f]{2})"
)


def readable(value: bytes) -> Printable:
    r"""Return a path or referrer as people read it: percent-decoded once, and then `printable`.

    `/caf%C3%A9/my%20file` shows as `/café/my file`. Encodings of `/`, `?`, `#` and `%` stay, and so
    do those of blanks unless one stands alone between other characters; what has no `%XX` is no
    encoding. So `%252F` shows as it stands, `%1b` as `\x1b`, `%e2%80%ae` as `\u202e`.
    """
    if b"%" in value:
        value = _ENCODED.sub(_character, value)
    return printable(value)


def _character(encoded: re.Match[bytes]) -> bytes:
    return bytes.fromhex(encoded[1].decode()) if encoded[1] else b" "


def _spelt_out(character: str) -> str:
    code = ord(character)
    if code in _UNDECODED:
        code -= _UNDECODED.start - 0x80
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
