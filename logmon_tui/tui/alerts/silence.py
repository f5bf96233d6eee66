"""SilenceDialog: silences alerts for some time, and ends silences early."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from logmon_tui import units
from logmon_tui.alerts.history.expression import of_label
from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.tui.alerts.incident_text import SILENCED_SIGN, covered, moment
from logmon_tui.tui.paint.prompt import SafeInput
from logmon_tui.tui.paint.spans import seconds_of

PRESETS = ("15m", "1h", "4h", "8h", "24h")
DEFAULT_SPAN = PRESETS[1]
SPAN_CHARACTERS = "0123456789dhm "
"""The characters of a span of time."""


class SpanInput(SafeInput):
    """An Input for spans of time; it leaves all other keys to the dialog."""

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Tell whether the key types a character into the input."""
        return character is not None and character in SPAN_CHARACTERS


class Choice(msgspec.Struct, frozen=True):
    """Something to silence, as text; `silence` has no times yet."""

    text: str
    silence: Silence


def choices(incident: Incident | None) -> tuple[Choice, ...]:
    """Return what can be silenced, the narrowest first; `incident` is under the cursor."""
    everything = Silence(0.0, 0.0)
    silences = [everything]
    if incident is not None:
        rule = everything._replace(rule=incident.rule)
        labels = [everything._replace(where=of_label(*each)) for each in incident.labels]
        silences[:0] = [rule, *labels]
        if incident.subject is not None:
            silences.insert(0, rule._replace(scope=incident.scope, subject=incident.subject))
    title = None if incident is None else incident.title
    return tuple(Choice(covered(each, title), each) for each in silences)


class SilenceDialog(ModalScreen[Silence | None]):
    """Returns the Silence that the user wants, or None.

    `incident` is under the cursor, `silences` are in force, `titles` maps names of rules to titles,
    and `clock` returns the wall time in epoch seconds.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", priority=True),
        Binding("up,k", "move(-1)", "Up", priority=True),
        Binding("down,j", "move(1)", "Down", priority=True),
        Binding("left", "preset(-1)", "Shorter", priority=True),
        Binding("right", "preset(1)", "Longer", priority=True),
        Binding("x,delete", "end", "End", priority=True),
        Binding("enter", "silence", "Silence", priority=True),
    ]
    DEFAULT_CSS = """
    SilenceDialog { align: center middle; }
    SilenceDialog > VerticalScroll { width: 64; height: auto; padding: 0 1; }
    SilenceDialog Horizontal { height: 1; }
    SilenceDialog Static { width: auto; height: auto; }
    SilenceDialog SafeInput { width: 9; border: none; padding: 0; height: 1; }
    SilenceDialog SafeInput:focus { border: none; }
    """

    class Ended(Message):
        """The user wants to end a silence now."""

        def __init__(self, silence: Silence) -> None:
            super().__init__()
            self.silence = silence

    def __init__(
        self,
        incident: Incident | None,
        silences: Sequence[Silence],
        titles: dict[str, str],
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self._choices = choices(incident)
        self._silences = list(silences)
        self._titles = titles
        self._clock = clock
        self._cursor = 0
        self._has_ended = False  # a silence was ended, and nothing chosen since
        self._input = SpanInput(
            DEFAULT_SPAN, restrict=f"[{SPAN_CHARACTERS}]*", max_length=12, select_on_focus=False
        )
        self._what = Static()
        self._presets = Static()
        self._in_force = Static()
        self._box = VerticalScroll(
            self._what,
            Horizontal(Static(Content.styled("for ", "$foreground-muted")), self._input),
            self._presets,
            self._in_force,
            can_focus=False,
        )

    def compose(self) -> ComposeResult:
        """Lay out what to silence, how long, and the silences in force."""
        self._box.border_title = Content(f"{SILENCED_SIGN} Silence")
        yield self._box

    def on_mount(self) -> None:
        """Draw the dialog, and focus the input."""
        self._input.focus()
        self._draw()

    def on_input_changed(self) -> None:
        """Mark the preset that equals the input."""
        self._has_ended = False
        self._draw()

    def action_move(self, rows: int) -> None:
        """Move the cursor through the choices, then the silences."""
        last = len(self._choices) + len(self._silences) - 1
        self._cursor = min(max(0, self._cursor + rows), last)
        self._has_ended = False
        self._draw()

    def action_preset(self, step: int) -> None:
        """Set the next longer (1) or shorter (-1) preset."""
        now = seconds_of(self._input.value) or 0
        lengths = [(seconds_of(preset) or 0, preset) for preset in PRESETS]
        others = [preset for each, preset in lengths if (each - now) * step > 0]
        if others:
            self._input.value = others[0 if step > 0 else -1]
            self._input.action_end()

    def action_end(self) -> None:
        """End the silence under the cursor, and move the cursor to the narrowest choice."""
        index = self._cursor - len(self._choices)
        if index >= 0:
            self.post_message(self.Ended(self._silences.pop(index)))
            self._cursor, self._has_ended = 0, True
            self._draw()

    def action_silence(self) -> None:
        """Return the chosen silence, if its length is valid; close if a silence has just ended."""
        if self._has_ended:
            self.dismiss(None)
            return
        seconds = seconds_of(self._input.value)
        if seconds is None or self._cursor >= len(self._choices):
            self.app.bell()
            return
        now = self._clock()
        silence = self._choices[self._cursor].silence
        self.dismiss(silence._replace(since=now, until=now + seconds))

    def _draw(self) -> None:
        rows = [self._row(index, choice.text) for index, choice in enumerate(self._choices)]
        self._what.update(Content("\n").join(rows))
        self._presets.update(self._lengths())
        self._in_force.update(self._silences_in_force())
        enter = "it has ended · enter closes" if self._has_ended else "enter silences"
        self._box.border_subtitle = Content(f"{enter} · esc closes")

    def _row(self, index: int, text: str) -> Content:
        if index == self._cursor and not self._has_ended:
            return Content.assemble(("▸ ", "bold $text-primary"), (text, "bold"))
        return Content.assemble("  ", text)

    def _lengths(self) -> Content:
        """Return the presets, with the current one marked; for an invalid input, what to type."""
        seconds = seconds_of(self._input.value)
        if seconds is None:
            return Content.styled("  ! a time such as 90m, 1h30m or 2d", "$text-warning")
        parts = [
            (f"[{preset}]" if seconds_of(preset) == seconds else f" {preset} ")
            for preset in PRESETS
        ]
        now = self._clock()
        until = f"  until {moment(now + seconds, now)} UTC"
        return Content.assemble((" ".join(parts), "$foreground-muted"), until)

    def _silences_in_force(self) -> Content:
        if not self._silences:
            return Content("")
        now, first = self._clock(), len(self._choices)
        lines = [Content(""), Content.styled("Silenced now (x ends it)", "$foreground-muted")]
        for index, silence in enumerate(self._silences):
            left = units.duration(silence.until - now)
            what = covered(silence, self._titles.get(silence.rule or ""))
            until = f"until {moment(silence.until, now)}, {left}"
            lines.append(self._row(first + index, f"{SILENCED_SIGN} {what} · {until}"))
        return Content("\n").join(lines)
