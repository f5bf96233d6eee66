"""CompareActions: the part of the program that chooses what the screen compares with."""

from textual.app import App

from logmon_tui.monitor.commands import Compare
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.engine import Engine
from logmon_tui.tui.paint.changes import DAY
from logmon_tui.tui.panels.filter_bar import FilterBar

OFFSETS = (None, 0, DAY, 7 * DAY)
"""What to compare with: nothing, the time just before, yesterday, last week."""


class CompareActions(App[None]):
    """The part of LogmonApp that has to do with the baseline of tables, graph and header.

    `_compared` is by how many seconds the baseline is earlier: 0 is the time just before, as long
    as what is compared; None is no baseline.
    """

    filter_bar: FilterBar

    _engine: Engine
    _compared: int | None = None
    _awaits_answer: bool

    def action_compare_next(self) -> None:
        """Compare with the time before, with yesterday, with last week, and with nothing again."""
        self._compared = OFFSETS[(OFFSETS.index(self._compared) + 1) % len(OFFSETS)]
        self._engine.post(Compare(self._compared))
        self.filter_bar.set_compared(self._compared)
        self._awaits_answer = True

    def _is_compared(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` is compared with what the user asked for last."""
        offset = None if snapshot.baseline is None else snapshot.baseline.offset
        return offset == self._compared
