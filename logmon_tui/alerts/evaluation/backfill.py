"""Backfill: the alerts of what was written long before the watch began. Pure.

A fresh watch of a whole log reads years in seconds. What lies far behind its newest hit is judged
here by columns; from `last` on an AlertManager has the counts of all its windows, and can go on
second by second.
"""

from collections.abc import Sequence

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.future_gate import JUMP


class Backfill(BatchEvaluator):
    """Judges up to `last`, a slot: `reach` slots behind `old`, the last one that is old."""

    def __init__(self, rules: Sequence[Rule], bucket_size: int, old: int, reach: int) -> None:
        super().__init__(rules, bucket_size)
        self.last = old + reach
        self._from = (old + 1) * bucket_size
        self._end = (self.last + 1) * bucket_size - 1

    def take(self, hits: HitBatch) -> None:
        """Take in those of `hits` that belong here."""
        old = hits.seconds <= self._end
        if old.any():
            super().take(hits if old.all() else hits.select(old))

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in lines of a second that are no hits."""
        if second <= self._end:
            super().take_unparsed(second, lines)

    def recent(self, hits: HitBatch) -> HitBatch:
        """Return those of `hits` that the AlertManager needs, to go on."""
        recent = hits.seconds >= self._from
        return hits if recent.all() else hits.select(recent)

    def is_recent(self, second: int) -> bool:
        """Tell whether the AlertManager needs what is of this second, to go on."""
        return second >= self._from

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge up to `second`, except where late lines may still come; return what changed."""
        return super().judge_up_to(min(second - JUMP, self._end))

    def reached(self, second: int) -> bool:
        """Tell whether all of it is judged, when all is read up to `second`."""
        return second - JUMP >= self._end

    def end_at(self, second: int) -> list[Incident]:
        """Judge all up to `second`, for no more lines wait to be read; return what changed."""
        self._end = min(self._end, second)
        return super().judge_up_to(self._end)
