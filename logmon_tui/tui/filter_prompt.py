"""FilterPrompt: asks for a filter, proposes what may come next, and points at mistakes."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from logmon_tui.errors import FilterError, UsageError
from logmon_tui.escape import printable
from logmon_tui.filters.completion import Completion, completions
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.filters.parsing import MAX_TEXT
from logmon_tui.tui.paint.cells import crop, width_of
from logmon_tui.tui.paint.prompt import Prompt, SafeInput
from logmon_tui.tui.saved_filters import SavedFilters

PROPOSALS = 8
"""Maximum proposals; fewer on a screen of few lines."""
MAX_NAME = 40
"""Maximum characters of a saved filter's name."""

_LABEL = " only "
_OTHER_LINES = 6  # the header above, the input, and what is said below the proposals
_WIDEST = 60
_MAX_VALUES = 2_000  # rows of tables are fewer, but hosts may be a thousand


class FilterPrompt(ModalScreen[Filter | None]):
    """Asks for a filter, beginning with the expression `text`.

    Enter returns it, esc returns None. Tab takes the marked proposal, ↑ and ↓ mark another.
    `values` returns the known values of a field of the filter language.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("tab", "take", "Take the proposal", priority=True),
        Binding("up", "mark(-1)", "Proposal before", priority=True),
        Binding("down", "mark(1)", "Next proposal", priority=True),
        Binding("ctrl+s", "save", "Save under a name", priority=True),
    ]
    DEFAULT_CSS = """
    FilterPrompt { background: transparent; align: left top; }
    FilterPrompt > Vertical { height: auto; width: 100%; offset: 0 2; }
    FilterPrompt Horizontal { height: 1; }
    FilterPrompt Horizontal Static { width: auto; }
    FilterPrompt SafeInput { width: 1fr; border: none; padding: 0; height: 1; }
    FilterPrompt SafeInput:focus { border: none; }
    FilterPrompt #proposals { height: auto; padding: 0 1; }
    """

    def __init__(
        self, text: str, values: Callable[[str], Iterable[bytes]], saved: SavedFilters
    ) -> None:
        super().__init__()
        self._saved = saved
        self._known = values
        self._proposals: list[Completion] = []
        self._proposed_at = 0  # the cursor's position for which they hold
        self._marked = 0
        self._told = Content()
        self._input = SafeInput(
            f"{printable(text)} " if text else "",
            placeholder="status:5xx section:/api !is:bot time>1s  (nothing: all hits)",
            max_length=MAX_TEXT,
            select_on_focus=False,
        )
        self._list = Static(id="proposals")
        self._box = Vertical(Horizontal(Static(Content(_LABEL)), self._input), self._list)

    def compose(self) -> ComposeResult:
        """Lay out the input, and the proposals below it."""
        yield self._box

    def on_mount(self) -> None:
        """Propose what may stand at the end, and anew wherever the cursor moves."""
        self._propose()
        self.watch(self._input, "selection", self._follow, init=False)

    def on_resize(self) -> None:
        """Propose as much as fits the new size."""
        self._propose()

    def on_input_changed(self, _message: Input.Changed) -> None:
        """Propose what may stand at the cursor now."""
        self._propose()

    def on_input_submitted(self, _message: Input.Submitted) -> None:
        """Return the filter, or show what is wrong with it."""
        where = self._parsed()
        if where is not None:
            self.dismiss(where)

    def action_take(self) -> None:
        """Put the marked proposal in its place."""
        if self._proposals:
            chosen = self._proposals[self._marked]
            self._input.replace(chosen.text, chosen.start, chosen.end)
            self._input.cursor_position = chosen.start + len(chosen.text)

    def action_mark(self, step: int) -> None:
        """Mark another proposal."""
        if self._proposals:
            self._marked = (self._marked + step) % len(self._proposals)
            self._draw()

    def action_save(self) -> None:
        """Ask for a name, and save the filter under it; without a filter, forget that name."""
        where = self._parsed()
        if where is None:
            return

        def named(name: str | None) -> None:
            if name is not None:
                self._save(name.strip().removeprefix("@"), where.text)

        label = "save as @" if where else "forget @"
        self.app.push_screen(
            Prompt(self._box, label, "", placeholder="name", max_length=MAX_NAME), named
        )

    def _save(self, name: str, text: str) -> None:
        try:
            told = Content.styled(printable(self._saved.save(name, text)), "bold $text-success")
        except UsageError as error:
            told = Content.styled(printable(str(error)), "$text-error")
        self._propose()
        self._told = told
        self._draw()

    def _parsed(self) -> Filter | None:
        """Return the filter; None if there is a mistake, which is shown."""
        try:
            return parsed(self._input.value, saved=self._saved.texts, own=self._saved.own)
        except FilterError as error:
            self._proposals = []
            self._proposed_at = error.position
            self._input.cursor_position = error.position
            # The input scrolls to its cursor first.
            self.call_after_refresh(self._point_at, error)
            return None

    def _point_at(self, error: FilterError) -> None:
        """Show what is wrong, and an arrow below the place."""
        place, middle = width_of(self._input.value[: error.position]), self._input.size.width // 2
        # To the middle, if possible, where its end is in sight as well.
        self._input.scroll_to(x=place - middle, animate=False, force=True, immediate=True)
        arrow = " " * (len(_LABEL) - 1 + place - int(self._input.scroll_offset.x)) + "↑"
        told = printable(error.problem)
        self._list.update(
            Content.assemble((arrow, "bold $text-error"), "\n", (told, "$text-error"))
        )

    def _follow(self) -> None:
        """Propose anew where the cursor has moved to."""
        if self._input.cursor_position != self._proposed_at:
            self._propose()

    def _propose(self) -> None:
        text, cursor = self._input.value, self._input.cursor_position
        found = completions(text, cursor, self._values, self._saved.names, self._saved.own)
        room = max(1, min(PROPOSALS, self.app.size.height - _OTHER_LINES))
        self._proposals = [each for each in found if printable(each.text) == each.text][:room]
        self._proposed_at = cursor
        self._marked = 0
        self._told = Content()
        self._draw()

    def _values(self, field: str) -> list[str]:
        known = list(self._known(field))[:_MAX_VALUES]
        return [each.decode("utf-8", "surrogateescape") for each in known]

    def _draw(self) -> None:
        room = self.app.size.width - 2
        widest = max((width_of(each.text) for each in self._proposals), default=0)
        width = min(_WIDEST, room - 2, widest)
        lines = []
        for place, each in enumerate(self._proposals):
            mark, ink = ("▸ ", "bold $text-primary") if place == self._marked else ("  ", "")
            text = crop(each.text, width)
            text += " " * (width - width_of(text))
            about = crop(f"  {each.about}", max(0, room - width - 2))
            lines.append(Content.assemble((mark + text, ink), (about, "$foreground-muted")))
        hints = ["tab takes it", "enter applies", "esc cancels", "↑ ↓ another", "^s saves it"]
        while width_of(" · ".join(hints)) > room:
            hints.pop()
        lines.append(self._told or Content.styled(" · ".join(hints), "$foreground-muted"))
        self._list.update(Content("\n").join(lines))
