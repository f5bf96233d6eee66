"""The window of a mark: the traffic in the ten minutes before and after it."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.mark_text import mark_lines
from logmon_tui.tui.paint.lines_text import LinesText
from logmon_tui.tui.paint.window import Window

_HINT = "esc closes · ← → older, newer mark"


class MarkText(LinesText):
    """What the traffic was before and after a mark."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.snapshot = Snapshot()

    def lines(self, width: int) -> list[Content]:
        """Return the comparison."""
        return mark_lines(self.mark, self.snapshot, width)


class MarkWindow(Window):
    """Compares the traffic before and after a mark; each Snapshot has it once it was asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Older"),
        Binding("right,l", "step(1)", "Newer"),
    ]
    DEFAULT_CSS = """
    MarkWindow > VerticalScroll { width: 60; max-width: 96%; }
    """

    class Compared(Message):
        """The window needs the traffic around `mark`."""

        def __init__(self, mark: Mark) -> None:
            super().__init__()
            self.mark = mark

    def __init__(self, mark: Mark) -> None:
        super().__init__("Before and after", Content(""), _HINT)
        self._text = MarkText(mark)

    def body(self) -> LinesText:
        """Return the text, which follows the Snapshots."""
        return self._text

    def on_mount(self) -> None:
        """Ask for the traffic, and watch the Snapshots that the program shows."""
        self.post_message(self.Compared(self._text.mark))
        self.watch(self.app, "snapshot", self.show)

    def is_answered(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` has what the window shows."""
        return snapshot.around is not None and snapshot.around.mark == self._text.mark

    def show(self, snapshot: Snapshot) -> None:
        """Show the traffic as of a newer Snapshot."""
        self._text.snapshot = snapshot
        self._text.refresh(layout=True)

    def action_step(self, steps: int) -> None:
        """Go to an older (-1) or newer (1) mark, if there is one."""
        marks = self._text.snapshot.marks
        # The mark itself may have been taken out of its file meanwhile.
        older = [mark for mark in marks if mark < self._text.mark]
        newer = [mark for mark in marks if mark > self._text.mark]
        found = newer[:1] if steps > 0 else older[-1:]
        for mark in found:
            self._text.mark = mark
            self._text.refresh(layout=True)
            self.post_message(self.Compared(mark))
