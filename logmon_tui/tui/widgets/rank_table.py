"""A fast table of a Ranking: sortable, with columns that make way when the panel is narrow."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from logmon_tui import numbers
from logmon_tui.snapshot import CountRow, Ranking, Snapshot, Window
from logmon_tui.tui.cells import Piece, left, line, right, shown, sparkline, width_of
from logmon_tui.tui.memory import Sort
from logmon_tui.tui.widgets.panel import CursorPanel

MIN_KEY_WIDTH = 12
TREND_WIDTH = 6
OTHER = "(other)"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it shows of a row in a window, and what it sorts by.

    Columns of a higher `rank` are the first to go when there is no room. `descending` is the
    natural order: largest numbers first, but names from A to Z.
    """

    id: str
    title: str
    width: int
    rank: int
    text: Callable[[CountRow, Window], str]
    order: Callable[[CountRow], float | bytes]
    descending: bool = True
    ink: Callable[[CountRow], str] = lambda _row: ""


def _per_second(amount: float, window: Window) -> float:
    return amount / window.seconds if window.seconds else 0.0


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def error_share(row: CountRow) -> float:
    """Return the share of the row's hits answered with 5xx."""
    return _share(row.status[5], row.hits)


HITS = Column("hits", "hits", 7, 0, lambda r, _: numbers.count(r.hits), lambda r: r.hits)
SHARE = Column(
    "share", "%", 5, 1, lambda r, w: numbers.percent(_share(r.hits, w.hits)), lambda r: r.hits
)
RATE = Column(
    "rate", "req/s", 6, 2, lambda r, w: numbers.rate(_per_second(r.hits, w)), lambda r: r.hits
)
ERRORS = Column(
    "errors",
    "5xx%",
    5,
    1,
    lambda r, _: numbers.percent(error_share(r)) if r.status[5] else "·",
    error_share,
    ink=lambda r: "status--5xx" if r.status[5] else "panel--dim",
)
BYTES = Column(
    "bytes", "B/s", 5, 4, lambda r, w: numbers.size(_per_second(r.bytes, w)), lambda r: r.bytes
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


class RankTable(CursorPanel):
    """The rows of one Ranking of the stats window; a subclass says which, and its columns."""

    HEADER_HEIGHT = 1
    KEY_TITLE: ClassVar[str]
    COLUMNS: ClassVar[tuple[Column, ...]] = (HITS, SHARE, RATE, BYTES)

    class Sorted(Message):
        """The user chose another order for a table."""

        def __init__(self, table: "RankTable") -> None:
            super().__init__()
            self.table = table

    def __init__(self) -> None:
        super().__init__()
        self.sort = Sort()
        self._rows: list[CountRow] = []
        key = Column(
            "key",
            self.KEY_TITLE,
            MIN_KEY_WIDTH,
            0,
            lambda r, _: shown(r.key),
            lambda r: r.key,
            descending=False,
        )
        self._columns = (key, *self.COLUMNS)
        self._visible: tuple[tuple[Column, int], ...] = ()

    def ranking(self, window: Window) -> Ranking:
        """Return the Ranking that this table shows."""
        raise NotImplementedError

    def part(self, snapshot: Snapshot) -> object:
        """Return the ranking, and what its shares and rates are of."""
        window = snapshot.now
        return window.hits, window.seconds, self.ranking(window)

    def detail(self) -> str:
        """Return the window and, if more keys were seen than there are rows, how many."""
        window = self.snapshot.now
        text = f"last {numbers.window(window.seconds)}" if window.seconds else ""
        distinct = self.ranking(window).distinct
        return f"{text} · {numbers.count(distinct)} seen" if distinct > len(self._rows) else text

    def arrange_items(self) -> None:
        """Sort the rows."""
        self._rows = self._sorted_rows()
        super().arrange_items()

    def row_keys(self) -> Sequence[Hashable]:
        """Return the rows' keys; the row of the rest has a key that no row can have."""
        keys: list[Hashable] = [row.key for row in self._rows]
        return [*keys, OTHER] if self.ranking(self.snapshot.now).other_hits else keys

    def set_sort(self, sort: Sort) -> None:
        """Sort by `sort`; a column that this table does not have is ignored."""
        if sort.column in {column.id for column in self._columns}:
            self.sort = sort
            self.arrange_items()
            self.repaint()

    def sort_next(self) -> None:
        """Sort by the next column that shows."""
        ids = [column.id for column, _ in self._visible]
        here = ids.index(self.sort.column) if self.sort.column in ids else -1
        if ids:
            self._choose(Sort(ids[(here + 1) % len(ids)]))

    def sort_reverse(self) -> None:
        """Turn the order around."""
        self._choose(Sort(self.sort.column, not self.sort.reverse))

    def header_clicked(self, x: int) -> None:
        """Sort by the column at cell `x`, or turn the order around if it is sorted by already."""
        start = 0
        for column, width in self._visible:
            start += width + 1
            if x < start:
                again = column.id == self.sort.column
                self._choose(Sort(column.id, again and not self.sort.reverse))
                return

    def paint(self, size: Size) -> list[Strip]:
        """Draw the header and the rows that show, in the columns that have room."""
        # Keep numbers off the scrollbar.
        self._visible = self._fitting(size.width - int(self.show_vertical_scrollbar))
        if not self._keys:
            empty = "no hits in this window"
            return [
                self._header(size.width),
                line([(empty, self.ink("panel--dim"))], size.width, self.ink("")),
            ]
        rows = [self._row(index, size.width) for index in self.visible_rows(size)]
        return [self._header(size.width), *rows][: size.height]

    def _choose(self, sort: Sort) -> None:
        self.set_sort(sort)
        self.post_message(self.Sorted(self))

    def _sorted_rows(self) -> list[CountRow]:
        column = next(c for c in self._columns if c.id == self.sort.column)
        # The Ranking comes by hits and then key; a stable sort keeps that order among equals.
        return sorted(
            self.ranking(self.snapshot.now).rows,
            key=column.order,
            reverse=column.descending != self.sort.reverse,
        )

    def _fitting(self, width: int) -> tuple[tuple[Column, int], ...]:
        key, *rest = self._columns
        while len(rest) > 1 and sum(c.width + 1 for c in rest) + MIN_KEY_WIDTH > width:
            rest.remove(max(rest, key=lambda column: column.rank))
        room = max(1, width - sum(column.width + 1 for column in rest))
        return ((key, room), *((column, column.width) for column in rest))

    def _header(self, width: int) -> Strip:
        ink = self.ink("panel--header")
        strong = ink + Style(bold=True)
        pieces: list[Piece] = []
        for column, cells in self._visible:
            is_key = column.id == "key"
            sorted_by = column.id == self.sort.column
            mark = ("▼" if column.descending != self.sort.reverse else "▲") if sorted_by else ""
            text = column.title + mark if is_key else mark + column.title
            fitted = left(text, cells) if is_key else right(text, cells)
            pieces += [(fitted, strong if sorted_by else ink), (" ", ink)]
        return line(pieces[:-1], width, ink)

    def _row(self, index: int, width: int) -> Strip:
        window = self.snapshot.now
        is_other = index >= len(self._rows)
        row = self._other_row() if is_other else self._rows[index]
        base = self.ink("panel--dim") if is_other else self.ink("")
        shade = None
        if self.is_at_cursor(index):
            shade = Style(bgcolor=self.ink("panel--cursor").bgcolor, bold=True)
            base += shade
        (_, key_width), *rest = self._visible
        pieces = self._key_pieces(
            OTHER if is_other else shown(row.key),
            key_width,
            _share(row.hits, window.hits),
            base,
            shaded=shade is not None,
        )
        for column, cells in rest:
            ink = column.ink(row)
            style = base if not ink else self.ink(ink) + shade if shade else self.ink(ink)
            text = "" if is_other and column in (ERRORS, TREND) else column.text(row, window)
            pieces.append((" " + right(text, cells), style))
        return line(pieces, width, base)

    def _other_row(self) -> CountRow:
        ranking = self.ranking(self.snapshot.now)
        return CountRow(b"", ranking.other_hits, ranking.other_bytes)

    def _key_pieces(
        self, key: str, width: int, share: float, base: Style, *, shaded: bool
    ) -> list[Piece]:
        """Return the key on a bar as long as its share; the cursor's own shade goes before it."""
        text = left(key, width)
        if shaded or width_of(text) != len(text):
            return [(text, base)]
        cells = round(min(1.0, share) * width)
        shade = base + Style(bgcolor=self.ink("panel--share").bgcolor)
        return [(text[:cells], shade), (text[cells:], base)]
