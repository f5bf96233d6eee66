"""Backfill: judge the part of a log that was written long before the watch began. Pure.

A fresh watch of a whole log reads years of hits in seconds. The old ones are judged here by
columns, up to the slot `last`. By then the AlertManager has counted all of its windows, and
continues second by second.
"""

from collections.abc import Sequence

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.future_gate import JUMP

MIN_JUDGED_HITS = 120_000
"""Minimum hits judged at once, except at the beginning."""


class Backfill(BatchEvaluator):
    """Judges up to `last`, a slot: `reach` slots behind `old`, the last one that is old."""

    def __init__(self, rules: Sequence[Rule], bucket_size: int, old: int, reach: int) -> None:
        super().__init__(rules, bucket_size)
        self.last = old + reach
        self._from = (old + 1) * bucket_size
        self._end = (self.last + 1) * bucket_size - 1
        self._judged_hits = self._waiting = 0  # hits before and since the last verdict

    def take(self, hits: HitBatch) -> None:
        """Collect the `hits` up to `last`."""
        old = hits.seconds <= self._end
        if old.any():
            hits = hits if old.all() else hits.select(old)
            self._waiting += len(hits)
            super().take(hits)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Count unparsed lines of a second up to `last`."""
        if second <= self._end:
            super().take_unparsed(second, lines)

    def recent(self, hits: HitBatch) -> HitBatch:
        """Return the hits that the AlertManager needs to continue."""
        recent = hits.seconds >= self._from
        return hits if recent.all() else hits.select(recent)

    def is_recent(self, second: int) -> bool:
        """Tell whether the AlertManager needs the hits of this second to continue."""
        return second >= self._from

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge up to `second`, except where late lines may still come; return what changed.

        Few hits wait until there are more, except at the beginning, for incidents to be seen soon.
        """
        enough = min(MIN_JUDGED_HITS, self._judged_hits)
        if self._waiting < enough and not self.reached(second):
            return []
        self._judged_hits, self._waiting = self._judged_hits + self._waiting, 0
        return super().judge_up_to(min(second - JUMP, self._end))

    def reached(self, second: int) -> bool:
        """Tell whether the backfill is complete, when lines up to `second` were read."""
        return second - JUMP >= self._end

    def end_at(self, second: int) -> list[Incident]:
        """Judge all up to `second`, as no more lines will come; return the incidents changed."""
        self._end = min(self._end, second)
        return super().judge_up_to(self._end)
