"""BatchEvaluator: judge the rules for a log that is read from end to end.

It finds the same incidents as a RuleEvaluator, which judges every second. Most rules are judged
by a ColumnEvaluator: over a whole stretch of the log at once, which takes less time. Pure, and on
log time alone.
"""

from collections.abc import Mapping, Sequence
from itertools import chain

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.column_evaluator import ColumnEvaluator, is_columnar
from logmon_tui.alerts.evaluation.long_evaluator import LongEvaluator
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.evaluation.seen import SeenByRule
from logmon_tui.alerts.evaluation.slotted import NamesCache, SlottedBatch
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.model.seen import RuleSeen
from logmon_tui.formats.model.hit import NO_RESOLUTION, finest
from logmon_tui.formats.model.hit_batch import HitBatch


class BatchEvaluator:
    """Collects hits, then judges `rules` up to a given second, in slots of `bucket_size` seconds.

    The cost grows with the hits, and with the changes of verdicts. Rules that are not columnar
    are judged slot by slot. Rules of silence are left out: a log does not tell who was silent.
    With `seen` it collects what each rule saw, which costs for each subject.
    """

    def __init__(self, rules: Sequence[Rule], bucket_size: int, *, seen: bool = False) -> None:
        self._bucket_size = bucket_size
        self._order = {rule.name: place for place, rule in enumerate(rules)}
        rules = [rule for rule in rules if not rule.of_silence]
        self._columnar = [ColumnEvaluator(rule, bucket_size) for rule in rules if is_columnar(rule)]
        others = [rule for rule in rules if not is_columnar(rule)]
        self._evaluator = RuleEvaluator(others, bucket_size) if others else None
        self._names = NamesCache()
        self._judged: int | None = None  # the last slot judged by columns
        self._begun = False
        self._resolution = NO_RESOLUTION
        self._seen: list[SeenByRule] = []
        for alert in self.alerts if seen else ():
            alert.seen = SeenByRule(alert.rule)
            self._seen.append(alert.seen)

    @property
    def alerts(self) -> list[Alert]:
        """The alerts, in the order of their rules."""
        others = self._evaluator.alerts.values() if self._evaluator is not None else ()
        alerts = [*(each.alert for each in self._columnar), *others]
        return sorted(alerts, key=lambda alert: self._order[alert.rule.name])

    @property
    def seen(self) -> Mapping[str, RuleSeen]:
        """What each rule saw up to now, by the rules' names; empty if that is not collected."""
        return {each.rule.name: each.seen for each in self._seen}

    @property
    def long(self) -> LongEvaluator | None:
        """What judges the rules that look back over days, None if there are none."""
        return None if self._evaluator is None else self._evaluator.long

    @property
    def open(self) -> list[Incident]:
        """The firing incidents."""
        return [incident for alert in self.alerts for incident in alert.open.values()]

    def set_threshold(self, rule: str, threshold: float) -> None:
        """Judge by another critical threshold from the next second on."""
        for each in self._columnar:
            if each.alert.rule.name == rule:
                each.set_threshold(threshold)
        if self._evaluator is not None:
            self._evaluator.set_threshold(rule, threshold)

    def take(self, hits: HitBatch) -> None:
        """Collect hits. Judging begins with the earliest hit collected before it."""
        if not len(hits):
            return
        earliest = int(hits.seconds.min())
        if not self._begun:
            before = earliest // self._bucket_size - 1
            self._judged = before if self._judged is None else min(self._judged, before)
        self._resolution = finest(self._resolution, hits.resolution)
        batch = SlottedBatch(hits, self._bucket_size, self._names)
        for seen in self._seen:
            seen.take(batch)
        for each in self._columnar:
            each.set_resolution(self._resolution)
            each.take(batch)
        if self._evaluator is not None:
            self._evaluator.begin(earliest)
            self._evaluator.take(hits)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in lines of a second that are no hits."""
        for seen in self._seen:
            seen.take_unparsed(lines)
        for each in self._columnar:
            each.take_unparsed(second // self._bucket_size, lines)
        if self._evaluator is not None:
            self._evaluator.take_unparsed(second, lines)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        end = (second + 1) // self._bucket_size - 1
        parts: list[list[Incident]] = []
        if self._judged is not None and end > self._judged:
            parts = [each.judge(self._judged, end) for each in self._columnar]
            self._judged, self._begun = end, True
        if self._evaluator is not None:
            parts.append(self._evaluator.judge_up_to(second))
        return sorted(
            chain.from_iterable(parts), key=lambda each: (each.changed_at, self._order[each.rule])
        )
