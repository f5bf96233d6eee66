"""ColumnEvaluator: one rule, judged over whole stretches of slots, in which its verdict may change.

A rule's verdict on a subject changes only where the subject's value crosses a threshold, or a
delay ends. So the values of a stretch are compared by columns, and the Alert itself judges in
those few slots only. It says the same as one that judges in each slot; the peaks of what fires
are looked up in between.
"""

import numpy as np

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.counting import counting_of
from logmon_tui.alerts.evaluation.row_window import RowWindow
from logmon_tui.alerts.evaluation.slotted import NOBODY, Rows, SlottedBatch
from logmon_tui.alerts.evaluation.step_measures import QUANTILES, Measure, QuantileMeasure
from logmon_tui.alerts.evaluation.stretch import Stretch
from logmon_tui.alerts.evaluation.verdicts import Verdicts
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Metric, NoData, Rule, Scope, When
from logmon_tui.formats.model.hit import NO_RESOLUTION


def is_columnar(rule: Rule) -> bool:
    """Tell whether a ColumnEvaluator can judge by a rule.

    Where any subject may fire that ever had a hit, on too little or on nothing at all, all of
    them would have to be kept: the RuleEvaluator counts a bounded number. So it does with clients.
    """
    if rule.metric is Metric.CLIENTS:
        return False
    if rule.scope is Scope.ALL:
        return True
    if rule.metric is Metric.UNPARSED_SHARE or rule.no_data is NoData.ALERT:
        return False
    return rule.when is When.ABOVE or rule.minimum_hits > 0


class ColumnEvaluator:
    """Takes in hits, then judges stretches of slots, each of `bucket_size` seconds."""

    def __init__(self, rule: Rule, bucket_size: int) -> None:
        self.alert = Alert(rule)
        self._bucket_size = bucket_size
        self._counting = counting_of(rule)
        self._resolution = NO_RESOLUTION
        self._measure = _measure_of(rule, bucket_size, NO_RESOLUTION)
        self._window = RowWindow(self._measure.reach)
        self._first: int | None = None  # slot that is judged
        self._stirred = False
        self._unparsed: dict[int, int] = {}  # lines by slot

    def set_threshold(self, threshold: float) -> None:
        """Judge by another critical threshold from the next slot on."""
        self.alert.set_threshold(threshold)
        self._renew()

    def set_resolution(self, resolution: int) -> None:
        """Round response times to so many microseconds from the next slot on."""
        changed = resolution != self._resolution
        if changed and self.alert.rule.metric is Metric.RESPONSE_TIME:
            self._resolution = resolution
            self._renew()

    def _renew(self) -> None:
        self._measure = _measure_of(self.alert.rule, self._bucket_size, self._resolution)
        self._stirred = True

    def take(self, batch: SlottedBatch) -> None:
        """Take in hits; late ones count from the next slot on that is judged."""
        rows = batch.rows(self._counting)
        if rows is not None:
            self._window.take(rows)

    def take_unparsed(self, slot: int, lines: int) -> None:
        """Take in lines of a slot that are no hits."""
        if self.alert.rule.metric is Metric.UNPARSED_SHARE:
            self._unparsed[slot] = self._unparsed.get(slot, 0) + lines

    def judge(self, begin: int, end: int) -> list[Incident]:
        """Judge the slots behind `begin`, up to `end`; return the incidents that changed."""
        if self._first is None:
            self._first = begin + 1
            rule = self.alert.rule
            # What is too little is told only of times of which all hits were counted.
            if rule.when is When.BELOW or rule.metric is Metric.CHANGE:
                self._first = begin + max(1, rule.reach // self._bucket_size)
        if self._unparsed:
            self._window.take(_rows_of(self._unparsed))
            self._unparsed = {}
        wanted = dict.fromkeys(self.alert.standings)
        if self.alert.rule.scope is Scope.ALL:
            wanted[None] = None
        passage = self._window.move(begin, end, self._measure.least(), wanted)
        stirred, self._stirred = self._stirred, False
        if not passage.subjects:
            return []
        stretch = Stretch(passage, self._measure, range(begin + 1, end + 1), len(wanted))
        verdicts = Verdicts(self.alert, stretch, self._first, self._bucket_size)
        return verdicts.judged(begin, end, stirred=stirred)


def _measure_of(rule: Rule, bucket_size: int, resolution: int) -> Measure:
    if rule.metric in QUANTILES:
        return QuantileMeasure(rule, bucket_size, resolution)
    return Measure(rule, bucket_size)


def _rows_of(unparsed: dict[int, int]) -> Rows:
    """Return lines by slot as rows, each line a hit that counts."""
    slots = np.array(sorted(unparsed), dtype=np.int64)
    lines = np.array([unparsed[slot] for slot in slots.tolist()], dtype=np.int64)
    return Rows(NOBODY, slots, np.zeros(len(slots), dtype=np.int64), lines, lines)
