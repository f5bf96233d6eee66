"""RankTable: a fast, sortable table of a Ranking that drops columns when the panel is narrow."""

from collections.abc import Hashable, Iterable, Sequence
from heapq import nlargest
from typing import ClassVar

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.reports.sheet import Sheet, sheet_of
from logmon_tui.snapshot import CountRow, Known, Ranking, Snapshot
from logmon_tui.tui.paint.cells import Piece, bar, crop, left, line, on, right, width_of, wrapped
from logmon_tui.tui.paint.columns import (
    BAR,
    COMMON,
    EXPORTED,
    MIN_NAME_WIDTH,
    P50,
    P95,
    P99,
    TREND,
    Column,
    figures_of,
    fitted,
    share,
)
from logmon_tui.tui.paint.reading import NOT_WITH_FILTER, window_text, without_hits
from logmon_tui.tui.panels.memory import Sort
from logmon_tui.tui.panels.row_changes import CHANGE, RowChanges, RowComparer
from logmon_tui.tui.panels.sorted_table import KEY, SortedTable
from logmon_tui.tui.panels.view import View

MEASURED = 5
"""Names, those of most bytes, that are measured to find the longest: to decode all costs 3 ms."""
OTHER = "(other)"
NO_VALUE = b"-"
"""The key of hits without a value, as servers write it."""
UNKNOWN_OF_OTHER = (*(column.id for column in (TREND, P50, P95, P99)), CHANGE)


