"""The columns of a request, as data, and how they share a line; requests and the tail use them."""

import itertools
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
from rich.style import Style

from logmon_tui import units
from logmon_tui.formats.model.hit import NONE, Dimension, Measure
from logmon_tui.formats.user_agents import NO_AGENT, UNKNOWN, family_of
from logmon_tui.snapshot import Request
from logmon_tui.tui.paint.cells import (
    ELLIPSIS,
    Piece,
    left,
    on,
    right,
    shown,
    shown_decoded,
    width_of,
)
from logmon_tui.tui.paint.painted import Painted
from logmon_tui.tui.paint.statuses import SIGNS, class_ink

DAY = 86_400

MIN_PATH = 20
"""Cells that a path keeps while there is another column to drop."""

IPV4 = 15
"""Cells of the longest IPv4 address, which is never cut."""

_IPV6 = 39

_SERVER = 24
"""Maximum cells of the machine that wrote the line."""

_WHOLE_AGENT = 60
"""Cells from which on a user agent shows in full: a part of it says less than its family."""


class Reading(NamedTuple):
    """How the columns of some requests read.

    `today` is the day, in days since the epoch, that needs no date. `resolution` is the precision
    of response times in seconds, 0 if not known. `whole_agents` tells whether user agents show in
    full.
    """

    today: int
    resolution: float
    whole_agents: bool


class RequestColumn(msgspec.Struct, frozen=True):
    """A column: `text` of a request. When room is short, those of the highest `rank` go first."""

    id: str
    title: str
    rank: float
    text: Callable[[Request, Reading], str]
    is_number: bool = False


class Layout(NamedTuple):
    """The columns that fit a line, each with its width in cells; a cell parts them."""

    columns: tuple[tuple[RequestColumn, int], ...]
    reading: Reading

    def width_of(self, column: str) -> int:
        """Return the cells of a column, 0 if it has no room."""
        return next((cells for each, cells in self.columns if each.id == column), 0)


def _text(request: Request, dimension: Dimension) -> bytes:
    return request.texts.get(dimension, NONE)


def _time(request: Request, reading: Reading) -> str:
    if request.second // DAY == reading.today:
        return units.clock(request.second)
    return units.date_time(request.second)[len("2026-") :]


def _status(request: Request, _: Reading) -> str:
    return f"{SIGNS.get(request.status // 100, ' ')} {request.status:>3}"


def _took(request: Request, reading: Reading) -> str:
    micros = request.measures.get(Measure.RESPONSE_TIME)
    return "·" if micros is None else units.seconds(micros / 1e6, reading.resolution)


def _agent(request: Request, reading: Reading) -> str:
    agent = _text(request, Dimension.USER_AGENT)
    return shown(agent) if reading.whole_agents else family_text(agent)


def _server(request: Request, _: Reading) -> str:
    return shown(_text(request, Dimension.SERVER))


def family_text(agent: bytes) -> str:
    """Return the browser, tool or bot that a user agent is; `·` if it names none."""
    browser = family_of(agent).browser
    return "·" if browser in {NO_AGENT, UNKNOWN} else shown(browser)


TIME = RequestColumn("time", "time", 3, _time)
SERVER = RequestColumn("server", "host", 3.5, _server)
CLIENT = RequestColumn("client", "client", 1, lambda r, _: shown(_text(r, Dimension.HOST)))
METHOD = RequestColumn("method", "method", 4, lambda r, _: shown(_text(r, Dimension.METHOD)))
PATH = RequestColumn("path", "path", 0, lambda r, _: shown_decoded(_text(r, Dimension.PATH)))
STATUS = RequestColumn("status", "status", 0, _status)
SIZE = RequestColumn("size", "size", 5, lambda r, _: units.size(r.size), is_number=True)
TOOK = RequestColumn("took", "took", 2, _took, is_number=True)
AGENT = RequestColumn("agent", "agent", 6, _agent)

COLUMNS = (TIME, SERVER, CLIENT, METHOD, PATH, STATUS, SIZE, TOOK, AGENT)

_WIDTHS = {"time": 8, "client": IPV4, "method": 7, "status": 6, "size": 5, "took": 6, "agent": 14}


