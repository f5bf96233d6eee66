"""FilterPrompt: asks for a filter, proposes what may come next, and points at mistakes."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from logmon_tui.errors import FilterError
from logmon_tui.escape import printable
from logmon_tui.filters.completion import Completion, completions
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.tui.paint.cells import crop
from logmon_tui.tui.paint.prompt import SafeInput

MAX_FILTER = 1_000
"""Maximum characters of a filter."""

PROPOSALS = 8
_LABEL = " only "
_WIDEST = 60
_MAX_VALUES = 100


class FilterPrompt(ModalScreen[Filter | None]):
    """Asks for a filter, beginning with `where`.

    Enter returns it, esc returns None. Tab takes the marked proposal, ↑ and ↓ mark another.
    `values` returns the known values of a field of the filter language.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("tab", "take", "Take the proposal", priority=True),
        Binding("up", "mark(-1)", "Proposal before", priority=True),
        Binding("down", "mark(1)", "Next proposal", priority=True),
    ]
    DEFAULT_CSS = """
    FilterPrompt { background: transparent; align: left top; }
    FilterPrompt Vertical { height: auto; width: 100%; max-width: 100; offset: 0 2; }
    FilterPrompt Horizontal { height: 1; }
    FilterPrompt Horizontal Static { width: auto; }
    FilterPrompt SafeInput { width: 1fr; border: none; padding: 0; height: 1; }
    FilterPrompt SafeInput:focus { border: none; }
    FilterPrompt #proposals { height: auto; padding: 0 1; }
    """

    def __init__(self, where: Filter, values: Callable[[str], Iterable[bytes]]) -> None:
        super().__init__()
        self._saved = where.saved
        self._known = values
        self._proposals: list[Completion] = []
        self._marked = 0
        text = printable(where.text)
        self._input = SafeInput(
            f"{text} " if text else "",
            placeholder="status:5xx section:/api !is:bot time>1s  (enter: all hits)",
            max_length=MAX_FILTER,
            select_on_focus=False,
        )
        self._list = Static(id="proposals")

    def compose(self) -> ComposeResult:
        """Lay out the input, and the proposals below it."""
        yield Vertical(Horizontal(Static(Content(_LABEL)), self._input), self._list)

    def on_mount(self) -> None:
        """Propose what may stand at the end."""
        self._propose()

    def on_input_changed(self, _message: Input.Changed) -> None:
        """Propose what may stand at the cursor now."""
        self._propose()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Return the filter, or show what is wrong with it."""
        try:
            self.dismiss(parsed(message.value, saved=self._saved))
        except FilterError as error:
            self._input.cursor_position = min(error.position, len(message.value))
            self._proposals = []
            self._list.update(_mistake(error))

    def action_take(self) -> None:
        """Put the marked proposal in its place."""
        if self._proposals:
            chosen = self._proposals[self._marked]
            self._input.replace(chosen.text, chosen.start, chosen.end)
            self._input.cursor_position = chosen.start + len(printable(chosen.text))

    def action_mark(self, step: int) -> None:
        """Mark another proposal."""
        if self._proposals:
            self._marked = (self._marked + step) % len(self._proposals)
            self._draw()

    def _propose(self) -> None:
        text, cursor = self._input.value, self._input.cursor_position
        found = completions(text, cursor, self._values, self._saved)
        self._proposals = [each for each in found if printable(each.text) == each.text][:PROPOSALS]
        self._marked = 0
        self._draw()

    def _values(self, field: str) -> list[str]:
        known = list(self._known(field))[:_MAX_VALUES]
        return [each.decode("utf-8", "surrogateescape") for each in known]

    def _draw(self) -> None:
        width = min(_WIDEST, max((len(each.text) for each in self._proposals), default=0))
        lines = []
        for place, each in enumerate(self._proposals):
            mark, ink = ("▸", "bold") if place == self._marked else (" ", "")
            text = crop(each.text, _WIDEST).ljust(width)
            lines.append(Content.assemble((f"{mark} {text}", ink), (f"  {each.about}", "dim")))
        hint = Content.styled("tab takes it · ↑ ↓ another · enter applies · esc cancels", "dim")
        self._list.update(Content("\n").join([*lines, hint]))


def _mistake(error: FilterError) -> Content:
    """Return a line that points at the mistake, and one that tells it."""
    mark = " " * (len(_LABEL) - 1 + error.position) + "↑"
    return Content.assemble((mark, "bold $error"), "\n", (printable(str(error)), "$error"))
