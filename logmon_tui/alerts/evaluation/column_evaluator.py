"""ColumnEvaluator: judge one rule over a whole stretch of slots at once.

A rule's verdict on a subject changes only where the subject's value crosses a threshold, or a
delay ends. So numpy compares the values of the whole stretch with the thresholds, and the Alert
judges only those few slots. The result is the same as if it had judged every slot: the peaks of
incidents between these slots are looked up as well.
"""

import numpy as np

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.counter_keys import counter_key_of
from logmon_tui.alerts.evaluation.row_window import RowWindow
from logmon_tui.alerts.evaluation.slotted import WHOLE_TRAFFIC, Rows, SlottedBatch
from logmon_tui.alerts.evaluation.step_measures import QUANTILES, Measure, QuantileMeasure
from logmon_tui.alerts.evaluation.stretch import Stretch
from logmon_tui.alerts.evaluation.together import Together
from logmon_tui.alerts.evaluation.verdicts import Firsts, Verdicts
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import DISTINCT, NoData, Rule, Scope, When
from logmon_tui.formats.model.hit import NO_RESOLUTION


def is_columnar(rule: Rule) -> bool:
    """Tell whether a ColumnEvaluator can judge a rule.

    If too few hits, or none, can make a subject fire, then every subject ever seen would have to
    be kept. Such rules need the RuleEvaluator, which bounds the subjects. So do rules that count
    distinct things, or look for new ones, and those that look back over days. Others combine rules.
    """
    if rule.metric in DISTINCT or rule.of_novelty or rule.long or rule.combines:
        return False
    if rule.scope is Scope.ALL:
        return True
    if rule.metric is Metric.UNPARSED_SHARE or rule.no_data is NoData.ALERT:
        return False
    return rule.when is When.ABOVE or rule.minimum_hits > 0


class ColumnEvaluator:
    """Collects hits, then judges stretches of slots, each `bucket_size` seconds long.

    `together` tells when the rule is held back by others, which must have been judged before.
    """

    def __init__(self, rule: Rule, bucket_size: int, together: Together) -> None:
        self.alert = Alert(rule)
        self._together = together
        self._bucket_size = bucket_size
        self._counter_key = counter_key_of(rule)
        self._resolution = NO_RESOLUTION
        self._measure = _measure_of(rule, bucket_size, NO_RESOLUTION)
        self._window = RowWindow(self._measure.reach)
        self._first: int | None = None  # first slot to judge
        self._full = 0  # first slot in which no data means something
        self._measure_changed = False
        self._unparsed: dict[int, int] = {}  # lines by slot

    def set_threshold(self, threshold: float) -> None:
        """Judge by another critical threshold from the next slot on."""
        self.alert.set_threshold(threshold)
        self._renew_measure()

    def set_resolution(self, resolution: int) -> None:
        """Round response times to `resolution` microseconds from the next slot on."""
        changed = resolution != self._resolution
        if changed and self.alert.rule.metric is Metric.RESPONSE_TIME:
            self._resolution = resolution
            self._renew_measure()

    def _renew_measure(self) -> None:
        self._measure = _measure_of(self.alert.rule, self._bucket_size, self._resolution)
        self._measure_changed = True

    def take(self, batch: SlottedBatch) -> int:
        """Collect hits and return the memory they take, in rows.

        Late ones count from the next slot on.
        """
        rows = batch.rows(self._counter_key)
        if rows is None:
            return 0
        self._window.take(rows)
        return rows.weight

    def take_unparsed(self, slot: int, lines: int) -> None:
        """Count unparsed lines of a slot."""
        if self.alert.rule.metric is Metric.UNPARSED_SHARE:
            self._unparsed[slot] = self._unparsed.get(slot, 0) + lines

    def judge(self, begin: int, end: int) -> list[Incident]:
        """Judge the slots after `begin` up to `end`; return the incidents that changed."""
        if self._first is None:
            self._first = begin + 1
            rule = self.alert.rule
            # Too few hits means something only once a whole window has been counted.
            full = begin + max(1, rule.reach // self._bucket_size)
            if rule.when is When.BELOW or rule.metric is Metric.CHANGE:
                self._first = full
            if rule.no_data is NoData.ALERT:
                self._full = full
        if self._unparsed:
            self._window.take(_rows_of(self._unparsed))
            self._unparsed = {}
        wanted = dict.fromkeys(self.alert.subject_states)
        if self.alert.rule.scope is Scope.ALL:
            wanted[None] = None
        seen = self.alert.seen
        least = self._measure.least() if seen is None else 1
        passage = self._window.move(begin, end, least, wanted)
        rejudge_all, self._measure_changed = self._measure_changed, False
        if not passage.subjects:
            return []
        passed = range(begin + 1, end + 1)
        if seen is not None:
            seen.note_passage(passage, self._measure, passed, self._first, self._bucket_size)
        stretch = Stretch(passage, self._measure, passed, len(wanted))
        firsts = Firsts(self._first, self._full)
        verdicts = Verdicts(self.alert, stretch, firsts, self._bucket_size, self._together)
        return verdicts.judge(begin, end, rejudge_all=rejudge_all)


def _measure_of(rule: Rule, bucket_size: int, resolution: int) -> Measure:
    if rule.metric in QUANTILES:
        return QuantileMeasure(rule, bucket_size, resolution)
    return Measure(rule, bucket_size)


def _rows_of(unparsed: dict[int, int]) -> Rows:
    """Return unparsed lines by slot as rows in which each line counts as a hit."""
    slots = np.array(sorted(unparsed), dtype=np.int64)
    lines = np.array([unparsed[slot] for slot in slots.tolist()], dtype=np.int64)
    return Rows(WHOLE_TRAFFIC, slots, np.zeros(len(slots), dtype=np.int64), lines, lines)
