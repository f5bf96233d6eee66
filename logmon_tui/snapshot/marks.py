"""The traffic before and after a mark. Frozen values."""

from typing import NamedTuple

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.snapshot.traffic import NO_CLASSES, ByClass, Times


class MarkSide(NamedTuple):
    """The traffic of the seconds [start, end) on one side of a mark.

    The side is shorter than asked for where no more is known yet, where the log began later, and
    where old hits are only known in wider buckets that reach over its edge. `end` <= `start` if
    nothing is known. `times` are None if no hit has a response time, and if not `times_kept`.
    """

    start: int = 0
    end: int = 0
    hits: int = 0
    by_class: ByClass = NO_CLASSES
    times: Times | None = None
    times_kept: bool = True

    @property
    def seconds(self) -> int:
        """How many seconds of the side are known."""
        return max(0, self.end - self.start)

    @property
    def rate(self) -> float | None:
        """Hits per second; None if no second is known."""
        return self.hits / self.seconds if self.seconds else None

    def class_share(self, status_class: int) -> float | None:
        """Return the share of hits of a status class; None without hits."""
        return self.by_class[status_class] / self.hits if self.hits else None


class AroundMark(NamedTuple):
    """The traffic before and after `mark`, of all hits."""

    mark: Mark
    before: MarkSide
    after: MarkSide
