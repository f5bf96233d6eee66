"""The fields of the filter language: how each is called, and what it looks at. One line each."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from logmon_tui.formats.model.hit import OWN_DIMENSIONS, Dimension, Measure


class Kind(Enum):
    """How the values of a field are compared."""

    TEXT = auto()  # the whole text, or a shell pattern
    NAME = auto()  # the same, in any case
    CLIENT = auto()  # the same as NAME, or a network
    PART = auto()  # a part of the text in any case, or a shell pattern of the whole
    ANYWHERE = auto()  # a part of any text of the hit, in any case
    WHO = auto()  # human, bot or ai
    STATUS = auto()  # 404, 5xx, 400-499, >=500
    SECONDS = auto()  # >1s
    BYTES = auto()  # >1MB


NUMBERS = frozenset({Kind.STATUS, Kind.SECONDS, Kind.BYTES})
"""Kinds that can be compared with `<`, `<=`, `>` and `>=`."""


class FilterField(msgspec.Struct, frozen=True):
    """A field of the language.

    `column` is the dimension or measure it looks at; None for status, size, and text anywhere.
    `family` names what is derived of an agent: a field of `user_agents.Names`.
    """

    name: str
    kind: Kind
    column: Dimension | Measure | None
    about: str
    example: str
    alias: str = ""
    family: str = ""


_D, _M = Dimension, Measure
_FIELDS = (
    FilterField("status", Kind.STATUS, None, "status code", "status:404,5xx"),
    FilterField("section", Kind.TEXT, _D.SECTION, "first part of the path", "section:/api,/shop"),
    FilterField("path", Kind.TEXT, _D.PATH, "path, without the query", "path:/users/*"),
    FilterField("route", Kind.TEXT, _D.ROUTE, "path with :id for ids", "route:/users/:id"),
    FilterField("client", Kind.CLIENT, _D.HOST, "client address or name", "client:10.0.0.0/8"),
    FilterField("host", Kind.NAME, _D.VIRTUAL_HOST, "virtual host", "host:*.example.com", "vhost"),
    FilterField("method", Kind.NAME, _D.METHOD, "request method", "method:POST,PUT"),
    FilterField("user", Kind.TEXT, _D.USER, "authenticated user", "user:anna"),
    FilterField("agent", Kind.PART, _D.USER_AGENT, "text in the user agent", "agent:curl"),
    FilterField("referrer", Kind.PART, _D.REFERRER, "text in the referrer", "referrer:google"),
    FilterField(
        "browser", Kind.NAME, _D.USER_AGENT, "browser family", "browser:firefox", family="browser"
    ),
    FilterField(
        "system", Kind.NAME, _D.USER_AGENT, "operating system", "system:windows", family="system"
    ),
    FilterField("bot", Kind.NAME, _D.USER_AGENT, "name of the bot", "bot:googlebot", family="bot"),
    FilterField("is", Kind.WHO, _D.USER_AGENT, "human, bot, or ai: a crawler for AI", "is:human"),
    FilterField("tls", Kind.NAME, _D.TLS, "TLS version", "tls:TLSv1.2"),
    FilterField("log", Kind.TEXT, _D.SOURCE, "log, where several are read", "log:shop.log"),
    FilterField("server", Kind.TEXT, _D.SERVER, "machine, as site/host", "server:eu/web1"),
    FilterField("site", Kind.TEXT, _D.SITE, "site of the machine", "site:eu"),
    FilterField("time", Kind.SECONDS, _M.RESPONSE_TIME, "response time", "time>1s"),
    FilterField("upstream", Kind.SECONDS, _M.UPSTREAM_TIME, "upstream time", "upstream>=300ms"),
    FilterField("size", Kind.BYTES, None, "bytes sent", "size>1MB"),
    FilterField("in", Kind.BYTES, _M.BYTES_IN, "bytes received", "in>10kB"),
    FilterField("q", Kind.ANYWHERE, None, "text anywhere in the hit", 'q:"free text"'),
)


Own: TypeAlias = Mapping[str, Dimension]
"""What the fields of own panels look at, by their names."""

NO_OWN: Own = MappingProxyType({})


def own_field(name: str, dimension: Dimension) -> FilterField:
    """Return the field of an own panel called `name`, which counts by `dimension`."""
    return FilterField(name, Kind.NAME, dimension, "field of an own panel", f"{name}:…")


FIELDS = {field.name: field for field in _FIELDS}
"""All fields by their names, in the order in which help lists them."""

ANYWHERE = FIELDS["q"]
"""The field of a word without a field."""

SEARCHED = (
    _D.METHOD,
    _D.PATH,
    _D.HOST,
    _D.USER,
    _D.USER_AGENT,
    _D.REFERRER,
    _D.VIRTUAL_HOST,
    _D.TLS,
    _D.SOURCE,
    _D.SERVER,
    _D.SITE,
    *OWN_DIMENSIONS,
)
"""The dimensions in which `q` looks; sections and routes are made of paths."""


class Fields:
    """The fields that an expression may have; `anywhere` is that of a word without a field.

    Public attribute: `own`, what the fields of own panels among them look at.
    """

    def __init__(
        self, fields: Iterable[FilterField], anywhere: FilterField, own: Own = NO_OWN
    ) -> None:
        known = [*fields, *(own_field(name, each) for name, each in own.items())]
        self.own = own
        self.anywhere = anywhere
        self._by_name = {field.name: field for field in known}
        self._by_name |= {field.alias: field for field in known if field.alias}

    def with_own(self, own: Own) -> "Fields":
        """Return these fields and those of own panels."""
        return Fields(self._by_name.values(), self.anywhere, own) if own else self

    def named(self, name: str) -> FilterField | None:
        """Return the field of this name or alias, in any case; None if there is none."""
        return self._by_name.get(name.lower())

    def names(self) -> list[str]:
        """Return all names of fields, aliases included."""
        return list(self._by_name)


OF_HITS = Fields(_FIELDS, ANYWHERE)
"""The fields of hits, which all filters have but those of notifications."""

_BY_DIMENSION = {
    field.column: field.name
    for field in _FIELDS
    if isinstance(field.column, Dimension) and not field.family and field.kind is not Kind.WHO
}


def named(name: str) -> FilterField | None:
    """Return the field of this name or alias, in any case; None if there is none."""
    return OF_HITS.named(name)


def names() -> list[str]:
    """Return all names of fields, aliases included."""
    return OF_HITS.names()


def field_of(dimension: Dimension) -> str:
    """Return the name of the field that looks at a dimension; every dimension has one."""
    return _BY_DIMENSION[dimension]
