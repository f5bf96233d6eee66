"""The columns of the tables, as data: each one's text for a row, its sort key, and its width."""

from collections.abc import Callable, Sequence

import msgspec

from logmon_tui import units
from logmon_tui.snapshot import CountRow, Errors, Times, Window
from logmon_tui.tui.paint.cells import sparkline

TREND_WIDTH = 6
MIN_NAME_WIDTH = 12
MAX_NAME_WIDTH = 48
NAME_SHARE = 0.6
"""Maximum share of the room beside the figures for names longer than MAX_NAME_WIDTH."""
NAME_STEP = 8
"""The width of names is a multiple of this, so that few new names move the columns."""
MIN_BAR_WIDTH = 6


class Column(msgspec.Struct, frozen=True):
    """A column: `text` of a row in a window, and `order`, the sort key of a row.

    When room is short, columns of the highest `rank` go first. `descending` is the natural order:
    largest numbers first, but names from A to Z. A column that `needs_times` is left out if the log
    has no response times.
    """

    id: str
    title: str
    width: int
    rank: int
    text: Callable[[CountRow, Window], str]
    order: Callable[[CountRow], float | bytes]
    descending: bool = True
    ink: Callable[[CountRow], str] = lambda _row: ""
    needs_times: bool = False


def _per_second(amount: float, window: Window) -> float:
    return amount / window.seconds if window.seconds else 0.0


def share(part: float, whole: float) -> float:
    """Return `part` divided by `whole`; 0 if `whole` is 0."""
    return part / whole if whole else 0.0


HITS = Column("hits", "hits", 7, 0, lambda r, _: units.count(r.hits), lambda r: r.hits)
SHARE = Column(
    "share", "%", 5, 1, lambda r, w: units.percent(share(r.hits, w.hits)), lambda r: r.hits
)
RATE = Column(
    "rate", "req/s", 6, 2, lambda r, w: units.rate(_per_second(r.hits, w)), lambda r: r.hits
)
BYTES = Column(
    "bytes", "B/s", 5, 4, lambda r, w: units.size(_per_second(r.bytes, w)), lambda r: r.bytes
)
TREND = Column(
    "trend",
    "trend",
    TREND_WIDTH,
    3,
    lambda r, _: sparkline(r.trend, TREND_WIDTH),
    lambda r: r.trend[-1] - r.trend[0] if r.trend else 0,
    ink=lambda _: "panel--bar",
)


def _time_column(title: str, rank: int, pick: Callable[[Times], float]) -> Column:
    """Return the column of a quantile of the response times, which not all logs have."""
    return Column(
        title,
        title,
        6,
        rank,
        lambda r, _: "·" if r.times is None else units.seconds(pick(r.times), r.times.resolution),
        lambda r: -1.0 if r.times is None else pick(r.times),
        ink=lambda r: "panel--dim" if r.times is None else "",
        needs_times=True,
    )


P50 = _time_column("p50", 3, lambda times: times.p50)
P95 = _time_column("p95", 1, lambda times: times.p95)
P99 = _time_column("p99", 5, lambda times: times.p99)


def _class_column(id_: str, status_class: int, rank: int, pick: Callable[[Errors], int]) -> Column:
    """Return the column of the share of a row's hits that were errors of one class."""
    return Column(
        id_,
        f"{status_class}xx%",
        5,
        rank,
        lambda r, _: _told(r.errors, pick, lambda hits: units.percent(share(hits, r.hits))),
        lambda r: -1.0 if r.errors is None else share(pick(r.errors), r.hits),
        ink=lambda r: f"status--{status_class}xx" if r.errors and pick(r.errors) else "panel--dim",
    )


def _told(errors: Errors | None, pick: Callable[[Errors], int], text: Callable[[int], str]) -> str:
    """Return the text of the picked hits: a dot for none, nothing if they are not known."""
    if errors is None:
        return ""
    return text(pick(errors)) if pick(errors) else "·"


CLIENT_ERRORS = _class_column("client_errors", 4, 2, lambda errors: errors.client)
SERVER_ERRORS = _class_column("errors", 5, 1, lambda errors: errors.server)
ERROR_HITS = Column(
    "error_hits",
    "errors",
    7,
    5,
    lambda r, _: _told(r.errors, sum, units.count),
    lambda r: -1 if r.errors is None else sum(r.errors),
    ink=lambda r: "" if r.errors and sum(r.errors) else "panel--dim",
)
TIME = Column(
    "time",
    "time%",
    6,
    2,
    lambda r, w: _time_share(r.total_time, w.total_time),
    lambda r: -1.0 if r.total_time is None else r.total_time,
    ink=lambda r: "" if r.total_time else "panel--dim",
    needs_times=True,
)


def _time_share(time: float | None, whole: float | None) -> str:
    """Return the share of all response time, a dot for none, nothing if it is not known."""
    if time is None or whole is None:
        return ""
    return units.percent(share(time, whole)) if time else "·"


COMMON = (HITS, SHARE, RATE, BYTES)
CLASSED = (HITS, SHARE, RATE, CLIENT_ERRORS, SERVER_ERRORS, ERROR_HITS, TIME, BYTES)
TIMED = (HITS, SHARE, RATE, CLIENT_ERRORS, SERVER_ERRORS, TIME, P50, P95, P99, BYTES)

EXPORTED = (
    *("hits", "share", "hits_per_s", "bytes", "bytes_per_s", "4xx", "5xx", "total_time"),
    *("p50", "p95", "p99"),
)
"""The names of the figures in an export: shares of 1, seconds, bytes."""


def figures_of(row: CountRow, window: Window) -> tuple[int | float | None, ...]:
    """Return the figures of a row in the order of EXPORTED, None where one is not known."""
    errors, times = row.errors, row.times
    return (
        row.hits,
        share(row.hits, window.hits),
        _per_second(row.hits, window),
        row.bytes,
        _per_second(row.bytes, window),
        None if errors is None else errors.client,
        None if errors is None else errors.server,
        row.total_time,
        *((None,) * 3 if times is None else (times.p50, times.p95, times.p99)),
    )


BAR = Column(
    "hits", "", MIN_BAR_WIDTH, 0, lambda _row, _: "", lambda r: r.hits, ink=lambda _: "panel--bar"
)
"""The bar of a row's share of all hits, which takes the room that names and figures leave."""


def fitted(
    columns: Sequence[Column], longest: int, whole: int, width: int
) -> tuple[tuple[Column, int], ...]:
    """Return those of `columns` that fit into `width` cells, each with its own width.

    The first column is that of the names, the longest of which has `longest` cells. Figures make
    room for names up to `whole` cells; longer ones are cut. If names leave room, BAR follows them.
    """
    key, *rest = columns
    name = max(MIN_NAME_WIDTH, -(-longest // NAME_STEP) * NAME_STEP)
    least = min(name, whole)
    while len(rest) > 1 and sum(column.width + 1 for column in rest) + least > width:
        rest.remove(max(rest, key=lambda column: column.rank))
    room = max(1, width - sum(column.width + 1 for column in rest))
    figures = [(column, column.width) for column in rest]
    name = min(name, max(MAX_NAME_WIDTH, int(room * NAME_SHARE)))
    gutter = room - name - 1
    if gutter < MIN_BAR_WIDTH:
        return (key, room), *figures
    return (key, name), (BAR, gutter), *figures
