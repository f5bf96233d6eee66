r"""What an attacker may put into a log, and what no output may hold because of it.

Every value bears a token of its own, so that a test finds it again: spelt out, not obeyed.
"""

import re
import unicodedata
from urllib.parse import quote_from_bytes, unquote_to_bytes

# No space, quote, `?` or `#` stands in these, so that each fits into every field of a line.
_CONTROLS = (
    # Operating system commands: titles, clipboard, link, palette, and one that never ends.
    *(b"\x1b]0;TOKEN\x07", b"\x1b]2;TOKEN\x1b\\", b"\x1b]52;c;TOKEN\x07", b"\x1b]4;1;TOKEN\x07"),
    *(b"\x1b]8;;http:TOKEN\x07x\x1b]8;;\x07", b"\x1b]0;TOKEN"),
    # Device control, application, privacy and start-of-string commands.
    *(b"\x1bPTOKEN\x1b\\", b"\x1bP$qTOKEN\x1b\\", b"\x1b_TOKEN\x1b\\", b"\x1b^TOKEN\x1b\\"),
    *(b"\x1bXTOKEN\x1b\\",),
    # Control sequences: clear, reports, conceal, insert, cursor; resets; an ESC at the end.
    *(b"\x1b[2JTOKEN", b"\x1b[6nTOKEN", b"\x1b[21tTOKEN", b"\x1b[8mTOKEN", b"\x1b[4hTOKEN"),
    *(b"\x1b[1;1HTOKEN", b"\x1bcTOKEN", b"\x1b(0TOKEN", b"TOKEN\x1b"),
    # The same in one byte, in UTF-8, and with an ESC in an overlong form.
    *(b"\x9d0;TOKEN\x9c", b"\xc2\x9d0;TOKEN\xc2\x9c", b"\x9b2JTOKEN", b"\xc2\x9b2JTOKEN"),
    *(b"\x90TOKEN\x9c", b"\xc2\x90TOKEN\xc2\x9c", b"TOKEN\x85x", b"TOKEN\xc2\x85x"),
    *(b"\xc0\x9b]0;TOKEN\x07", b"\xed\xa0\x80TOKEN", b"\xff\xfeTOKEN", b"TOKEN\xf0\x9f\x98"),
    # Other control characters.
    *(b"\0TOKEN", b"TOKEN\x07", b"TOKEN\b\b\b", b"TOKEN\tx", b"TOKEN\v\fx", b"\x0eTOKEN"),
    *(b"\x18TOKEN", b"TOKEN\rx", b"TOKEN\x7f"),
)
# Bidi controls, separators, zero-width and other characters that hide or cannot be seen.
_HIDDEN = "\u202e\u202a\u2066\u2069\u200f\u061c\u2028\u2029\u200b\u200d\u2060\ufeff\u00ad\ufe0f"
_HIDDEN += "\u034f\u3164\ue000\U0001f3fd\U000e0041\U000e0100"
_MARKUP = (
    *("[red]TOKEN[/]", "[bold]TOKEN[/bold]", "[on_red]TOKEN", "[/TOKEN]", "[TOKEN", "\\[red]TOKEN"),
    *("[@click=app.quit]TOKEN[/]", "[@click=app.toggle_panel('tail')]TOKEN[/]"),
    *("[@click=screen.dismiss]TOKEN[/]", "[link=http:TOKEN]x[/link]", "[$error]TOKEN[/]"),
    *(":skull:TOKEN", "[[TOKEN]]", "<b>TOKEN</b>", "{TOKEN}"),
    # What servers write instead of an ESC is text, and stays so.
    *(r"\x1B]0;TOKEN\x07", r"\u001b]0;TOKEN", r"\e[31mTOKEN", r"\033]0;TOKEN"),
)
# Percent-encoded, as they stand in paths: harmless until somebody decodes them.
_ENCODED = (
    *("%1b]0;TOKEN%07", "%1B[2JTOKEN", "%C2%9B2JTOKEN", "%9d0;TOKEN%9c", "%00TOKEN%0d%0aTOKEN"),
    *("%E2%80%AETOKEN", "%e2%80%8bTOKEN", "%ff%feTOKEN", "%251b]0;TOKEN%2507", "%1\\x1bTOKEN"),
    *("%5B@click=app.quit%5DTOKEN%5B/%5D", "TOKEN%20%20%20"),
)
_TEMPLATES = (
    *_CONTROLS,
    *(f"{character}TOKEN{character}".encode() for character in _HIDDEN),
    *(text.encode() for text in (*_ENCODED, *_MARKUP)),
)
PAYLOADS = len(_TEMPLATES)
COMMANDING = PAYLOADS - len(_ENCODED) - len(_MARKUP)
"""So many payloads, the first ones, hold something that must not reach a terminal as it is."""

FIELDS = ("vhost", "host", "user", "path", "referrer", "agent")
ALL_FIELDS = (*FIELDS, "method", "line")


def token(number: int, field: str) -> str:
    """Return the text by which payload `number` in a field is known."""
    return f"zq{number:02}{field[:2]}"


def value(number: int, field: str) -> bytes:
    """Return payload `number` with its token for a field, edged by harmless characters."""
    payload = _TEMPLATES[number].replace(b"TOKEN", token(number, field).encode())
    return (b"/" if field == "path" else b"x") + payload + b"~"


def percent_encoded(text: bytes) -> bytes:
    """Return `text` with everything encoded that is no letter, digit or `/`."""
    return quote_from_bytes(text).encode()


def combined(number: int, second: int = 0) -> bytes:
    """Return a combined line with payload `number` in each field, `second` after 16:00 UTC."""
    _, *fields = (value(number, field) for field in FIELDS)
    host, user, path, referrer, agent = fields
    return b'%b - %b [09/May/2018:16:00:%02d +0000] "GET %b HTTP/1.1" 200 12 "%b" "%b"\n' % (
        *(host, user, second),
        *(path, referrer, agent),
    )


def vhost_combined(number: int, second: int = 0) -> bytes:
    """Return the same with a virtual host in front."""
    return value(number, "vhost") + b":443 " + combined(number, second)


def without_format(number: int) -> bytes:
    """Return a line of payload `number` that is no hit in any format."""
    return value(number, "line") + b"\n"


def hostile_methods(number: int) -> bytes:
    """Return a vhost_combined line whose method is payload `number`."""
    return vhost_combined(number).replace(b'"GET ', b'"' + value(number, "method") + b" ")


# Not of a hiding category, yet drawn as nothing, by some terminals at least.
_INVISIBLE = {"\u034f", "\u3164", "\ufe0f", "\U0001f3fd", "\U000e0100"}
_HIDING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_HARMFUL_VALUES = [value(number, field) for number in range(COMMANDING) for field in ALL_FIELDS]
_HARMFUL_VALUES += [unquote_to_bytes(value(n, "path")) for n in range(COMMANDING, COMMANDING + 8)]


def harm(output: bytes, allowed: re.Pattern[bytes] = re.compile(rb"\n")) -> set[str]:
    """Return what in `output` commands a terminal or deceives a reader; empty if nothing does.

    `allowed` matches what the program itself has a reason to write.
    """
    rest = allowed.sub(b"", output).decode("utf-8", "surrogateescape")
    found = {
        ascii(character)
        for character in set(rest)
        if unicodedata.category(character) in _HIDING or character in _INVISIBLE
    }
    return found | {ascii(value) for value in _HARMFUL_VALUES if value in output}
