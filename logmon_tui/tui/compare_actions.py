"""CompareActions: the part of the program that chooses what the screen compares with."""

from msgspec.structs import replace

from logmon_tui.monitor.commands import Compare
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.time_view import FORMER
from logmon_tui.tui.time_actions import TimeActions

_OFFSETS = (None, *FORMER)


class CompareActions(TimeActions):
    """The part of LogmonApp that has to do with the baseline of tables, graph and header."""

    @property
    def _compared(self) -> int | None:
        """By how many seconds the baseline is earlier; see `TimeView.compared`."""
        return self._time.compared

    def action_compare_next(self) -> None:
        """Compare with the time before, with yesterday, with last week, and with nothing again."""
        offset = _OFFSETS[(_OFFSETS.index(self._compared) + 1) % len(_OFFSETS)]
        self._look(replace(self._present, compared=offset))
        self._engine.post(Compare(offset))
        self.filter_bar.set_compared(offset)

    def _is_asked(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` also compares with what the user asked for last."""
        offset = None if snapshot.baseline is None else snapshot.baseline.offset
        return super()._is_asked(snapshot) and offset == self._compared
