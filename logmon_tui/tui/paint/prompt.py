"""Prompt: an input line on the lower edge of a panel or window, where it hides no content."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from logmon_tui.escape import printable
from logmon_tui.tui.paint.cells import width_of


class SafeInput(Input):
    """An Input that escapes control characters, since pasted text may contain any."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace the text from `start` to `end` by `text`, made printable."""
        super().replace(printable(text), start, end)


class Prompt(ModalScreen[str | None]):
    """Asks for one line of text, labelled `label`, on the lower edge of `box`.

    Enter returns the text, esc returns None. `typed` is called with the text on every change.
    `max_length` is the maximum number of characters.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]
    DEFAULT_CSS = """
    Prompt Horizontal { height: 1; position: absolute; }
    Prompt Static { width: auto; }
    Prompt SafeInput { width: 1fr; border: none; padding: 0; height: 1; }
    Prompt SafeInput:focus { border: none; }
    """

    def __init__(  # noqa: PLR0913 - each but the box is a text of its own
        self,
        box: Widget,
        label: str,
        text: str,
        *,
        placeholder: str,
        max_length: int,
        typed: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self._box = box
        self._label = f" {label} "
        self._typed = typed
        self._input = SafeInput(
            printable(text), placeholder=placeholder, max_length=max_length, select_on_focus=False
        )
        self._row = Horizontal(Static(Content(self._label)), self._input)

    def compose(self) -> ComposeResult:
        """Lay out label and input side by side."""
        yield self._row

    def on_mount(self) -> None:
        """Move onto the box's edge."""
        self._place()

    def on_resize(self) -> None:
        """Stay on the box's edge."""
        self.call_after_refresh(self._place)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Pass the present text to `typed`."""
        if self._typed is not None:
            self._typed(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Return the text."""
        self.dismiss(message.value)

    def _place(self) -> None:
        """Move onto the visible part of the box's lower edge; if too narrow, use the full width."""
        region = self._box.region.intersection(self.app.screen.region)
        width = region.width - 2
        x = region.x + 1
        if width < width_of(self._label) + 12:
            x, width = 0, self.size.width
        y = min(max(0, region.bottom - 1), self.size.height - 1)
        self._row.styles.offset = (x, y)
        self._row.styles.width = width