class RankTable(SortedTable):
    """Shows a Ranking of the stats window; a subclass sets VIEWS and COLUMNS.

    Public attribute: `chosen_view`, the view that the user chose, None for the usual one.
    """

    VIEWS: ClassVar[tuple[View, ...]]
    COLUMNS: ClassVar[tuple[Column, ...]] = COMMON
    WHOLE_NAMES: ClassVar[int] = 24
    """Cells of names for which figures give way; longer names are cut if room is short."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen_view: View | None = None
        self._rows: list[CountRow] = []
        self._had_rows = False
        self._longest = 0  # cells of the longest name
        self._visible: Sequence[tuple[Column, int]] = ()
        self._comparer = RowComparer()

    @property
    def view(self) -> View:
        """The view that is shown."""
        return self.chosen_view or self.usual_view()

    def usual_view(self) -> View:
        """Return the view that is shown until the user chooses one."""
        return self.VIEWS[0]

    @property
    def sorted_by(self) -> Sort:
        """The chosen order; by hits while the log has no values for the chosen column."""
        ids = {column.id for column in (self._key_column(), *self._columns())}
        return self.sort if self.sort.column in ids else Sort()

    @property
    def ranking(self) -> Ranking:
        """The Ranking of the present view."""
        return self.view.ranking(self.snapshot.now)

    def part(self, snapshot: Snapshot) -> object:
        """Return the ranking, the totals for shares and rates, and whether there are times."""
        window = snapshot.now
        timed = window.response_times is not None
        begun = snapshot.log_time is not None, snapshot.beginning, bool(snapshot.scope.where)
        whole = window.hits, window.seconds, window.total_time, snapshot.moment
        return *whole, timed, begun, self.view.ranking(window), snapshot.baseline

    def detail(self) -> str:
        """Return view, filter and window, and the number of keys seen if some have no row."""
        distinct, kept = self.ranking.distinct, len(self.ranking.rows)
        parts = [self.view.name] if self.view is not self.VIEWS[0] else []
        if self.filter_text:
            parts.append(self.matching(len(self._rows), len(self._all_rows())))
        if told := window_text(self.snapshot):
            parts.append(told)
        if distinct > kept:
            parts.append(f"{units.count(distinct)} seen")
        return " · ".join(parts)

    def hint(self) -> str:
        """Return what shows all rows again, or what enter, v and ! do."""
        if self.filter_text:
            return "esc: all rows"
        return self.fitting(*filter(None, (self.then(),)), *self.key_hints())

    def then(self) -> str:
        """Return what the row under the cursor was in the baseline, empty if that is not known."""
        return "" if self._changes is None else self._changes.told(self.cursor_key)

    def key_hints(self) -> Sequence[str]:
        """Return what the keys do here, the more important ones first; one at least."""
        views = [f"v: {self._next_view.name}"] if len(self.VIEWS) > 1 else []
        if not self.view.field:
            return views or [self.HINT]
        return ["enter: only", *views, "!: without"]

    def term(self, *, negated: bool) -> str | None:
        """Return the term for the row under the cursor; "(other)" has none."""
        key = self.cursor_key
        if not isinstance(key, bytes) or not self.view.field:
            return None
        return self.view.term(key, negated=negated)

    def absence(self) -> str:
        """Return why there are no rows."""
        where, moment = self.snapshot.scope.where, self.snapshot.moment
        if moment is not None and moment.known is Known.NOTHING:
            return "nothing recorded then"
        if moment is not None and moment.answered is not None:
            is_unknown = self.snapshot.now.hits or not moment.answered
            return NOT_WITH_FILTER if is_unknown else "no known hit passes the filter; ⌫ widens it"
        if self.snapshot.now.hits:
            whose = "the hits that pass the filter have" if where else "this log's format has"
            return f"{whose} no {self.view.name}"
        if self.snapshot.log_time is None:
            return "reading the first lines" if self.snapshot.beginning else "no hits yet"
        key = "esc" if moment is None else "⌫"  # esc leads back to the present
        return (
            f"no hits pass the filter; {key} widens it, w the window"
            if where
            else without_hits(self.snapshot)
        )

    def cropped(self, key: str, width: int) -> str:
        """Return a key cropped to `width` cells."""
        return crop(key, width)

    def arrange_items(self) -> None:
        """Sort the rows, and measure their names."""
        self._rows = self._sorted_rows()
        keys = nlargest(MEASURED, (row.key for row in self._rows), key=len)
        self._longest = max((width_of(self.view.text(key)) for key in keys), default=0)
        super().arrange_items()

    def move_cursor(self, index: int) -> None:
        """Put the cursor on row `index`, and show what is known of it."""
        super().move_cursor(index)
        self.arrange_titles()

    def has_nothing(self) -> bool:
        """Tell whether there are hits but never were rows: the log brings nothing for this table.

        A table that has had rows stays open, so that none comes and goes with every pause.
        """
        self._had_rows |= bool(self.ranking.rows or self.ranking.other_hits)
        return not self._had_rows and (self.collapsible or bool(self.snapshot.now.hits))

    def row_keys(self) -> Sequence[Hashable]:
        """Return the rows' keys; that of the "(other)" row is a str, as no log's key is."""
        keys: list[Hashable] = [row.key for row in self._rows]
        return [*keys, OTHER] if self.ranking.other_hits and not self.filter_text else keys

    def exported(self) -> Sheet:
        """Return the rows, also those that are scrolled out of sight."""
        shows_other = OTHER in self.row_keys()
        rows = [(row.key, row) for row in self._rows] + [(OTHER, self._other_row())] * shows_other
        texts = {
            row.key: self.view.text(row.key) for row in self._rows if row.key in self.view.named
        }
        return sheet_of(
            f"{self.TITLE}: {self.view.name}" if self.view is not self.VIEWS[0] else self.TITLE,
            (self.view.key_title, *EXPORTED, *([CHANGE] if self._changes else [])),
            (
                (
                    texts.get(row.key, key),
                    *figures_of(row, self.snapshot.now),
                    *self._change_of(row),
                )
                for key, row in rows
            ),
        )

    def _change_of(self, row: CountRow) -> tuple[str, ...]:
        changes = self._changes
        return () if changes is None else (changes.column().text(row, self.snapshot.now),)

    def known_columns(self) -> frozenset[str]:
        """Return the ids of all columns that the table can have."""
        return frozenset((KEY, CHANGE, *(column.id for column in self.COLUMNS)))

    def values_of(self, field: str) -> Sequence[bytes] | None:
        """Return the keys of the view whose rows a filter's field tells, most hits first."""
        view = next((view for view in self.VIEWS if view.field == field), None)
        if view is None:
            return None
        rows = view.ranking(self.snapshot.now).rows
        return [row.key for row in rows if row.key not in view.named]

    def set_view(self, name: str) -> None:
        """Show the view called `name`, from its top; ignore an unknown name."""
        for view in self.VIEWS:
            if view.name == name:
                self.chosen_view = view
                self._cursor = None
                self.arrange_items()
                self.scroll_to(y=0, animate=False, force=True)
                self.repaint()

    def view_next(self) -> None:
        """Show the next view."""
        self.set_view(self._next_view.name)
        self.post_message(self.Arranged(self))

    def paint(self, size: Size) -> list[Strip]:
        """Draw the header and the visible rows, in the columns that fit."""
        # Keep numbers off the scrollbar.
        width = size.width - int(self.show_vertical_scrollbar)
        columns = self._key_column(), *self._columns()
        self._visible = fitted(columns, self._longest, self.WHOLE_NAMES, width)
        if not self._keys:
            why = self.no_match("row") if self.ranking.rows else self.absence()
            empty = wrapped(why, size.width)
            dim, base = self.ink("panel--dim"), self.ink("")
            lines = [line([(text, dim)], size.width, base) for text in empty]
            return [self._header(size.width), *lines][: size.height]
        rows = [self._row(index, size.width) for index in self.visible_rows(size)]
        return [self._header(size.width), *rows][: size.height]

    @property
    def _next_view(self) -> View:
        here = self.VIEWS.index(self.view) + 1
        following = (*self.VIEWS[here:], *self.VIEWS[:here])
        window = self.snapshot.now
        return next(v for v in following if not v.optional or v.ranking(window).rows)

    def _key_column(self) -> Column:
        return Column(
            KEY,
            self.view.key_title,
            MIN_NAME_WIDTH,
            0,
            lambda r, _: self.view.text(r.key),
            lambda r: r.key,
            descending=False,
        )

    def _sorted_rows(self) -> list[CountRow]:
        sort, columns = self.sorted_by, (self._key_column(), *self._columns())
        column = next(c for c in columns if c.id == sort.column)
        # A Ranking is in order of hits, then keys; a stable sort keeps that among equal values.
        rows = sorted(
            self._matching_rows(),
            key=column.order,
            reverse=column.descending != sort.reverse,
        )
        # Whatever the order, hits without a value are none of the names that it compares.
        return sorted(rows, key=lambda row: row.key == NO_VALUE)

    def _matching_rows(self) -> Iterable[CountRow]:
        rows, text = self._all_rows(), self.view.text
        return (row for row in rows if self.has_text(text(row.key))) if self.filter_text else rows

    def _all_rows(self) -> Sequence[CountRow]:
        """Return the rows of the ranking, and those of keys that are gone."""
        rows, changes = self.ranking.rows, self._changes
        return rows if changes is None else [*rows, *changes.gone(rows)]

    def _columns(self) -> list[Column]:
        """Return the columns that the log has values for, whether they fit or not."""
        timed = self.snapshot.now.response_times is not None
        columns = [column for column in self.COLUMNS if timed or not column.needs_times]
        if (changes := self._changes) is not None:
            columns.insert(1, changes.column())
        return columns

    @property
    def _changes(self) -> RowChanges | None:
        """What changed against the baseline, if there is one."""
        snapshot = self.snapshot
        return self._comparer.changes(snapshot.baseline, snapshot.now, self.view.ranking)

    def _row(self, index: int, width: int) -> Strip:
        window = self.snapshot.now
        is_other = index >= len(self._rows)
        row = self._other_row() if is_other else self._rows[index]
        is_dim = is_other or not row.hits or row.key == NO_VALUE
        base = self.ink("panel--dim" if is_dim else "")
        shade = None
        if self.is_at_cursor(index):
            shade = self.cursor_shade()
            base += shade
        (_, key_width), *rest = self._visible
        part = share(row.hits, window.hits)
        has_bar = rest[0][0] is BAR
        pieces = self._key_pieces(
            OTHER if is_other else self.view.text(row.key),
            key_width,
            0 if shade or has_bar else part,
            base,
        )
        for column, cells in rest:
            ink = column.ink(row)
            style = base if not ink else self.ink(ink) + shade if shade else self.ink(ink)
            if column is BAR:
                text = left(bar(part, cells), cells)
            elif is_other and column.id in UNKNOWN_OF_OTHER:
                text = right("", cells)
            else:
                text = right(column.text(row, window), cells)
            pieces.append((" " + text, style))
        return line(pieces, width, base)

    def _other_row(self) -> CountRow:
        other = self.ranking
        return CountRow(
            b"",
            other.other_hits,
            other.other_bytes,
            errors=other.other_errors,
            total_time=other.other_time,
        )

    def _key_pieces(self, key: str, width: int, part: float, base: Style) -> list[Piece]:
        """Return the key over a bar as long as its part of all hits, unless its text is wide."""
        text = left(self.cropped(key, width), width)
        if width_of(text) != len(text):
            return [(text, base)]
        cells = round(min(1.0, part) * width)
        shade = on(base, self.ink("panel--share"))
        return [(text[:cells], shade), (text[cells:], base)]
