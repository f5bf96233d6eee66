"""Filtered: a panel with a filter; typed on the lower edge, shown in the title, cleared by esc."""

from typing import ClassVar

from textual.binding import BindingType

from logmon_tui.tui.paint.cells import shown
from logmon_tui.tui.paint.keys import FILTER_KEYS
from logmon_tui.tui.paint.prompt import Prompt
from logmon_tui.tui.panels.panel import Panel

MAX_FILTER = 200
"""Maximum characters of a filter."""


class Filtered(Panel):
    """Base of the panels whose rows can be filtered; a subclass shows the rows that match.

    Public attribute: `filter_text`, the user's text without blanks around it.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(FILTER_KEYS.bindings)
    PLACEHOLDER: ClassVar[str] = "text"
    """What to type, for an empty input."""

    def __init__(self) -> None:
        super().__init__()
        self.filter_text = ""

    def has_text(self, row: str) -> bool:
        """Tell whether a row whose text is `row` contains the filter's text, in any case."""
        return self.filter_text.casefold() in row.casefold()

    def matching(self, found: int, of: int) -> str:
        """Return the title's text about the filter: `found` rows of `of` match."""
        return f"{found:,} of {of:,} match {shown(self.filter_text)}"

    def no_match(self, row: str) -> str:
        """Return the message for no match; `row` is the word for a row."""
        return f"No {row} matches {shown(self.filter_text)}; esc shows all."

    def set_filter(self, text: str) -> None:
        """Show only the rows that match `text`."""
        self.filter_text = text.strip()
        self.arrange_items()
        self.repaint()

    def action_filter(self) -> None:
        """Let the user type a filter; it applies while being typed."""

        def ended(text: str | None) -> None:
            self.set_filter(text or "")

        prompt = Prompt(
            self,
            "/",
            self.filter_text,
            placeholder=self.PLACEHOLDER,
            max_length=MAX_FILTER,
            typed=self.set_filter,
        )
        self.app.push_screen(prompt, ended)

    def action_clear_filter(self) -> None:
        """Show all rows again."""
        self.set_filter("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pass esc on to the program while there is no filter to clear."""
        if action == "clear_filter":
            return bool(self.filter_text)
        return super().check_action(action, parameters)
