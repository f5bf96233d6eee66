"""The fields of a request as rows: what each says, and the filter's terms for it. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import asdict

from logmon_tui import units
from logmon_tui.filters.fields import field_of
from logmon_tui.filters.language import term_of
from logmon_tui.formats.model.hit import NONE, OWN_DIMENSIONS, Dimension, Measure
from logmon_tui.formats.user_agents import BOT, NO_BOT, family_of
from logmon_tui.snapshot import Request
from logmon_tui.tui.paint.cells import shown, shown_decoded
from logmon_tui.tui.paint.statuses import SIGNS, reason

_WHO = {BOT: "is:bot", NO_BOT: "is:human"}
_MEASURES = {
    Measure.RESPONSE_TIME: ("time", "took"),
    Measure.UPSTREAM_TIME: ("upstream", "upstream"),
    Measure.BYTES_IN: ("in", "received"),
}
"""The filter's field and the label of each measure."""

_DECODED = frozenset({Dimension.PATH, Dimension.SECTION, Dimension.ROUTE, Dimension.REFERRER})
_ORDER = (
    Dimension.HOST,
    Dimension.USER,
    Dimension.METHOD,
    Dimension.VIRTUAL_HOST,
    Dimension.PATH,
    Dimension.SECTION,
    Dimension.ROUTE,
    Dimension.REFERRER,
    Dimension.USER_AGENT,
    Dimension.TLS,
    Dimension.SOURCE,
    Dimension.SERVER,
    Dimension.SITE,
)


class Field(NamedTuple):
    """One field: its label, its `text`, safe to paint, and its `value` as it is copied.

    `term` chooses the hits with this value, or those that are at least as slow or large; empty if
    a filter cannot.
    """

    label: str
    text: str
    value: bytes
    term: str = ""

    @property
    def without(self) -> str:
        """The term for all other hits."""
        return f"!{self.term}" if self.term else ""


def fields_of(request: Request, resolution: float, own: Sequence[str] = ()) -> list[Field]:
    """Return all that is known of a request.

    `resolution` is the precision of response times in seconds, 0 if not known. `own` are the names
    of the own panels, in the order of the settings.
    """
    columns = {each: field_of(each) for each in _ORDER} | dict(
        zip(OWN_DIMENSIONS, own, strict=False)
    )
    time = units.date_time(request.second)
    return [
        Field("time", f"{time} UTC", time.encode()),
        *_status(request),
        *_measures(request, resolution),
        *(field for each, name in columns.items() for field in _texts(request, each, name)),
    ]


def _status(request: Request) -> Iterator[Field]:
    code, size = request.status, request.size
    text = f"{SIGNS.get(code // 100, ' ')} {code} {reason(code)}".strip()
    yield Field("status", text, b"%d" % code, f"status:{code}" if not code or code >= 100 else "")
    exact = f" ({size:,} bytes)" if size >= 1_000 else ""
    yield Field("size", units.spoken_size(size) + exact, b"%d" % size, f"size>={size}")


def _measures(request: Request, resolution: float) -> Iterator[Field]:
    for measure, (name, label) in _MEASURES.items():
        value = request.measures.get(measure)
        if value is None:
            continue
        if measure is Measure.BYTES_IN:
            yield Field(label, f"{value:,} bytes", b"%d" % value, f"{name}>={value}")
        else:
            text = units.seconds(value / 1e6, resolution)
            yield Field(label, text, b"%.6f" % (value / 1e6), f"{name}>={_time(value)}")


def _time(micros: int) -> str:
    """Return a time exactly, in a unit that the filter language knows."""
    return f"{micros}us" if micros % 1_000 else f"{micros // 1_000}ms"


def _texts(request: Request, dimension: Dimension, name: str) -> Iterator[Field]:
    """Yield the text that a request has in a dimension, which filters call `name`."""
    value = request.texts.get(dimension, NONE)
    if value == NONE:
        return
    text = shown_decoded(value) if dimension in _DECODED else shown(value)
    yield Field(name, text, value, term_of(name, value))
    if dimension is Dimension.USER_AGENT:
        names = asdict(family_of(value).names)
        for family, kind in names.items():
            if kind == BOT:
                continue  # the bot's own name says more
            term = _WHO.get(kind) or term_of(family, kind)
            yield Field(family, shown(kind), kind, term)
