"""Manual: the list of topics beside the text of the chosen one.

It shows only the program's own topics, and no text from a log. Rich lays them out instead of
Textual's Markdown, which makes a widget of each table cell and needs a second or two for a topic.
"""

from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from logmon_tui.docs.page import STYLES, lines_of
from logmon_tui.docs.topics import TOPICS, read_topic
from logmon_tui.tui.paint.lines_text import LinesText

_HINT = "esc closes · ↑ ↓ topics · PgUp PgDn scroll"
_COLOURS = {
    "h2": "text-accent",
    "h3": "text-accent",
    "code": "text-primary",
    "code_block": "text-primary",
}
"""The theme's colour for each kind of text."""

_SCROLL_KEYS: list[BindingType] = [
    Binding("pagedown,space", "screen.page(1)", "Page down"),
    Binding("pageup", "screen.page(-1)", "Page up"),
    Binding("home,g", "screen.edge(-1)", "First"),
    Binding("end,G", "screen.edge(1)", "Last"),
]


class TopicList(OptionList):
    """The list of topics. It is short, so the keys for pages scroll the text instead."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Next topic"),
        Binding("up,k", "cursor_up", "Previous topic"),
        Binding("enter,right", "screen.read", "Read"),
        *_SCROLL_KEYS,
    ]

    def __init__(self) -> None:
        super().__init__(*(Option(name) for name in TOPICS), markup=False)


class TopicBox(VerticalScroll):
    """The box in which the text scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", "Down"),
        Binding("up,k", "scroll_up", "Up"),
        Binding("left", "screen.choose", "Topics"),
        *_SCROLL_KEYS,
    ]


class TopicText(LinesText):
    """The text of a topic, in lines that fit the widget's width."""

    def __init__(self) -> None:
        super().__init__()
        self._markdown = ""
        self._laid_out: tuple[int, str, list[Content]] = (0, "", [])

    def show(self, markdown: str) -> None:
        """Show another text."""
        self._markdown = markdown
        self._laid_out = (0, "", [])
        self.refresh(layout=True)

    def lines(self, width: int) -> list[Content]:
        """Return the topic, laid out in the theme's colours."""
        theme = self.app.theme
        if self._laid_out[:2] != (width, theme):
            lines = lines_of(self._markdown, max(width, 1), self._styles())
            self._laid_out = (width, theme, [Content.from_rich_text(line) for line in lines])
        return self._laid_out[2]

    def _styles(self) -> dict[str, Style] | None:
        """Return the styles of the text in the theme's colours; None without colours."""
        if self.app.no_color:
            return None
        colours = self.app.theme_variables
        ours = {
            part: Style(color=Color.parse(colours[name]).rich_color, bold=part in {"h2", "h3"})
            for part, name in _COLOURS.items()
        }
        return STYLES | ours


class Manual(ModalScreen[None]):
    """The window of the manual, opened at its first topic."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,f1", "dismiss", "Close")]
    DEFAULT_CSS = """
    Manual { align: center middle; }
    Manual > Horizontal { width: 100%; max-width: 124; height: 100%; }
    Manual TopicList, Manual TopicList:focus { width: 16; height: 100%; padding: 0; }
    Manual TopicBox { width: 1fr; height: 100%; padding: 0 0 0 1; overflow-y: scroll; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._topics = TopicList()
        self._text = TopicText()
        self._box = TopicBox(self._text)

    def compose(self) -> ComposeResult:
        """Lay out the topics at the left, the text at the right."""
        self._topics.border_title = Content("Manual")
        self._box.border_subtitle = Content(_HINT)
        yield Horizontal(self._topics, self._box)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the topic under the cursor; its heading becomes the border's title."""
        topic = read_topic(TOPICS[event.option_index])
        _, _, text = topic.text.partition("\n\n")
        self._box.border_title = Content(topic.title)
        self._text.show(text)
        self._box.scroll_home(animate=False)

    def action_read(self) -> None:
        """Move the focus from the topics to the text."""
        self._box.focus()

    def action_choose(self) -> None:
        """Move the focus back to the topics."""
        self._topics.focus()

    def action_page(self, pages: int) -> None:
        """Scroll the text by `pages` of what is visible."""
        lines = max(1, self._box.scrollable_content_region.height - 1)
        self._box.scroll_relative(y=pages * lines, animate=False)

    def action_edge(self, edge: int) -> None:
        """Scroll the text to its beginning (-1) or end (1)."""
        self._box.scroll_to(y=self._box.max_scroll_y if edge > 0 else 0, animate=False)
