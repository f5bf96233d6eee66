"""The single requests behind what is shown: the newest, slowest or largest, live or standing."""

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.formats.model.hit import Dimension
from logmon_tui.monitor.commands import Command, ShowRequests
from logmon_tui.reports.sheet import Sheet
from logmon_tui.snapshot import Known, Order, Request, Snapshot
from logmon_tui.tui.paint import clipboard
from logmon_tui.tui.paint.cells import Piece, line, wrapped
from logmon_tui.tui.paint.keys import LINE_KEYS, REQUEST_KEYS
from logmon_tui.tui.paint.reading import window_text, without_hits
from logmon_tui.tui.panels.asking import Asking
from logmon_tui.tui.panels.cursor_panel import CursorPanel
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.request_columns import (
    DAY,
    Layout,
    header_pieces,
    highlighted,
    layout_of,
    longest_overhang,
    request_pieces,
    searched_text,
)
from logmon_tui.tui.panels.request_sheet import request_sheet
from logmon_tui.tui.panels.searched import Searched
from logmon_tui.tui.screens.request_window import RequestWindow

MARK = "◆"
_MARK_WIDTH = 2


class Requests(CursorPanel, Searched, Asking):
    """The panel of requests. It follows the log until the user moves the cursor or scrolls.

    Then its rows stand still, until Home or another filter, window or order.
    Public attribute: `order`, the order that the user chose.
    """

    NAME = PanelName.REQUESTS
    TITLE = "Requests"
    KEYS = ("Q",)
    PLACE = Place.WIDE
    HEADER_HEIGHT = 1
    PLACEHOLDER = "text in a request"
    BINDINGS: ClassVar[list[BindingType]] = [*LINE_KEYS.bindings, *REQUEST_KEYS.bindings]

    class LineWanted(Message):
        """The user needs the raw line of a request: `found` wants it, or None if it is gone."""

        def __init__(self, request: Request, found: Callable[[bytes | None], None]) -> None:
            super().__init__()
            self.request = request
            self.found = found

    def __init__(self) -> None:
        self.order = Order.NEWEST
        super().__init__()
        self._rows: Sequence[Request] = ()
        self._frozen: Sequence[Request] | None = None
        self._marks: dict[int, Request] = {}  # by number
        self._only_marks = False
        self._layout = layout_of((), 0, today=0, resolution=0)

    @property
    def following(self) -> bool:
        """Whether the rows follow the log; otherwise they stand still."""
        return self._frozen is None

    @property
    def request(self) -> Request | None:
        """The request under the cursor, None if there is none."""
        return self._rows[self.cursor_index] if self._rows else None

    # What is shown

    def wish(self, *, seen: bool) -> Command:
        """Return the command for requests in the chosen order."""
        return ShowRequests(self.order if seen else None)

    def has_wanted(self, snapshot: Snapshot) -> bool:
        """Tell whether there are requests in the chosen order, or no hit yet."""
        found = snapshot.requests
        return snapshot.log_time is None or (found is not None and found.order is self.order)

    def part(self, snapshot: Snapshot) -> object:
        """Return the requests, and what the other texts depend on."""
        window, day = snapshot.now, int(snapshot.log_time or 0) // DAY
        found = self._frozen or snapshot.requests
        return found, day, snapshot.beginning, window.seconds, not window.hits, snapshot.moment

    def show(self, snapshot: Snapshot) -> None:
        """Show the newer requests, unless the rows stand still for the same filter and window."""
        former, scope = self.snapshot.scope, snapshot.scope
        if (former.where, former.seconds) != (scope.where, scope.seconds):
            self.follow()
        super().show(snapshot)

    def detail(self) -> str:
        """Return the order, the search, and whether the rows stand still."""
        found, rows = self.snapshot.requests, self._all_rows()
        is_late = self.following and found is not None and found.order is not self.order
        parts = [f"{self.order}{' …' if is_late else ''}"]
        if self._only_marks:
            parts = ["marked"]
        elif self._marks:
            parts.append(f"{len(self._marks):,} marked")
        if self.filter_text:
            parts.append(self.matching(len(self._rows), len(rows)))
        parts += self.search_state()
        if not self.following:
            parts.append("standing still, Home follows")
        elif (told := window_text(self.snapshot)) and not self._only_marks:
            parts.append(told)
        return " · ".join(parts)

    def hint(self) -> str:
        """Return what clears the search, or what keys do with a row."""
        if self.filter_text:
            return self.fitting("esc: all rows", "n N: from match to match")
        return self.fitting("enter: all fields", f"s: {self._next_order}", "y: copy the line")

    def arrange_items(self) -> None:
        """Find the rows that match."""
        self._rows = self._all_rows()
        if self.filter_text:
            self._rows = [row for row in self._rows if self.has_text(searched_text(row))]
        super().arrange_items()

    def row_keys(self) -> Sequence[Hashable]:
        """Return the numbers of the requests."""
        return [row.number for row in self._rows]

    def paint(self, size: Size) -> list[Strip]:
        """Draw the titles and the visible rows."""
        base, dim = self.ink(""), self.ink("panel--dim")
        room = size.width - _MARK_WIDTH - int(self.show_vertical_scrollbar)
        self._layout = self._layout_for(room)
        header = [
            (" " * _MARK_WIDTH, base),
            *header_pieces(self._layout, self.ink("panel--header")),
        ]
        lines = [line(header, size.width, base)]
        if self._rows:
            lines += [self._line(index, size.width) for index in self.visible_rows(size)]
        else:
            lines += [
                line([(text, dim)], size.width, base)
                for text in wrapped(self._absence(), size.width)
            ]
        return lines[: size.height]

    def exported(self) -> Sheet:
        """Return the requests in their order, with every field."""
        return request_sheet(self.TITLE, self._rows)

    def _layout_for(self, width: int) -> Layout:
        snapshot = self.snapshot
        return layout_of(
            self._rows,
            width,
            today=int(snapshot.log_time or 0) // DAY,
            resolution=snapshot.ingest.resolution / 1e6,
        )

    def _line(self, index: int, width: int) -> Strip:
        request = self._rows[index]
        base = self.ink("")
        if self.is_at_cursor(index):
            base += self.cursor_shade()
        mark = MARK if request.number in self._marks else ""
        pieces: list[Piece] = [(mark.ljust(_MARK_WIDTH), base)]
        pieces += request_pieces(self, request, self._layout, base, self.shift)
        match = self.ink("search--match")
        return line(highlighted(pieces, self.highlight, match), width, base)

    def _absence(self) -> str:
        """Return why there are no rows."""
        snapshot = self.snapshot
        if self._all_rows():
            return self.no_match("request")
        if self._only_marks:
            return "no request is marked; v shows all"
        if snapshot.log_time is None:
            return "reading the first lines" if snapshot.beginning else "no hits yet"
        if snapshot.requests is None:
            return "the requests come with the next picture"
        if snapshot.moment is not None and snapshot.moment.known is not Known.HITS:
            return "the requests of then are kept no longer"
        slowest = snapshot.now.hits and self.order is Order.SLOWEST
        timeless = "no hit in this window tells its response time"
        return timeless if slowest else without_hits(snapshot)

    def _all_rows(self) -> Sequence[Request]:
        if self._only_marks:
            return tuple(self._marks.values())
        if self._frozen is not None:
            return self._frozen
        return self.snapshot.requests.rows if self.snapshot.requests else ()

    # Following and standing still

    def follow(self) -> None:
        """Follow the log again, from the top."""
        self._frozen = self._cursor = None
        if self.is_mounted:
            self.arrange_items()
            self.scroll_to(y=0, animate=False, force=True)
            self.repaint()

    def stand_still(self) -> None:
        """Keep the present rows."""
        if self._frozen is None and not self._only_marks:
            self._frozen = self._all_rows() or None
            self.arrange_titles()

    def move_cursor(self, index: int) -> None:
        """Put the cursor on row `index`; the rows stand still from then on."""
        self.stand_still()
        super().move_cursor(index)

    def action_first(self) -> None:
        """Go to the first row, and follow the log."""
        self.follow()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Stand still when scrolled, and follow again at the top unless the cursor was moved."""
        super().watch_scroll_y(old_value, new_value)
        if round(new_value):
            self.stand_still()
        elif old_value and self._cursor is None:
            self.follow()

    # Order and marks

    @property
    def _next_order(self) -> Order:
        orders = list(Order)
        return orders[(orders.index(self.order) + 1) % len(orders)]

    def sort_next(self) -> None:
        """Show the requests in the next order."""
        self.order = self._next_order
        self._only_marks = False
        self.follow()
        self.ask()

    def view_next(self) -> None:
        """Show only the marked requests, however long they have gone by, or all again."""
        if not self._marks and not self._only_marks:
            self.notify("No request is marked; b marks one.", markup=False)
            return
        self._only_marks = not self._only_marks
        self.follow()

    def action_mark(self) -> None:
        """Mark the request under the cursor, or take its mark off."""
        if (request := self.request) is None:
            return
        if self._marks.pop(request.number, None) is None:
            self._marks[request.number] = request
        self.arrange_items()
        self.repaint()

    def action_next_mark(self) -> None:
        """Go to the next marked row below, after the last one to the first."""
        count = len(self._rows)
        rows = [(self.cursor_index + step) % count for step in range(1, count + 1)]
        marked = (row for row in rows if self._rows[row].number in self._marks)
        if (row := next(marked, None)) is not None:
            self.move_cursor(row)
        elif self._marks:
            self.notify("The marked requests have gone by; v shows them.", markup=False)
        else:
            self.notify("No request is marked; b marks one.", markup=False)

    # Search

    def searched_lines(self) -> Sequence[str]:
        """Return the text of each request."""
        return list(map(searched_text, self._all_rows()))

    def current_line(self) -> int:
        """Return the row under the cursor among all rows."""
        numbers = [row.number for row in self._all_rows()]
        return numbers.index(self.request.number) if self.request else 0

    def go_to_line(self, number: int) -> None:
        """Move the cursor to a row that was found."""
        self.move_cursor(number)

    def overhang(self) -> int:
        """Return by how much the longest visible path is longer than its column."""
        visible = self.visible_rows(self.view_size)
        return longest_overhang([self._rows[row] for row in visible], self._layout)

    # What is done with a request

    def action_open(self) -> None:
        """Show all fields of the request under the cursor."""
        if self.request is not None:
            self.app.push_screen(
                RequestWindow(
                    self._rows,
                    self.cursor_index,
                    self.snapshot.ingest.resolution / 1e6,
                    own=tuple(self.snapshot.now.own),
                    find=lambda *wanted: self.post_message(self.LineWanted(*wanted)),
                    narrow=lambda term: self.post_message(self.Narrowed(term)),
                )
            )

    def action_exclude(self) -> None:
        """Say how to leave out requests like this one: a single one is not worth it."""
        self.notify("enter shows the fields; ! on one of them leaves it out.", markup=False)

    def action_copy(self) -> None:
        """Copy the raw line of the request under the cursor."""

        def found(raw: bytes | None) -> None:
            told = "The line is no longer kept." if raw is None else clipboard.copy(self.app, raw)
            self.app.notify(told, markup=False, timeout=clipboard.TOAST_SECONDS)

        if self.request is not None:
            self.post_message(self.LineWanted(self.request, found))

    def action_copy_client(self) -> None:
        """Copy the client of the request under the cursor."""
        if self.request is not None:
            told = clipboard.copy(self.app, self.request.texts.get(Dimension.HOST, b"-"))
            self.app.notify(told, markup=False, timeout=clipboard.TOAST_SECONDS)
