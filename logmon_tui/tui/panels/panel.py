"""Panel: a rounded box that shows one aspect of a Snapshot; its title starts with its key."""

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from logmon_tui.reports.sheet import Sheet
from logmon_tui.tui.paint.cells import width_of
from logmon_tui.tui.paint.keys import CURSOR_KEYS
from logmon_tui.tui.paint.painted import Painted


class Place(Enum):
    """Where on the dashboard a panel stands; those of one place share its room by their keys."""

    LEFT = auto()  # the upper left
    MIDDLE = auto()  # the row below that
    CORNER = auto()  # the upper right
    RIGHT = auto()  # below that
    EXTRAS = auto()  # the row of tables below them all
    MORE = auto()  # the next row of tables
    WIDE = auto()  # a whole row each, below the tables
    BOTTOM = auto()  # a whole row each, at the bottom


class Panel(Painted, can_focus=True):
    """Base of all panels. A subclass names itself and draws `paint` from `self.snapshot`.

    It declares its `TITLE`, its `KEYS` (the first shows in its border) and its `PLACE`. It takes an
    even share of the room there, six lines at least; its own DEFAULT_CSS may say otherwise. While
    it `has_nothing` and is not in use, the dashboard collapses it to its title.
    Public attributes: `clock`, the wall clock in epoch seconds; `collapsible`.
    """

    NAME: ClassVar[str]
    TITLE: ClassVar[str]
    KEYS: ClassVar[tuple[str, ...]]
    PLACE: ClassVar[Place]
    HINT: ClassVar[str] = ""
    """The text of `hint`, for panels whose hint never changes."""

    DEFAULT_CSS = """
    Panel {
        width: 1fr;
        height: 1fr;
        min-height: 6;
        border: round $border-blurred;
        border-title-align: left;
    }
    """

    class SpaceWanted(Message):
        """A panel has become empty, or is so no longer."""

    def __init__(self) -> None:
        super().__init__(id=str(self.NAME))
        self.collapsible = False
        self.clock: Callable[[], float] = time.time
        self._titles: tuple[str, str, Content | None, bool] | None = None

    @property
    def full_title(self) -> str:
        """The title behind the first key, if there is one."""
        return " ".join((*self.KEYS[:1], self.TITLE))

    def detail(self) -> str:
        """Return the text of the title after the panel's name; it may contain text from a log."""
        return ""

    def hint(self) -> str:
        """Return what a key does here, for the lower edge while the panel has the focus."""
        return self.HINT

    def fitting(self, *hints: str) -> str:
        """Return as many of the `hints`, the first ones first, as fit on the lower edge."""
        room = self.outer_size.width - 6  # corners, edges and blanks
        text = hints[0]
        for each in hints[1:]:
            if width_of(f"{text} · {each}") <= room:
                text = f"{text} · {each}"
        return text

    def legend(self) -> Content | None:
        """Return the content of the lower edge when there is no hint."""
        return None

    def has_nothing(self) -> bool:
        """Tell whether there is nothing to show but the `absence`."""
        return False

    def absence(self) -> str:
        """Return why there is nothing to show; the title of a collapsed panel says it."""
        return self.detail()

    def exported(self) -> Sheet | None:
        """Return the rows of the panel as they are chosen and ordered; None if it has no rows."""
        return None

    def collapse(self, *, collapsed: bool) -> None:
        """Show only the title, or everything."""
        if collapsed != self.has_class("-collapsed"):
            self.set_class(collapsed, "-collapsed")
            self.arrange_titles()

    def arrange_items(self) -> None:
        """Arrange what is shown; the base class sets title and hint."""
        super().arrange_items()
        self.arrange_titles()
        if self.collapsible != self.has_nothing():
            self.collapsible = not self.collapsible
            self.post_message(self.SpaceWanted())

    def arrange_titles(self) -> None:
        """Set title, hint and legend, if they changed."""
        collapsed = self.has_class("-collapsed")
        detail = self.absence() if collapsed else self.detail()
        titles = (detail, self.hint() if self.has_focus else "", self.legend(), collapsed)
        if titles == self._titles:
            return
        self._titles = titles
        # Content, because a plain string would be parsed as markup.
        heading = self._heading(titles[0])
        # The line of a collapsed panel has no corner that keeps its title off the line.
        self.border_title = Content.assemble(" ", heading, " ") if collapsed else heading
        self.border_subtitle = Content(titles[1]) if titles[1] else titles[2]

    def on_mount(self) -> None:
        """Show the title before the first Snapshot arrives."""
        self.arrange_items()

    def watch_has_focus(self, has_focus: bool) -> None:  # noqa: FBT001 - as Textual calls it
        """Show or hide the hint."""
        super().watch_has_focus(has_focus)
        self.arrange_items()

    def _heading(self, detail: str) -> Content:
        name = Content.styled(self.TITLE, "bold")
        if self.KEYS:
            name = Content.assemble((self.KEYS[0], "bold"), " ", name)
        return Content.assemble(name, " ─ ", detail) if detail else name


class ScrolledPanel(Panel):
    """A panel of lines without a cursor: the keys that move a cursor scroll it instead."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in CURSOR_KEYS.bindings if binding.action not in {"open", "exclude"}
    ]
    DEFAULT_CSS = """
    ScrolledPanel { overflow-y: auto; }
    """

    def action_cursor(self, rows: int) -> None:
        """Scroll by `rows`."""
        self.scroll_lines_to(self.scroll_offset.y + rows)

    def action_page(self, pages: int) -> None:
        """Scroll by `pages` of what is visible."""
        self.scroll_lines_to(self.scroll_offset.y + pages * max(1, self.view_size.height - 1))

    def action_first(self) -> None:
        """Go to the first line."""
        self.scroll_lines_to(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self.scroll_lines_to(self.max_scroll_y)

    def scroll_lines_to(self, y: int) -> None:
        """Scroll so that line `y` is the topmost."""
        # Forced, because the scrollbar may appear only with the next layout.
        self.scroll_to(y=y, animate=False, force=True)
