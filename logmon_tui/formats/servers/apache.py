"""Apache's LogFormat strings (mod_log_config, mod_logio, mod_ssl)."""

import re
import warnings

from msgspec.structs import replace

from logmon_tui.errors import FormatError
from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import token
from logmon_tui.formats.model.converters import Duration, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform
from logmon_tui.formats.servers.apache_times import TIMES, time_parts
from logmon_tui.formats.servers.definitions import Part, format_of, forwarded_for

# Modifiers (for which statuses, of which request), a name in braces, a letter.
_DIRECTIVE = (
    r"%(?P<modifiers>(?:[!<>]|\d{3},?)*)"
    r"(?P<name>\{[^}]+\}(?:[aACDehHiLnopPrstTuUvVxc]|\^t[io])|\^FB"
    r"|[aABbDfhHIklLmOpPqrRsSTtuUvVX%])"
)
_ESCAPES = {r"\"": '"', r"\\": "\\", r"\t": "\t", r"\n": "\n"}


def _virtual_host(rank: int, *, free: bool = False) -> Part:
    named = token(Field.VIRTUAL_HOST, transform=Transform.WITHOUT_PORT, free=free)
    return Part(named, rank)


def _response_time(unit: Unit, rank: int) -> Part:
    return Part(token(Field.RESPONSE_TIME, Duration(unit)), rank)


_DIRECTIVES: dict[str, Part] = {
    "h": Part(token(Field.HOST)),
    "a": Part(token(Field.HOST)),
    "{c}h": Part(token(Field.HOST), 1),  # the proxy in front, where %a is the client
    "{c}a": Part(token(Field.HOST), 1),
    "{x-real-ip}i": forwarded_for(8),
    "{x-forwarded-for}i": forwarded_for(9),
    "u": Part(token(Field.USER)),
    "r": Part(token(Field.REQUEST)),
    "m": Part(token(Field.METHOD)),
    "U": Part(token(Field.TARGET, free=True)),  # decoded: its spaces are a client's
    ">s": Part(token(Field.STATUS)),
    "s": Part(token(Field.STATUS), 1),
    "b": Part(token(Field.SIZE)),
    "B": Part(token(Field.SIZE)),
    "O": Part(token(Field.SIZE), 1),
    "I": Part(token(Field.BYTES_IN)),
    "D": _response_time(Unit.MICROSECONDS, 0),
    "{us}T": _response_time(Unit.MICROSECONDS, 0),
    "{ms}T": _response_time(Unit.MILLISECONDS, 1),
    "T": _response_time(Unit.SECONDS, 2),
    "{s}T": _response_time(Unit.SECONDS, 2),
    "v": Part(token(Field.VIRTUAL_HOST)),
    "V": Part(token(Field.VIRTUAL_HOST)),
    "{host}i": _virtual_host(1, free=True),
    "{referer}i": Part(token(Field.REFERRER), spaced=True),
    "{user-agent}i": Part(token(Field.USER_AGENT), spaced=True),
    "{ssl_protocol}x": Part(token(Field.TLS)),
    "{ssl_protocol}c": Part(token(Field.TLS)),
    "q": Part(token(Field.OTHER, optional=True)),
    # Several directives, together:
    "a:p": Part(token(Field.HOST, transform=Transform.PORT_CUT)),
    "v:p": _virtual_host(0),
}
"""The field of each directive, with names in braces in lower case; others are skipped."""

_TOGETHER = (
    (re.compile(r"%U%q"), "%U"),  # path and query are one field here
    (re.compile(r'(?<=")%m %U %H(?=\\?")'), "%r"),
)
_PORTS = r"%(?P<host>[ahvV]|\{[Hh]ost\}i):%(?:\{\w+\})?p"
_PLAIN_NAME = re.compile(r"(?:\{[\w-]+\})?[a-su-zA-Z]")
"""The directives that apache-log-parser understands: no times, no unusual names in braces."""
_HEADERS = "ioCen"
"""Letters of directives whose values may contain spaces, or be lists."""


def apache_format(name: str, definition: str, example: str = "") -> DelimitedFormat:
    """Build a format from an Apache LogFormat string.

    Raises FormatError when the time, the request or the status is missing, because every hit needs
    them, or when the string is ambiguous.
    """
    text = definition
    for expression, shorter in _TOGETHER:
        text = expression.sub(shorter, text)
    items: list[bytes | Part] = []
    place = 0
    for found in re.finditer(f"{_PORTS}|{TIMES}|{_DIRECTIVE}", text):
        items += [_unescaped(text[place : found.start()]), *_parts(found, definition)]
        place = found.end()
    items.append(_unescaped(text[place:]))
    return format_of(name, items, definition=definition, example=example)


def _parts(found: re.Match[str], definition: str) -> list[bytes | Part]:
    """Return the parts for one match: a directive, or several that belong together."""
    if found["times"] is not None:
        return time_parts(found["times"], definition)
    if found["host"] is not None:
        return [_DIRECTIVES["a:p" if found["host"] in "ah" else "v:p"]]
    name, letter = found["name"], found["name"][-1]
    if name == "%":
        return [b"%"]
    if name == "s" and ">" in found["modifiers"]:
        name = ">s"
    known = _DIRECTIVES.get(name[:-1].lower() + letter)
    if known is not None:
        return [replace(known, token=known.token.changed(name=name.lower()))]
    header = letter in _HEADERS
    told = "" if name == "l" else name  # nobody asks clients for that any more
    free = letter == "f"  # the file that a decoded path names
    skipped = token(Field.OTHER, optional=header, listed=header, free=free, name=told)
    return [Part(skipped, spaced=header)]


def _unescaped(text: str) -> bytes:
    return re.sub(r'\\["\\tn]', lambda found: _ESCAPES[found[0]], text).encode(
        errors="surrogateescape"
    )


def check_directives(definition: str) -> None:
    """Raise FormatError for an unknown directive, or one that apache-log-parser rejects."""
    odd = re.search(r"%\S*", re.sub(_DIRECTIVE, " ", definition))
    if odd is not None:
        message = f"format {definition!r}: {odd[0]!r} is no directive of Apache's LogFormat"
        raise FormatError(f"{message}; see its mod_log_config")
    names = (found["name"] for found in re.finditer(_DIRECTIVE, definition))
    # apache-log-parser accepts each directive only once.
    plain = {
        name[:-1].lower().replace("-", "_") + name[-1]: f"%{name}"
        for name in names
        if _PLAIN_NAME.fullmatch(name)
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source has escapes that newer Pythons warn of
        import apache_log_parser  # 0.2 s, and only for a format given as a string

    try:
        apache_log_parser.Parser(" ".join(plain.values()))
    except Exception as error:  # the library raises bare exceptions of several kinds
        raise FormatError(f"format {definition!r} is not understood: {error}") from error
