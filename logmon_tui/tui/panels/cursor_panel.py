"""CursorPanel: a panel of rows, of which one is under a cursor."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message

from logmon_tui.tui.paint.keys import CURSOR_KEYS
from logmon_tui.tui.panels.panel import Panel


class CursorPanel(Panel):
    """A panel of rows with a cursor, which stays on its row while rows appear, vanish and move.

    Until the user moves it, the cursor stays at the top.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(CURSOR_KEYS.bindings)
    HEADER_HEIGHT: ClassVar[int] = 0
    ROW_HEIGHT: ClassVar[int] = 1
    DEFAULT_CSS = """
    CursorPanel { overflow-y: auto; }
    """

    class Narrowed(Message):
        """The user wants all panels to show only the hits that a filter's `term` takes."""

        def __init__(self, term: str) -> None:
            super().__init__()
            self.term = term

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[Hashable] = []
        self._cursor: Hashable | None = None
        self._index = 0
        self._clicked: Hashable | None = None

    def row_keys(self) -> Sequence[Hashable]:
        """Return a key for each row, top row first; keys identify rows between Snapshots."""
        raise NotImplementedError

    @property
    def cursor_index(self) -> int:
        """Index of the row under the cursor, from 0."""
        return self._index

    @property
    def is_untouched(self) -> bool:
        """Whether the user has not moved the cursor."""
        return self._cursor is None

    @property
    def cursor_key(self) -> Hashable | None:
        """Key of the row under the cursor; None if there is no row."""
        return self._keys[self._index] if self._keys else None

    def arrange_items(self) -> None:
        """Update the rows' keys, the cursor's position and the height to scroll."""
        self._keys = list(self.row_keys())
        self._index = self._found_index()
        super().arrange_items()  # the title may tell of the row under the cursor
        size, around = self.view_size, self.header_height() + self.below_height()
        rows = len(self._keys) * self.ROW_HEIGHT + self.footer_height()
        # When scrolled to the end, the topmost row must be whole.
        rows += -max(0, rows - (size.height - around)) % self.ROW_HEIGHT
        self.virtual_size = Size(size.width, around + rows)
        if self._cursor is not None and self.has_focus:
            self._scroll_to_cursor()

    def header_height(self) -> int:
        """Return the number of lines above the rows; these do not scroll."""
        return self.HEADER_HEIGHT

    def footer_height(self) -> int:
        """Return the number of lines below the rows."""
        return 0

    def below_height(self) -> int:
        """Return the number of lines below the rows that do not scroll."""
        return 0

    @property
    def rows_room(self) -> int:
        """The lines that rows can have."""
        return self.view_size.height - self.header_height() - self.below_height()

    def visible_rows(self, size: Size) -> range:
        """Return the indices of the visible rows; the last may be visible only in part."""
        first = int(self.scroll_offset.y) // self.ROW_HEIGHT
        lines = size.height - self.header_height() - self.below_height()
        room = -(-lines // self.ROW_HEIGHT) + 1
        return range(first, min(len(self._keys), first + max(0, room)))

    def is_at_cursor(self, index: int) -> bool:
        """Tell whether to draw row `index` as the one under the cursor."""
        return self.has_focus and index == self._index

    def action_cursor(self, rows: int) -> None:
        """Move the cursor by `rows`."""
        self.move_cursor(self._index + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by `pages` of what is visible."""
        self.move_cursor(self._index + pages * max(1, self.rows_room // self.ROW_HEIGHT - 1))

    def action_first(self) -> None:
        """Move to the first row."""
        self.move_cursor(0)

    def action_last(self) -> None:
        """Move to the last row."""
        self.move_cursor(len(self._keys) - 1)

    def action_open(self) -> None:
        """Open the row under the cursor; the base class narrows all panels to its hits."""
        self._narrow(negated=False)

    def action_exclude(self) -> None:
        """Leave the hits of the row under the cursor out of all panels."""
        self._narrow(negated=True)

    def _narrow(self, *, negated: bool) -> None:
        term = self.term(negated=negated)
        if term is not None:
            self.post_message(self.Narrowed(term))

    def term(self, *, negated: bool) -> str | None:  # noqa: ARG002 - for subclasses
        """Return a filter's term for the hits of the row under the cursor, or for all others.

        None if a filter cannot tell them; so it is for the rows of the base class.
        """
        return None

    def hold_cursor(self) -> None:
        """Keep the cursor on its row from now on, as if the user had put it there."""
        if self._cursor is None and self._keys:
            self._cursor = self._keys[self._index]

    def move_cursor(self, index: int) -> None:
        """Put the cursor on row `index`, or on the nearest row."""
        if not self._keys:
            return
        self._index = min(max(0, index), len(self._keys) - 1)
        self._cursor = self._keys[self._index]
        self._scroll_to_cursor()
        self.repaint()

    def on_click(self, event: Click) -> None:
        """Put the cursor on the row that was clicked; a second click there opens it."""
        position = event.get_content_offset(self)
        if position is None:
            return
        y = position.y - self.header_height()
        if y < 0:
            self._clicked = None
            self.header_clicked(position.x)
        elif event.chain == 1:
            row = (y + int(self.scroll_offset.y)) // self.ROW_HEIGHT
            self._clicked = self._keys[row] if row < len(self._keys) else None
            if self._clicked is not None:
                self.move_cursor(row)
                self.row_clicked()
        elif event.chain == 2 and self._clicked is not None and self._clicked == self.cursor_key:
            # The row may have moved from under the mouse since the first click.
            self.row_double_clicked()

    def header_clicked(self, x: int) -> None:
        """Handle a click on the header line at cell `x`."""

    def row_clicked(self) -> None:
        """Handle a click on a row; the cursor is already on it."""

    def row_double_clicked(self) -> None:
        """Handle a double click on a row; the base class opens it, as the enter key does."""
        self.action_open()

    def _found_index(self) -> int:
        if self._cursor is None:
            return 0
        try:
            return self._keys.index(self._cursor)
        except ValueError:
            return max(0, min(self._index, len(self._keys) - 1))

    def _scroll_to_cursor(self) -> None:
        # Forced, because the scrollbar may appear only with the next layout.
        top = self._index * self.ROW_HEIGHT
        room = self.rows_room
        y = int(self.scroll_offset.y)
        if top < y:
            self.scroll_to(y=top, animate=False, force=True)
        elif top + self.ROW_HEIGHT > y + room:
            # Show whole rows; if not even one fits, the beginning of the cursor's row.
            rows = max(1, room // self.ROW_HEIGHT)
            self.scroll_to(y=top - (rows - 1) * self.ROW_HEIGHT, animate=False, force=True)
