"""Apache's LogFormat strings (mod_log_config, mod_logio, mod_ssl)."""

import re
import warnings

from logmon_tui.errors import FormatError
from logmon_tui.formats.delimited import DelimitedFormat, Token, token
from logmon_tui.formats.field import Field
from logmon_tui.formats.readings import Clock, Span, Unit

# Modifiers, a name in braces, a letter.
_DIRECTIVE = re.compile(
    r"%(?:[!<>]|\d{3},?)*"
    r"(?P<name>\{[^}]+\}(?:[aCeinopPtTxc]|\^t[io])|[aABbDfhHIklLmOpPqrRsSTtuUvVX%])"
)
_ESCAPES = {r"\"": '"', r"\\": "\\", r"\t": "\t", r"\n": "\n"}

_TIME: tuple[bytes | Token | Field, ...] = (b"[", token(Field.TIME), b"]")

_DIRECTIVES: dict[str, tuple[bytes | Token | Field, ...]] = {
    "%": (b"%",),
    "h": (Field.HOST,),
    "a": (Field.HOST,),
    "{c}a": (Field.HOST,),
    "u": (Field.USER,),
    "t": _TIME,
    "{sec}t": (token(Field.TIME, Clock.EPOCH),),
    "{msec}t": (token(Field.TIME, Clock.EPOCH),),
    "{usec}t": (token(Field.TIME, Clock.EPOCH),),
    "{%d/%b/%y:%h:%m:%s %z}t": (token(Field.TIME),),
    "{%y-%m-%dt%h:%m:%s%z}t": (token(Field.TIME, Clock.ISO),),
    "{%ft%t%z}t": (token(Field.TIME, Clock.ISO),),
    "{%y-%m-%d %h:%m:%s}t": (token(Field.TIME, Clock.ISO),),
    "r": (Field.REQUEST,),
    "m": (Field.METHOD,),
    "U": (Field.TARGET,),
    "s": (Field.STATUS,),
    "b": (Field.SIZE,),
    "B": (Field.SIZE,),
    "O": (Field.SIZE,),
    "I": (Field.BYTES_IN,),
    "D": (token(Field.RESPONSE_TIME, Span(Unit.MICROSECONDS)),),
    "T": (token(Field.RESPONSE_TIME, Span(Unit.SECONDS)),),
    "{s}T": (token(Field.RESPONSE_TIME, Span(Unit.SECONDS)),),
    "{ms}T": (token(Field.RESPONSE_TIME, Span(Unit.MILLISECONDS)),),
    "{us}T": (token(Field.RESPONSE_TIME, Span(Unit.MICROSECONDS)),),
    "v": (Field.VIRTUAL_HOST,),
    "V": (Field.VIRTUAL_HOST,),
    "{host}i": (Field.VIRTUAL_HOST,),
    "{referer}i": (Field.REFERRER,),
    "{user-agent}i": (Field.USER_AGENT,),
    "{ssl_protocol}x": (Field.TLS,),
    "{ssl_protocol}c": (Field.TLS,),
}
"""What each directive stands for, its name in small letters; others are passed over."""


def apache_format(name: str, definition: str, example: str = "") -> DelimitedFormat:
    """Make a format of an Apache LogFormat string.

    Raises FormatError when the time, the request or the status is missing, which hits cannot do
    without, or when the string has a form that cannot be told apart.
    """
    # The path is one field to us, whether its query is told with it or not.
    text = definition.replace("%U%q", "%U")
    items: list[bytes | Token | Field] = []
    position = 0
    for found in _DIRECTIVE.finditer(text):
        items.append(_unescaped(text[position : found.start()]))
        items.extend(_directive(found["name"], definition))
        position = found.end()
    items.append(_unescaped(text[position:]))
    return DelimitedFormat.of(
        name, *(item for item in items if item != b""), definition=definition, example=example
    )


def _directive(name: str, definition: str) -> tuple[bytes | Token | Field, ...]:
    braces, letter = name[:-1].lower(), name[-1]
    known = _DIRECTIVES.get(braces + letter)
    if known is not None:
        return known
    if letter == "t":
        message = f"format {definition!r}: the time %{name} is not understood"
        raise FormatError(f"{message}; use %t, %{{sec}}t or %{{%Y-%m-%dT%H:%M:%S%z}}t")
    return (Field.OTHER,)


def _unescaped(text: str) -> bytes:
    return re.sub(r'\\["\\tn]', lambda found: _ESCAPES[found[0]], text).encode()


def check_directives(definition: str) -> None:
    """Refuse what is no directive of Apache's, and what apache-log-parser cannot make sense of.

    Raises FormatError.
    """
    for found in re.finditer(r"%\S*", definition):
        if not _DIRECTIVE.match(found[0]):
            message = f"format {definition!r}: {found[0]!r} is no directive of Apache's LogFormat"
            raise FormatError(f"{message}; see its mod_log_config")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source has escapes that newer Pythons warn of
        import apache_log_parser  # 0.2 s, and only for a format given as a string

    try:
        apache_log_parser.Parser(definition)
    except Exception as error:  # the library raises bare exceptions of several kinds
        raise FormatError(f"format {definition!r} is not understood: {error}") from error
