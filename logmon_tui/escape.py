r"""The only way from the bytes of a log to text that is shown to a person.

Clients choose what is in an access log, so any byte may occur: an escape sequence that changes the
title of the terminal, a right-to-left override that reverses a path, a zero-width character that
hides part of a name. `printable` makes all of those visible. Screen, titles, toasts, text and CSV
reports use it. JSON uses `decoded`, because its own encoder escapes control characters. Where
people read paths and referrers, `readable` also decodes percent-encoding; in JSON and CSV, which
programs read, the encoding stays.
"""

import re
from functools import cache
from typing import NewType

from logmon_tui.late_patterns import late_pattern

# The characters that "surrogateescape" makes of bytes that are no UTF-8, in file names as well.
_UNDECODED = range(0xDC80, 0xDD00)

Printable = NewType("Printable", str)
"""Text in which every character is visible and none controls the terminal."""

# Characters that may control a terminal, or that a reader cannot see: C0, DEL, C1, soft hyphen,
# combining grapheme joiner, Arabic letter mark, Hangul and Khmer fillers, Mongolian separators,
# zero-width and bidi controls, line and paragraph separators, invisible operators, variation
# selectors, byte order mark, interlinear marks, surrogates, private use, tag characters; blanks
# other than the ASCII one; and the other format characters (Cf): Arabic, Syriac and Kaithi number
# signs, hieroglyph and shorthand joiners. Skin tones are among them as they take two cells in some
# terminals and none in others: a name of thirty would push the rest of its row off the screen.
_UNSAFE = (
    "[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U0001f3fb-\U0001f3ff\U000e0000-\U0010ffff]"
)


def decoded(value: bytes) -> str:
    r"""Decode UTF-8 with `\xNN` for every byte that does not decode."""
    return value.decode("utf-8", "backslashreplace")


def printable(value: bytes | str) -> Printable:
    r"""Return `value` with every unsafe character escaped.

    Bytes that are not UTF-8, and characters up to U+00FF, show as `\xNN`; others as `\uNNNN`,
    beyond U+FFFF as `\UNNNNNNNN`.
    """
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
    if text.isascii() and text.isprintable():
        return Printable(text)
    # The search over distinct characters is five times faster for a line full of unsafe ones.
    unsafe = _unsafe().findall("".join(set(text)))
    if not unsafe:
        return Printable(text)
    return Printable(text.translate({ord(each): _escaped(each) for each in unsafe}))


@cache
def _unsafe() -> re.Pattern[str]:
    """Return the pattern of one unsafe character; to compile it takes a millisecond."""
    return re.compile(_UNSAFE)


# Decoding must not make one path look like another. So `/ ? # %` stay encoded, because they have a
# meaning in paths, and so do blanks at an end or in a row, which could pass for the next column.
_ENCODED = late_pattern(
    rb"(?<=[^ ])(?<!%20)%20(?!%20| |\Z)|%(?!20|23|25|2[Ff]|3[Ff])([0-9A-Fa-f]{2})"
)


def readable(value: bytes) -> Printable:
    r"""Return a path or referrer as people read it: percent-decoded once, then made `printable`.

    `/caf%C3%A9/my%20file` becomes `/café/my file`. Encodings of `/`, `?`, `#` and `%` stay, and so
    do those of blanks, except of a single blank between other characters. So `%252F` is unchanged,
    `%1b` becomes `\x1b`, and `%e2%80%ae` becomes `\u202e`.
    """
    if b"%" in value:
        value = _ENCODED().sub(_decoded_character, value)
    return printable(value)


def _decoded_character(encoded: re.Match[bytes]) -> bytes:
    return bytes.fromhex(encoded[1].decode()) if encoded[1] else b" "


def _escaped(character: str) -> str:
    code = ord(character)
    if code in _UNDECODED:
        code -= _UNDECODED.start - 0x80
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
