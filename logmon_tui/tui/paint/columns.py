"""The columns of the tables, as data: each one's text for a row, and its sort key."""

from collections.abc import Callable
from dataclasses import dataclass

from logmon_tui import units
from logmon_tui.snapshot import CountRow, Times, Window
from logmon_tui.tui.paint.cells import sparkline

TREND_WIDTH = 6


@dataclass(frozen=True, slots=True)
class Column:
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


def error_share(row: CountRow) -> float:
    """Return the share of the row's hits answered with 5xx."""
    return share(row.status[5], row.hits)


HITS = Column("hits", "hits", 7, 0, lambda r, _: units.count(r.hits), lambda r: r.hits)
SHARE = Column(
    "share", "%", 5, 1, lambda r, w: units.percent(share(r.hits, w.hits)), lambda r: r.hits
)
RATE = Column(
    "rate", "req/s", 6, 2, lambda r, w: units.rate(_per_second(r.hits, w)), lambda r: r.hits
)
ERRORS = Column(
    "errors",
    "5xx%",
    5,
    1,
    lambda r, _: units.percent(error_share(r)) if r.status[5] else "·",
    error_share,
    ink=lambda r: "status--5xx" if r.status[5] else "panel--dim",
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


P50 = _time_column("p50", 2, lambda times: times.p50)
P95 = _time_column("p95", 1, lambda times: times.p95)
P99 = _time_column("p99", 5, lambda times: times.p99)

COMMON = (HITS, SHARE, RATE, BYTES)
TIMED = (HITS, SHARE, RATE, P50, P95, P99, BYTES)
