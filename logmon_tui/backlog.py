"""Backlog: the alerts of what was written long before the watch began. Pure.

A fresh watch of a whole log reads years in seconds. What is too old for the ring of the
aggregator is judged here by columns; from `last` on the ring holds a whole alert window, and an
AlertJudge can go on second by second.
"""

from logmon_tui.alerts.incident import Incident
from logmon_tui.config import Settings
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.log_judge import LogJudge
from logmon_tui.metrics.clock import JUMP


class Backlog:
    """Judges up to `last`, a slot: an alert window behind the slot `folded`, the last old one."""

    def __init__(self, settings: Settings, folded: int) -> None:
        self.last = folded + settings.alert_window // settings.bucket_size
        self._end = (self.last + 1) * settings.bucket_size - 1
        self._judge = LogJudge(settings)

    def set_threshold(self, threshold: float) -> None:
        """Judge the traffic by another threshold (req/s) from the next second on."""
        self._judge.set_threshold(threshold)

    def take(self, hits: HitBatch) -> None:
        """Take in those of `hits` that belong here."""
        old = hits.seconds <= self._end
        if old.any():
            self._judge.take(hits if old.all() else hits.select(old))

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge up to `second`, except where late lines may still come; return what changed."""
        return self._judge.judge_up_to(min(second - JUMP, self._end))

    def reached(self, second: int) -> bool:
        """Tell whether all of it is judged, when all is read up to `second`."""
        return second - JUMP >= self._end

    def end_at(self, second: int) -> list[Incident]:
        """Judge all up to `second`, for no more lines wait to be read; return what changed."""
        self._end = min(self._end, second)
        return self._judge.judge_up_to(self._end)

    @property
    def open(self) -> list[Incident]:
        """The incidents that fire."""
        return self._judge.open
