r"""The one way from bytes of a log to text that a person may be shown.

Access logs are written by whoever sends requests, so any byte may stand in them: an escape
sequence that retitles the terminal, a right-to-left override that turns a path around, a
zero-width character that hides part of a name. `printable` makes each of those visible.
Terminal, titles, toasts, text and CSV reports all use it; JSON uses `decoded`, because its own
encoder makes control characters harmless.
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
# mark, interlinear marks, surrogates, private use, tag characters; and the other format
# characters (Cf): Arabic, Syriac and Kaithi number signs, hieroglyph and shorthand joiners.
_UNSAFE = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff"
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


def _spelt_out(character: str) -> str:
    code = ord(character)
    if code in _UNDECODED:
        code -= _UNDECODED.start - 0x80
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
