"""The window of one request: all its fields, and its raw line."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from logmon_tui.escape import printable
from logmon_tui.snapshot import Request
from logmon_tui.tui.paint import clipboard
from logmon_tui.tui.paint.cells import folded, left
from logmon_tui.tui.paint.window import Window
from logmon_tui.tui.screens.request_fields import Field, fields_of

Found = Callable[[bytes | None], None]

MAX_LINE = 16_384
"""Maximum bytes of the raw line that are shown; all of it is copied."""

_HINT = "enter only these · ! without · y copy line · Y field · n N next · esc closes"
_LABEL = 12  # cells, with the cursor's sign
_CURSOR = "▸"
_LOOKING = "looking for the line …"
_GONE = "The line is no longer kept."


class RequestText(Widget):
    """The fields of a request with a cursor, and its raw line below, folded to the width."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "RequestText { width: 1fr; height: auto; padding: 0 1 0 0; }"

    def __init__(self) -> None:
        super().__init__()
        self._fields: Sequence[Field] = ()
        self._raw = _LOOKING
        self.cursor = 1  # the status: no filter can choose a moment

    def show(self, fields: Sequence[Field]) -> None:
        """Show other fields, without a raw line; the cursor stays on its row."""
        self._fields, self._raw = fields, _LOOKING
        self.cursor = min(self.cursor, len(fields) - 1)
        self.refresh(layout=True)

    def show_line(self, raw: bytes | None) -> None:
        """Show the raw line, or that there is none."""
        self._raw = _GONE if raw is None else printable(raw[:MAX_LINE])
        self.refresh(layout=True)

    @property
    def field(self) -> Field:
        """The field under the cursor."""
        return self._fields[self.cursor]

    def move(self, rows: int) -> bool:
        """Move the cursor by `rows` if there is such a field; tell whether there was."""
        if not 0 <= self.cursor + rows < len(self._fields):
            return False
        self.cursor += rows
        self.refresh()
        return True

    def region_of_cursor(self) -> Region:
        """Return where the field under the cursor is, within the widget."""
        rows = [len(each) for each in self._field_lines(self.size.width)]
        return Region(0, sum(rows[: self.cursor]), self.size.width, rows[self.cursor])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return how many lines it takes at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Return the lines."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        fields = [each for lines in self._field_lines(width) for each in lines]
        heading = Content.styled("Raw line", "bold $text-accent")
        return [*fields, Content(""), heading, *map(Content, folded(self._raw, width, width))]

    def _field_lines(self, width: int) -> list[list[Content]]:
        return [self._one(place, width) for place in range(len(self._fields))]

    def _one(self, place: int, width: int) -> list[Content]:
        field, here = self._fields[place], place == self.cursor
        room = max(1, width - _LABEL)
        label = left(f"{_CURSOR if here else ' '} {field.label}", _LABEL)
        labels = [label, *[" " * _LABEL] * len(field.text)]
        return [
            Content.assemble((name, "$text-primary"), (text, "bold reverse" if here else ""))
            for name, text in zip(labels, folded(field.text, room, room), strict=False)
        ]


class RequestWindow(Window):
    """Shows request `index` of `requests`; the others are a key away.

    `resolution` is the precision of response times in seconds, `own` names own panels. `find` looks
    for a raw line and calls back with it, or with None. `narrow` shows only the hits that a
    filter's term takes.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "field(1)", "Down"),
        Binding("up,k", "field(-1)", "Up"),
        Binding("pagedown,space", "scroll(10)", "Page down"),
        Binding("pageup", "scroll(-10)", "Page up"),
        Binding("enter,x", "narrow", "Only these"),
        Binding("exclamation_mark", "exclude", "Without"),
        Binding("y", "copy", "Copy the line"),
        Binding("Y", "copy_field", "Copy the field"),
        Binding("n", "turn(1)", "Next request"),
        Binding("N", "turn(-1)", "Previous request"),
    ]
    DEFAULT_CSS = """
    RequestWindow > VerticalScroll { width: 96%; max-width: 140; }
    """

    def __init__(  # noqa: PLR0913 - the last two are what it may do
        self,
        requests: Sequence[Request],
        index: int,
        resolution: float,
        *,
        own: Sequence[str],
        find: Callable[[Request, Found], object],
        narrow: Callable[[str], object],
    ) -> None:
        super().__init__("Request", Content(""), _HINT)
        self._requests, self._index, self._resolution = requests, index, resolution
        self._own, self._find, self._narrow = own, find, narrow
        self._text = RequestText()
        self._raw: bytes | None = None

    def compose(self) -> ComposeResult:
        """Put the text into a box that scrolls."""
        # With the focus, the box would scroll with the keys that move the cursor.
        box = VerticalScroll(self._text, can_focus=False)
        box.border_title = self._heading
        box.border_subtitle = self._hint
        yield box

    def on_mount(self) -> None:
        """Show the request."""
        self._show()

    def _show(self) -> None:
        request = self._requests[self._index]
        self._raw = None
        self._text.show(fields_of(request, self._resolution, self._own))
        box = self.query_one(VerticalScroll)
        box.border_title = Content(f"Request {self._index + 1:,} of {len(self._requests):,}")
        box.scroll_to(y=0, animate=False)
        self._tell("")
        self._find(request, lambda raw: self._found(request, raw))

    def _found(self, request: Request, raw: bytes | None) -> None:
        if self.is_mounted and request is self._requests[self._index]:
            self._raw = raw
            self._text.show_line(raw)

    def _tell(self, text: str) -> None:
        """Show a message in place of the hint, as windows hide toasts; the hint if it is empty."""
        self.query_one(VerticalScroll).border_subtitle = Content(text) if text else self._hint

    def action_field(self, rows: int) -> None:
        """Move to another field; beyond the last, scroll on to the raw line."""
        box = self.query_one(VerticalScroll)
        if self._text.move(rows):
            box.scroll_to_region(self._text.region_of_cursor(), animate=False)
        else:
            box.scroll_relative(y=rows, animate=False)
        self._tell("")

    def action_turn(self, requests: int) -> None:
        """Show the next (1) or previous (-1) request."""
        index = self._index + requests
        if 0 <= index < len(self._requests):
            self._index = index
            self._show()
        else:
            self._tell("There is no further request.")

    def action_narrow(self) -> None:
        """Show only the hits with the value of this field in all panels."""
        self._end_with(self._text.field.term)

    def action_exclude(self) -> None:
        """Leave the hits with the value of this field out of all panels."""
        self._end_with(self._text.field.without)

    def _end_with(self, term: str) -> None:
        if not term:
            self._tell("A filter cannot choose by this field; w changes the window of time.")
            return
        self._narrow(term)
        self.dismiss()

    def action_copy(self) -> None:
        """Copy the raw line."""
        self._tell(clipboard.copy(self.app, self._raw) if self._raw is not None else _NO_LINE)

    def action_copy_field(self) -> None:
        """Copy the value of the field under the cursor."""
        self._tell(clipboard.copy(self.app, self._text.field.value))


_NO_LINE = "There is no raw line to copy."
