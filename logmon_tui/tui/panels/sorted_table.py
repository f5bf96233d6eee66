"""SortedTable: the base of tables, whose rows stand in the order of a column."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from rich.style import Style
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from logmon_tui.tui.paint import clipboard
from logmon_tui.tui.paint.cells import Piece, left, line, right
from logmon_tui.tui.paint.keys import COPY
from logmon_tui.tui.panels.cursor_panel import CursorPanel
from logmon_tui.tui.panels.filtered import Filtered
from logmon_tui.tui.panels.memory import Sort

KEY = "key"
"""The id of the column of names."""


class Titled(Protocol):
    """What the header knows of a column; `descending` is the natural order."""

    @property
    def id(self) -> str:
        """The name by which an order is saved."""

    @property
    def title(self) -> str:
        """The heading."""

    @property
    def descending(self) -> bool:
        """Whether the largest comes first in the natural order."""


class SortedTable(CursorPanel, Filtered):
    """Draws the header, and changes the order by key and by click; a subclass draws the rows.

    A subclass sets `_visible`, the columns that it draws with their widths, KEY first. A column
    without a title has no order of its own. Public attribute: `sort`, the order the user chose.
    """

    HEADER_HEIGHT = 1
    PLACEHOLDER = "text in a name"
    LEADING: ClassVar[frozenset[str]] = frozenset({KEY})
    """The ids of the columns of words, which begin at the left."""
    BINDINGS: ClassVar[list[BindingType]] = [COPY]

    class Arranged(Message):
        """The user chose another order or view for a table."""

        def __init__(self, table: "SortedTable") -> None:
            super().__init__()
            self.table = table

    def __init__(self) -> None:
        super().__init__()
        self.sort = Sort()
        self._visible: Sequence[tuple[Titled, int]] = ()

    @property
    def sorted_by(self) -> Sort:
        """The order of the rows, which is another than the chosen one if its column is not here."""
        raise NotImplementedError

    def known_columns(self) -> frozenset[str]:
        """Return the ids of all columns that the table can have."""
        raise NotImplementedError

    def values_of(self, field: str) -> Sequence[bytes] | None:
        """Return the values that rows have of a filter's field; None if they have no such field."""
        raise NotImplementedError

    def set_sort(self, sort: Sort) -> None:
        """Sort by `sort`; ignore it if this table lacks the column."""
        if sort.column in self.known_columns():
            self.sort = sort
            self.arrange_items()
            self.repaint()

    def sort_next(self) -> None:
        """Sort by the next visible column."""
        ids = list(dict.fromkeys(column.id for column, _ in self._visible))
        chosen = self.sorted_by.column
        here = ids.index(chosen) if chosen in ids else -1
        if ids:
            self._choose(Sort(ids[(here + 1) % len(ids)]))

    def sort_reverse(self) -> None:
        """Reverse the order."""
        self._choose(Sort(self.sorted_by.column, not self.sorted_by.reverse))

    def header_clicked(self, x: int) -> None:
        """Sort by the column at cell `x`; if it is the sorted one already, reverse the order."""
        start = 0
        for column, width in self._visible:
            start += width + 1
            if x < start:
                again = column.id == self.sorted_by.column
                self._choose(Sort(column.id, again and not self.sorted_by.reverse))
                return

    def action_copy(self) -> None:
        """Copy the name of the row under the cursor."""
        if isinstance(key := self.cursor_key, bytes):
            told = clipboard.copy(self.app, key)
            self.app.notify(told, markup=False, timeout=clipboard.TOAST_SECONDS)

    def _choose(self, sort: Sort) -> None:
        self.set_sort(sort)
        self.post_message(self.Arranged(self))

    def _header(self, width: int) -> Strip:
        ink = self.ink("panel--header")
        strong = ink + Style(bold=True)
        sort = self.sorted_by
        pieces: list[Piece] = []
        for column, cells in self._visible:
            sorted_by = column.id == sort.column and column.title != ""
            mark = ("▼" if column.descending != sort.reverse else "▲") if sorted_by else ""
            leads = column.id in self.LEADING
            text = column.title + mark if leads else mark + column.title
            fitted = left(text, cells) if leads else right(text, cells)
            pieces += [(fitted, strong if sorted_by else ink), (" ", ink)]
        return line(pieces[:-1], width, ink)
