"""LogJudge: the alerts of a log that is read from end to end. Pure, and on log time alone.

It finds what a RuleEngine finds that looks at every second. The rules that are always there are
judged by columns: only in the seconds in which their verdict may change.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.alert import Alert
from logmon_tui.alerts.engine import RuleEngine
from logmon_tui.alerts.incident import Incident, Subject
from logmon_tui.alerts.rule import Limit, Metric, NoData, Rule, Scope, When
from logmon_tui.alerts.standing import Reading
from logmon_tui.alerts.turns import turns
from logmon_tui.formats.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.log_window import LogWindow, Passage

Slots = NDArray[np.int64]


class LogJudge:
    """Takes in hits, then judges the time up to a second, by `rules` with slots of `bucket_size`.

    The first rule of each kind that `Columnar` knows is judged by columns, as long as its window
    is that of the others; all other rules are judged slot by slot.
    """

    def __init__(self, rules: Sequence[Rule], bucket_size: int) -> None:
        self._bucket_size = bucket_size
        self._order = {rule.name: place for place, rule in enumerate(rules)}
        window = rules[0].window if rules else bucket_size
        chosen: dict[tuple[Metric, Scope], Rule] = {}
        for rule in rules:
            if is_columnar(rule) and rule.window == window:
                chosen.setdefault((rule.metric, rule.scope), rule)
        self._columnar = [Alert(rule) for rule in chosen.values()]
        others = [rule for rule in rules if rule not in chosen.values()]
        self._engine = RuleEngine(others, bucket_size) if others else None
        self._window = LogWindow(max(1, window // bucket_size))
        self._known = self._begun = False

    @property
    def alerts(self) -> list[Alert]:
        """The alerts, in the order of their rules."""
        others = self._engine.alerts.values() if self._engine is not None else ()
        alerts = [*self._columnar, *others]
        return sorted(alerts, key=lambda alert: self._order[alert.rule.name])

    @property
    def open(self) -> list[Incident]:
        """The incidents that fire."""
        return [incident for alert in self.alerts for incident in alert.open.values()]

    def set_threshold(self, rule: str, threshold: float) -> None:
        """Judge by another critical threshold from the next second on."""
        for alert in self._columnar:
            if alert.rule.name == rule:
                alert.set_threshold(threshold)
        if self._engine is not None:
            self._engine.set_threshold(rule, threshold)

    def take(self, hits: HitBatch) -> None:
        """Take in hits; judging begins with the earliest taken in before it began."""
        if not len(hits):
            return
        slots = hits.seconds // self._bucket_size
        if not self._begun:
            before = int(slots.min()) - 1
            self._window.end = min(self._window.end, before) if self._known else before
            self._known = True
        self._window.take(slots, hits.status, hits.columns.get(Dimension.HOST))
        if self._engine is not None:
            self._engine.begin(int(hits.seconds.min()))
            self._engine.take(hits)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in lines of a second that are no hits."""
        if self._engine is not None:
            self._engine.take_unparsed(second, lines)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        changed = self._judge_columns(second)
        if self._engine is not None:
            changed += self._engine.judge_up_to(second)
            changed.sort(key=lambda each: (each.changed_at, self._order[each.rule]))
        return changed

    def _judge_columns(self, second: int) -> list[Incident]:
        end = (second + 1) // self._bucket_size - 1
        if not self._known or end <= self._window.end:
            return []
        self._begun = True
        passage = self._window.move_to(end)
        slots = [_turns(alert, passage, self._bucket_size) for alert in self._columnar]
        judged = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *slots]))
        judged = judged[(judged > passage.begin) & (judged <= passage.end)]
        changed: list[Incident] = []
        for slot, total in zip(judged.tolist(), passage.totals(judged), strict=True):
            time = (slot + 1) * self._bucket_size - 1
            for alert in self._columnar:
                changed += alert.judge(time, _readings(alert, total))
        return changed


def is_columnar(rule: Rule) -> bool:
    """Tell whether the turns of a rule can be found by columns."""
    narrowed = rule.match or rule.paths
    delayed = rule.for_ or rule.no_data is not NoData.OK or len(rule.limits) > 1
    if delayed or rule.when is not When.ABOVE or narrowed:
        return False
    if rule.metric is Metric.SHARE:
        one_class = len(rule.status) == 1 and rule.status[0].endswith("xx")
        return rule.scope is Scope.ALL and one_class
    if rule.metric is not Metric.RATE or rule.status or rule.minimum_hits:
        return False
    # A client that is about to recover may have no hits any more, and so no steps.
    return rule.scope is Scope.ALL or (rule.scope is Scope.CLIENT and not rule.keep_firing_for)


def _turns(alert: Alert, passage: Passage, bucket_size: int) -> Slots:
    """Return the slots in which the verdict of a columnar rule on some subject may change.

    A peak may grow there too; in all other slots judging would change nothing.
    """
    rule = alert.rule
    (limit,) = rule.limits
    if rule.scope is Scope.CLIENT:
        return _turns_of_clients(alert, passage, limit)
    steps, calm = passage.traffic, -(-rule.keep_firing_for // bucket_size)
    due = alert.due()  # of what has been calm since a passage before
    ends = [] if due is None else [-(-(due + 1) // bucket_size) - 1]
    if rule.metric is Metric.RATE:
        rates = steps.hits / rule.window
        found = turns(steps, _levels(rates, limit), rates, calm)
    else:
        shares = passage.class_hits(_class_of(rule), steps.slots) / np.maximum(steps.hits, 1)
        judged = np.where(steps.hits >= rule.minimum_hits, shares, 0.0)
        found = turns(steps, _levels(judged, limit), shares, calm)
    return np.append(found, np.array(ends, dtype=np.int64))


def _levels(values: NDArray[np.float64], limit: Limit) -> NDArray[np.int8]:
    """Return of each value how many of threshold and recovery threshold it exceeds."""
    return (values > limit.threshold).astype(np.int8) + (values > limit.recovery)


def _turns_of_clients(alert: Alert, passage: Passage, limit: Limit) -> Slots:
    """Return where a client's rate crosses a threshold, and where it is highest.

    When more clients are over it than have room, it depends on the others which one of them has
    an incident, so each change counts.
    """
    rule = alert.rule
    steps = passage.hosts(more_than=limit.recovery * rule.window - 1)
    rates = steps.hits / rule.window
    levels = _levels(rates, limit)
    most = len(alert.open) + len(np.unique(steps.subjects[levels == 2]))
    if alert.suppressed or most > rule.max_incidents:
        return np.unique(steps.slots)
    return turns(steps, levels, rates)


def _readings(alert: Alert, total: MetricsBucket) -> Mapping[Subject, Reading]:
    """Return what a columnar rule measures, given the hits in its window."""
    rule = alert.rule
    if rule.scope is Scope.CLIENT:
        hosts = total.tallies[Dimension.HOST].hits
        subjects = hosts.keys() | {each for each in alert.standings if each is not None}
        return {each: _rate(rule, hosts.get(each, 0)) for each in subjects}
    if rule.metric is Metric.RATE:
        return {None: _rate(rule, total.hits)}
    share = total.class_hits(_class_of(rule)) / total.hits if total.hits else 0.0
    return {None: Reading(share, total.hits, total.hits >= max(1, rule.minimum_hits))}


def _rate(rule: Rule, hits: int) -> Reading:
    return Reading(hits / rule.window, hits)


def _class_of(rule: Rule) -> int:
    return int(rule.status[0][0])
