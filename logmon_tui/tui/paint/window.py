"""Window: a text over the dashboard that esc closes."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static


class Window(ModalScreen[None]):
    """Shows `text` under `title`, and `hint` below it; no markup is parsed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "Close"),
        Binding("down,j", "scroll(1)", "Down"),
        Binding("up,k", "scroll(-1)", "Up"),
        Binding("home,g", "edge(-1)", "First"),
        Binding("end,G", "edge(1)", "Last"),
        Binding("P", "app.save_picture", "Save picture"),
    ]
    DEFAULT_CSS = """
    Window { align: center middle; }
    Window > VerticalScroll { width: auto; height: auto; border: round $border; padding: 1 2; }
    Window Static { width: auto; height: auto; }
    """

    def __init__(self, title: str, text: Content, hint: str = "↑ ↓ scroll · esc closes") -> None:
        super().__init__()
        self._heading = Content(title)
        self._body = text
        self._hint = Content(hint)

    def compose(self) -> ComposeResult:
        """Put the text into a box that scrolls."""
        box = VerticalScroll(self.body())
        box.border_title = self._heading
        box.border_subtitle = self._hint
        yield box

    def body(self) -> Widget:
        """Return what the box shows: the text, where a subclass shows nothing else."""
        return Static(self._body)

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_edge(self, edge: int) -> None:
        """Scroll to the beginning (-1) or the end (1)."""
        box = self.query_one(VerticalScroll)
        box.scroll_to(y=box.max_scroll_y if edge > 0 else 0, animate=False)
