"""MomentPrompt: asks for a point in time, and tells while it is typed which one it is."""

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from logmon_tui import units
from logmon_tui.moments import moment_in_log
from logmon_tui.tui.paint.graph_axis import day_text
from logmon_tui.tui.paint.prompt import Prompt

UNDERSTOOD = "03:12 · -2h · yesterday 14:00 · fri 14:00 · 2026-11-27 03:12"
SUCH_AS = "such as 03:12, -2h, fri 14:00, 2026-11-27 03:12"
MAX_MOMENT = 40
"""Maximum characters of a moment."""


def understood(text: str, now: int) -> int:
    """Return the second that a user means when log time is `now`. Raises ValueError, with why."""
    words = " ".join(text.split())
    try:
        second = int(moment_in_log(words, now))
    except ValueError as error:
        raise ValueError("no time") from error
    if second > now:
        raise ValueError(f"that is yet to come: it is {units.clock(now)}")
    if second < 0:
        raise ValueError("that is before 1970")
    return second


class MomentPrompt(Prompt):
    """Returns the text of a moment that is understood; a mistake is told, and can be mended.

    `now` is log time in epoch seconds.
    """

    DEFAULT_CSS = """
    MomentPrompt #moment { width: auto; max-width: 85%; }
    """

    def __init__(self, box: Widget, now: int, *, then: Callable[[int], None]) -> None:
        super().__init__(box, "go to", "", placeholder=UNDERSTOOD, max_length=MAX_MOMENT)
        self._now = now
        self._then = then
        self._meaning = Static("", id="moment", markup=False)

    def on_mount(self) -> None:
        """Put what is understood into the line."""
        self._row.mount(self._meaning)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Tell which moment the text means so far."""
        text = message.value.strip()
        self._tell(self._meaning_of(text) if text else Content(""))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Go there, or tell what is understood."""
        message.prevent_default()
        if not message.value.strip():
            self.dismiss(None)
            return
        try:
            second = understood(message.value, self._now)
        except ValueError as error:
            self._tell(Content.styled(f"! {error}, {SUCH_AS}", "$text-warning"))
            return
        self.dismiss(None)
        self._then(second)

    def _meaning_of(self, text: str) -> Content:
        try:
            second = understood(text, self._now)
        except ValueError as error:
            return Content.styled(f"! {error}", "$text-warning")
        ago = units.duration(self._now - second)
        return Content(f"{day_text(second)} {units.clock(second)}, {ago} ago")

    def _tell(self, text: Content) -> None:
        self._meaning.update(Content.assemble(" ", text, " ") if text else text)
