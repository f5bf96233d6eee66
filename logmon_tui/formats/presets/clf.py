"""The Common Log Format, and the fields that Apache, nginx and others add to it."""

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token, token
from logmon_tui.formats.model.converters import (
    BEHIND_VIRTUAL_HOST,
    Amount,
    Code,
    Duration,
    Shape,
    Unit,
)
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform

Items = tuple[bytes | Token | Field, ...]

_BEHIND_HOST: Items = (
    *(b" ", Field.OTHER, b" ", Field.USER, b" [", Field.TIME, b'] "', Field.REQUEST),
    *(b'" ', Field.STATUS, b" ", Field.SIZE),
)
_COMMON: Items = (Field.HOST, *_BEHIND_HOST)
_AGENT: Items = (b' "', Field.REFERRER, b'" "', Field.USER_AGENT, b'"')
COMBINED_ITEMS: Items = (*_COMMON, *_AGENT)
_IN_FRONT = Shape(
    rb"(?!(?:[\d.]++|[\dA-Fa-f]*+:[\dA-Fa-f]*+:[\dA-Fa-f.:]*+) - )[^ ]++(?<!,)", of_client=True
)
"""A virtual host, but no list of addresses, whose last one would be taken for the client.

Before a lone dash it must be a name: `10.0.0.1 - - x` is a client with an odd user's name.
"""
_VHOST_COMMON: Items = (
    *(token(Field.VIRTUAL_HOST, _IN_FRONT, transform=Transform.WITHOUT_PORT), b" "),
    *(token(Field.HOST, BEHIND_VIRTUAL_HOST), *_BEHIND_HOST),
)

_LINE = '203.0.113.5 - mary [22/Nov/2026:08:26:40 +0000] "GET /api/user?id=7 HTTP/1.1" 200 612'
COMBINED_LINE = _LINE + ' "https://example.org/" "Mozilla/5.0 (X11; Linux x86_64)"'
_COMBINED = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'

# Not made of their definitions: to read those takes longer than to read a small log.
COMMON = DelimitedFormat.of("common", *_COMMON, definition='%h %l %u %t "%r" %>s %b', example=_LINE)
COMBINED = DelimitedFormat.of(
    "combined", *COMBINED_ITEMS, definition=_COMBINED, example=COMBINED_LINE
)
VHOST_COMMON = DelimitedFormat.of(
    "vhost_common",
    *_VHOST_COMMON,
    definition='%v %h %l %u %t "%r" %>s %b',
    example=f"www.example.com {_LINE}",
)
VHOST_COMBINED = DelimitedFormat.of(
    "vhost_combined",
    *(*_VHOST_COMMON, *_AGENT),
    definition='%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"',
    example=f"www.example.com:443 {COMBINED_LINE}",
)


def _timed(name: str, unit: Unit, directive: str, example: str) -> DelimitedFormat:
    span = token(Field.RESPONSE_TIME, Duration(unit, whole=True))
    return DelimitedFormat.of(
        name,
        *(*COMBINED_ITEMS, b" ", span),
        definition=f"{_COMBINED} {directive}",
        example=f"{COMBINED_LINE} {example}",
    )


COMBINED_TIME_US = _timed("combined_time_us", Unit.MICROSECONDS, "%D", "123456")
COMBINED_TIME_S = _timed("combined_time_s", Unit.SECONDS, "%T", "0")
COMBINED_TIME_MS = _timed("combined_time_ms", Unit.MILLISECONDS, "%{ms}T", "123")
COMBINEDIO = DelimitedFormat.of(
    "combinedio",
    *(*COMBINED_ITEMS, b" ", Field.BYTES_IN, b" ", token(Field.OTHER, Amount())),
    definition=f"{_COMBINED} %I %O",
    example=f"{COMBINED_LINE} 420 1033",
)
TRAEFIK_CLF = DelimitedFormat.of(
    "traefik_clf",
    *_COMMON[:-3],
    token(Field.STATUS, Code.OR_NONE),
    *_COMMON[-2:],
    *(b' "', Field.REFERRER, b'" "', Field.USER_AGENT, b'" ', Field.OTHER),
    *(b' "', Field.OTHER, b'" "', Field.OTHER, b'" '),
    *(token(Field.RESPONSE_TIME, Duration(Unit.MILLISECONDS)), b"ms"),
    example=f'{COMBINED_LINE} 190 "web@docker" "http://172.17.0.3:80" 12ms',
)
