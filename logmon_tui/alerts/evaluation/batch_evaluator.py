"""BatchEvaluator: judge the rules for a log that is read from end to end.

It finds the same incidents as a RuleEvaluator, which judges every second. Most rules are judged
by a ColumnEvaluator: over a whole stretch of the log at once, which takes less time. Pure, and on
log time alone.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.column_evaluator import ColumnEvaluator, is_columnar
from logmon_tui.alerts.evaluation.slotted import NamesCache, SlottedBatch
from logmon_tui.alerts.evaluation.together import Together, TogetherEvaluator, layers
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.model.seen import RuleSeen
from logmon_tui.formats.model.hit import NO_RESOLUTION, finest
from logmon_tui.formats.model.hit_batch import HitBatch

if TYPE_CHECKING:  # most reports need none of them
    from logmon_tui.alerts.evaluation.long_evaluator import LongEvaluator
    from logmon_tui.alerts.evaluation.ring import CountRing
    from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
    from logmon_tui.alerts.evaluation.seen import SeenByRule


MIN_JUDGED_ROWS = 300_000
"""Minimum rows judged at once: to judge each batch that is read takes several times as long.

Rows are what waits for a verdict in memory. A rule may need a row of each hit, or only one of each
second. Subjects that wait with them count as rows, too.
"""

_OF_ONE_RULE = (ColumnEvaluator, TogetherEvaluator)
"""The stages that judge one rule. All others are RuleEvaluators."""


class BatchEvaluator:
    """Collects hits, then judges `rules` up to a given second, in slots of `bucket_size` seconds.

    The cost grows with the hits, and with the changes of verdicts. Rules that are not columnar are
    judged slot by slot. Rules that depend on others come after them. Rules of silence are left out:
    a log does not tell who was silent. With `seen` it collects what each rule saw, which costs for
    each subject. `waiting_rows` is the memory, in rows, of what waits for the rules to be judged.
    """

    def __init__(self, rules: Sequence[Rule], bucket_size: int, *, seen: bool = False) -> None:
        self._bucket_size = bucket_size
        self._order = {rule.name: place for place, rule in enumerate(rules)}
        rules = [rule for rule in rules if not rule.of_silence]
        self._together = Together(rules)
        self._columnar: list[ColumnEvaluator] = []
        self._evaluators: list[RuleEvaluator] = []
        self._stages: list[ColumnEvaluator | TogetherEvaluator | RuleEvaluator] = []
        for layer in layers(rules):
            self._add_layer(layer)
        self._names = NamesCache()
        self._judged: int | None = None  # the last slot judged by columns
        self._begun = False
        self.waiting_rows = 0
        self._resolution = NO_RESOLUTION
        self._seen: list[SeenByRule] = []
        if seen:
            self._note_seen()

    def _note_seen(self) -> None:
        """Collect from now on what each rule sees."""
        from logmon_tui.alerts.evaluation.seen import SeenByRule

        for alert in self.alerts:
            alert.seen = SeenByRule(alert.rule)
            self._seen.append(alert.seen)
        for evaluator in self._evaluators:
            evaluator.ring.admissions.name_everybody()

    def _add_layer(self, rules: Sequence[Rule]) -> None:
        """Add what judges rules of which none depends on another."""
        size, together = self._bucket_size, self._together
        columnar = [ColumnEvaluator(each, size, together) for each in rules if is_columnar(each)]
        self._columnar += columnar
        self._stages += columnar
        self._stages += [TogetherEvaluator(each, size, together) for each in rules if each.combines]
        others = [each for each in rules if not (is_columnar(each) or each.combines)]
        if others:
            from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator

            self._evaluators.append(RuleEvaluator(others, size, together))
            self._stages.append(self._evaluators[-1])

    @property
    def alerts(self) -> list[Alert]:
        """The alerts, in the order of their rules."""
        alerts: list[Alert] = []
        for stage in self._stages:
            alerts += [stage.alert] if isinstance(stage, _OF_ONE_RULE) else stage.alerts.values()
        return sorted(alerts, key=lambda alert: self._order[alert.rule.name])

    @property
    def seen(self) -> Mapping[str, RuleSeen]:
        """What each rule saw up to now, by the rules' names; empty if that is not collected."""
        return {each.rule.name: each.seen for each in self._seen}

    @property
    def long(self) -> "LongEvaluator | None":
        """What judges the rules that look back over days, None if there are none."""
        return next((each.long for each in self._evaluators if each.long), None)

    @property
    def rings(self) -> list["CountRing"]:
        """The counts of rules that are judged slot by slot."""
        return [each.ring for each in self._evaluators]

    @property
    def open(self) -> list[Incident]:
        """The firing incidents."""
        return [incident for alert in self.alerts for incident in alert.open.values()]

    def set_threshold(self, rule: str, threshold: float) -> None:
        """Judge by another critical threshold from the next second on."""
        for each in self._columnar:
            if each.alert.rule.name == rule:
                each.set_threshold(threshold)
        for evaluator in self._evaluators:
            evaluator.set_threshold(rule, threshold)

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
            self.waiting_rows += each.take(batch)
        for evaluator in self._evaluators:
            evaluator.begin(earliest)
            evaluator.take(hits)
            self.waiting_rows += len(hits)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in lines of a second that are no hits."""
        for seen in self._seen:
            seen.take_unparsed(lines)
        for each in self._columnar:
            each.take_unparsed(second // self._bucket_size, lines)
        for evaluator in self._evaluators:
            evaluator.take_unparsed(second, lines)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        end = (second + 1) // self._bucket_size - 1
        begin, changed = self._judged, list[Incident]()
        self.waiting_rows = 0
        self._together.begin(self.alerts)
        for stage in self._stages:
            if not isinstance(stage, _OF_ONE_RULE):
                changed += stage.judge_up_to(second)  # which tells `together` by itself
            elif begin is not None and end > begin:
                found = stage.judge(begin, end)
                self._together.take(stage.alert.rule, found)
                changed += found
        if begin is not None and end > begin:
            self._judged, self._begun = end, True
        return sorted(changed, key=lambda each: (each.changed_at, self._order[each.rule]))
