"""LineCounts: the totals of all lines that were read, and the newest of those to show. Pure."""

from collections import deque

from msgspec.structs import replace

from logmon_tui.formats.model.hit_batch import TAIL_LINES, HitBatch
from logmon_tui.formats.model.unparsed import KEPT_LINES, UnparsedLine
from logmon_tui.monitor.saved import MonitorState, UnparsedState
from logmon_tui.monitor.window_view import HitSums, counted
from logmon_tui.snapshot import Ingest

SHOWN_UNPARSED = 20
"""Maximum unparsed lines of a Snapshot."""


class LineCounts:
    """Counts lines, whether they are hits or not.

    Public attributes: `totals` as a Snapshot shows them; how many hits came too `late` to be
    counted, too `late_for_alerts`, or were `ignored`; the newest lines (`tail`), oldest first.
    """

    def __init__(self) -> None:
        self.totals = Ingest()
        self.late = self.late_for_alerts = self.ignored = 0
        self.tail: deque[bytes] = deque(maxlen=TAIL_LINES)
        self._unparsed: deque[UnparsedLine] = deque(maxlen=KEPT_LINES)
        self._read_at: float | None = None  # monotonic; at first when the first picture is made

    def take(self, batch: HitBatch, now: float) -> None:
        """Count the lines of a batch that was read at the monotonic time `now`."""
        self._read_at = now
        self._unparsed.extend(batch.unparsed_lines)
        self.tail.extend(batch.tail)
        self.totals = counted(self.totals, batch, HitSums.of(batch))

    def picture(self, now: float) -> Ingest:
        """Return the totals at the monotonic time `now`, with what was counted apart."""
        self._read_at = now if self._read_at is None else self._read_at
        return replace(
            self.totals,
            quiet=now - self._read_at,
            late=self.late,
            ignored=self.ignored,
            late_for_alerts=self.late_for_alerts,
            unparsed_lines=self.unparsed().newest,
        )

    def unparsed(self) -> UnparsedState:
        """Return the unparsed lines to show."""
        newest = tuple(self._unparsed)[-SHOWN_UNPARSED:]
        return UnparsedState(self.totals.first_unparsed, newest)

    def restore(self, state: MonitorState, unparsed: UnparsedState) -> None:
        """Go on from the totals of another run, and its unparsed lines."""
        self.totals = Ingest(
            hits=state.hits,
            bytes=state.bytes,
            unparsed=state.unparsed,
            others=state.others,
            status=state.status,
            resolution=state.resolution,
            first_unparsed=unparsed.first,
        )
        self._unparsed.extend(unparsed.newest)
        self.late, self.late_for_alerts = state.late, state.late_for_alerts
        self.ignored = state.ignored