def layout_of(rows: Sequence[Request], width: int, *, today: int, resolution: float) -> Layout:
    """Return the columns of `rows` for lines of `width` cells; the path takes what is left."""
    widths = dict(_WIDTHS)
    if any(row.second // DAY != today for row in rows):
        widths["time"] = len("11-21 12:04:31")
    longest = max((len(_text(row, Dimension.HOST)) for row in rows), default=0)
    widths["client"] = max(IPV4, min(longest, _IPV6, width // 5))
    servers = {_text(row, Dimension.SERVER) for row in rows}
    widths["server"] = min(max(map(len, servers), default=0), _SERVER, max(4, width // 6))
    wanted = [column for column in COLUMNS if _is_told(column, rows)]
    while (path := _left_for_path(wanted, widths, width)) < MIN_PATH:
        droppable = [column for column in wanted if column.rank]
        if not droppable:
            break
        wanted.remove(max(droppable, key=lambda column: column.rank))
    widths["path"] = max(0, path)
    whole = AGENT in wanted and path >= MIN_PATH + 2 * _WHOLE_AGENT
    if whole:
        widths["path"] -= _WHOLE_AGENT
        widths["agent"] += _WHOLE_AGENT
    columns = tuple((column, widths[column.id]) for column in wanted)
    return Layout(columns, Reading(today, resolution, whole))


def _is_told(column: RequestColumn, rows: Sequence[Request]) -> bool:
    """Tell whether any row has what a column shows; without rows, whether most logs have it."""
    if column is TOOK:
        return any(Measure.RESPONSE_TIME in row.measures for row in rows)
    if column is SERVER:
        return len({_text(row, Dimension.SERVER) for row in rows}) > 1
    if column is AGENT:
        return any(_text(row, Dimension.USER_AGENT) != NONE for row in rows)
    return True


def _left_for_path(columns: Sequence[RequestColumn], widths: dict[str, int], width: int) -> int:
    others = [widths[column.id] for column in columns if column is not PATH]
    return width - sum(others) - len(others)


def searched_text(request: Request) -> str:
    """Return all that a search finds in a request, in the form in which it shows."""
    texts = request.texts
    parts = [
        units.date_time(request.second),
        str(request.status),
        shown_decoded(_text(request, Dimension.PATH)),
        *(shown(texts[each]) for each in texts if each != Dimension.PATH),
    ]
    return " ".join(parts)


def shifted(text: str, shift: int) -> str:
    """Return `text` without its first `shift` characters; an ellipsis says that some are gone."""
    return ELLIPSIS + text[shift + 1 :] if 0 < shift < len(text) else "" if shift else text


def longest_overhang(rows: Sequence[Request], layout: Layout) -> int:
    """Return by how many characters the longest text is longer than its column."""
    found = 0
    for column, cells in layout.columns:
        if _slides(column, layout):
            texts = (column.text(row, layout.reading) for row in rows)
            found = max(found, *(width_of(text) - cells for text in texts), 0)
    return found


def _slides(column: RequestColumn, layout: Layout) -> bool:
    return column is PATH or (column is AGENT and layout.reading.whole_agents)


def header_pieces(layout: Layout, style: Style) -> list[Piece]:
    """Return the titles of the columns."""
    return [
        ((right if column.is_number else left)(column.title, cells) + " ", style)
        for column, cells in layout.columns
    ]


def request_pieces(
    painted: Painted, request: Request, layout: Layout, base: Style, shift: int
) -> list[Piece]:
    """Return a request in its columns."""
    pieces: list[Piece] = []
    for column, cells in layout.columns:
        text = column.text(request, layout.reading)
        if _slides(column, layout):
            # A text slides no further than to its end, so that short ones stay.
            text = shifted(text, min(shift, max(0, width_of(text) - cells)))
        fitted = (right if column.is_number else left)(text, cells)
        style = status_ink(painted, request.status // 100, base) if column is STATUS else base
        pieces += [(fitted, style), (" ", base)]
    return pieces


def status_ink(painted: Painted, status_class: int, base: Style) -> Style:
    """Return the style of a status class on the background of `base`."""
    return on(painted.ink(class_ink(status_class)), base)


def highlighted(pieces: Sequence[Piece], sought: str, match: Style) -> Sequence[Piece]:
    """Return `pieces` with every occurrence of `sought`, in any case, in the style `match`."""
    if not sought:
        return pieces
    whole = "".join(text for text, _ in pieces)
    spans = [found.span() for found in _expression(sought).finditer(whole)]
    if not spans:
        return pieces
    found = []
    start = 0
    for text, style in pieces:
        end = start + len(text)
        inside = (place for span in spans for place in span if start < place < end)
        cuts = [start, *inside, end]
        for low, high in itertools.pairwise(cuts):
            is_match = any(first <= low < last for first, last in spans)
            found.append((whole[low:high], style + match if is_match else style))
        start = end
    return found


@lru_cache(maxsize=16)
def _expression(sought: str) -> re.Pattern[str]:
    return re.compile(re.escape(sought), re.IGNORECASE)
