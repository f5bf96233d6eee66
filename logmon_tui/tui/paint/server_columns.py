"""The columns of the panel of hosts, as data, and how they share the width. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from logmon_tui.snapshot import Differs, Figures, ServerRow, ServerState
from logmon_tui.tui.paint.cells import shown
from logmon_tui.tui.paint.columns import MIN_BAR_WIDTH, MIN_NAME_WIDTH, NAME_STEP
from logmon_tui.tui.paint.server_text import (
    DIFFERS_SIGN,
    NOTHING,
    UNKNOWN,
    by_trouble,
    differs,
    errors_text,
    lag_text,
    p95_text,
    rate_text,
    sign_of,
    state_text,
)

KEY, STATE = "key", "state"
MANY_ERRORS = 0.05
"""Share of 5xx from which on it is coloured; less should not draw the eye from who differs."""
LATE = 10
"""Seconds of lag from which on it is shown as a warning."""
MAX_NAME_WIDTH = 40

Order = Callable[[ServerRow], Any]
"""Returns the sort key of a server; all keys of one column can be compared."""


class ServerColumn(msgspec.Struct, frozen=True):
    """A column: its `text` for a server and for the sums of a site, its `ink`, its `order`.

    When room is short, columns of the lowest `rank` come first. `descending` is the natural order.
    """

    id: str
    title: str
    width: int
    rank: int
    text: Callable[[ServerRow], str]
    order: Order
    ink: Callable[[ServerRow], str]
    descending: bool = True
    total: Callable[[Figures], str] = lambda _: ""


def _dim_if_unknown(text: str) -> str:
    return "panel--dim" if text in {UNKNOWN, NOTHING} else ""


def _if_many(figures: Figures) -> str:
    return "status--5xx" if (figures.errors or 0) >= MANY_ERRORS else ""


def _lag(server: ServerRow) -> float | None:
    """Return how late a server's lines come; who says nothing has no lag."""
    is_heard = server.state in {ServerState.LIVE, ServerState.CATCHING_UP}
    return server.lag if is_heard else None


def _marked(text: str, server: ServerRow, figure: Differs) -> str:
    return DIFFERS_SIGN + text if figure in server.differs and differs(server) else text


def _ink(server: ServerRow, figure: Differs, usual: str) -> str:
    return "change--rise" if figure in server.differs and differs(server) else usual


KEY_COLUMN = ServerColumn(
    KEY,
    "host",
    MIN_NAME_WIDTH,
    0,
    lambda server: shown(server.name),
    lambda server: server.name,
    lambda _: "",
    descending=False,
)
STATE_COLUMN = ServerColumn(
    STATE,
    "state",
    12,
    1,
    state_text,
    by_trouble,
    lambda server: "panel--dim" if sign_of(server)[1] == "alert--recovered" else sign_of(server)[1],
    descending=False,
)
RATE = ServerColumn(
    "rate",
    "req/s",
    7,
    2,
    lambda server: rate_text(server.figures),
    lambda server: _known(server.figures.rate),
    lambda server: _dim_if_unknown(rate_text(server.figures)),
    total=rate_text,
)
ERRORS = ServerColumn(
    "errors",
    "5xx%",
    6,
    0,
    lambda server: _marked(errors_text(server.figures), server, Differs.ERRORS),
    lambda server: _known(server.figures.errors),
    lambda server: _ink(
        server,
        Differs.ERRORS,
        _dim_if_unknown(errors_text(server.figures)) or _if_many(server.figures),
    ),
    total=errors_text,
)
LAG = ServerColumn(
    "lag",
    "lag",
    6,
    4,
    lambda server: lag_text(_lag(server)),
    lambda server: _known(_lag(server)),
    lambda server: "panel--warning" if (_lag(server) or 0) >= LATE else "panel--dim",
)
VERSION = ServerColumn(
    "version",
    "version",
    9,
    5,
    lambda server: shown(server.version) if server.version else UNKNOWN,
    lambda server: server.version,
    lambda _: "panel--dim",
    descending=False,
)
BAR = ServerColumn(
    "rate",
    "",
    MIN_BAR_WIDTH,
    0,
    lambda _: "",
    lambda server: _known(server.figures.rate),
    lambda _: "panel--bar",
)
"""The bar of a server's hits a second against the busiest one's, where names leave room for it.

Of a server whose hits are not known it says instead what is wrong.
"""
IDS = frozenset((KEY, STATE, "rate", "errors", "p95", "lag", "version"))
GROUPED = frozenset((KEY, STATE))
"""The columns in whose order servers stand by site; by any other one they are a single list."""


def p95_column(resolution: float) -> ServerColumn:
    """Return the column of response times of a log with this precision, in seconds."""
    return ServerColumn(
        "p95",
        "p95",
        7,
        3,
        lambda server: _marked(p95_text(server.figures, resolution), server, Differs.TIME),
        lambda server: _known(server.figures.p95),
        lambda server: _ink(
            server, Differs.TIME, _dim_if_unknown(p95_text(server.figures, resolution))
        ),
        total=lambda figures: p95_text(figures, resolution),
    )


def _known(value: float | None) -> float:
    return -1.0 if value is None else value


def columns_of(servers: Sequence[ServerRow], resolution: float) -> tuple[ServerColumn, ...]:
    """Return the columns, without those that no server has a value for."""
    columns = [KEY_COLUMN, STATE_COLUMN, RATE, ERRORS]
    if any(server.figures.p95 is not None for server in servers):
        columns.append(p95_column(resolution))
    if any(server.lag is not None for server in servers):
        columns.append(LAG)
    if any(server.version for server in servers):
        columns.append(VERSION)
    return tuple(columns)


def fitted(
    columns: Sequence[ServerColumn], longest: int, width: int
) -> tuple[tuple[ServerColumn, int], ...]:
    """Return those of `columns` that fit into `width` cells, each with its own width.

    The first is that of the names, the longest of which has `longest` cells. Figures make room for
    names; if names leave room, BAR stands before the hits a second.
    """
    key, *others = columns
    name = min(MAX_NAME_WIDTH, max(MIN_NAME_WIDTH, -(-longest // NAME_STEP) * NAME_STEP))
    chosen: list[ServerColumn] = []
    for column in sorted(others, key=lambda column: column.rank):
        needed = sum(each.width + 1 for each in (*chosen, column)) + name
        if needed <= width or not chosen:
            chosen.append(column)
    rest = [column for column in others if column in chosen]
    room = max(1, width - sum(column.width + 1 for column in rest))
    laid_out = [(column, column.width) for column in rest]
    gutter = room - name - 1
    if gutter < MIN_BAR_WIDTH or RATE not in rest:
        return ((key, room), *laid_out)
    laid_out.insert(rest.index(RATE), (BAR, gutter))
    return ((key, name), *laid_out)
