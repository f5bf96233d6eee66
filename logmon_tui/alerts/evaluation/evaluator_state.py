"""What is saved of a RuleEvaluator, and which of it still belongs to a rule."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.counter_keys import CounterKey, counter_key_of
from logmon_tui.alerts.evaluation.crowd import Loss
from logmon_tui.alerts.evaluation.long_evaluator import LongState
from logmon_tui.alerts.evaluation.novelties import NoveltyState
from logmon_tui.alerts.evaluation.subject_state import Measurement, SubjectState
from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.hit import NO_RESOLUTION


class AlertRecord(msgspec.Struct, frozen=True, array_like=True):
    """The saved state of one rule: its subjects' states, and how many were `suppressed`.

    `whole` is the last measurement of the whole traffic. `metric` and `counting` say what the
    rule measured then: if that has changed, the state no longer fits. `last` are subjects' last
    values, for a rule that keeps its state without data.
    """

    suppressed: int
    standings: list[tuple[Subject, SubjectState]]
    whole: Measurement = Measurement(None, 0)
    metric: Metric | None = None
    counting: CounterKey | None = None
    last: list[tuple[Subject, float]] = []

    def fits(self, rule: Rule) -> bool:
        """Tell whether `rule` still measures the same thing of the same hits."""
        return self.counting is None or (self.metric, self.counting.of_the_met) == (
            rule.metric,
            counter_key_of(rule).of_the_met,
        )

    def put_into(self, alert: Alert) -> None:
        """Have `alert` go on from here; a state of another number of limits is dropped."""
        limits = len(alert.rule.limits)
        alert.suppressed, alert.whole = self.suppressed, self.whole
        alert.set_states(
            {
                subject: subject_state
                for subject, subject_state in self.standings
                if len(subject_state.limit_states) == limits
            }
        )
        alert.last = {
            subject: value for subject, value in self.last if subject in alert.subject_states
        }


def record_of(alert: Alert) -> AlertRecord:
    """Return what is saved of one rule."""
    return AlertRecord(
        alert.suppressed,
        list(alert.subject_states.items()),
        alert.whole,
        alert.rule.metric,
        counter_key_of(alert.rule),
        list(alert.last.items()),
    )


class EvaluatorState(msgspec.Struct, frozen=True):
    """Where an evaluator stands, beside its counts and incidents.

    `judged` is the last slot judged; `begun` tells whether any was. `since` holds, for each
    counter, the first slot whose hits were counted. `resolution` is that of response times
    (µs, 0 if not known). `long` are the counts of rules that look back over days. `losses` are
    what subjects in the crowd of a counter can have lost, `refused` how many found no room by slot.
    `novelty` belongs to the known subjects of rules that look for new ones.
    """

    bucket_size: int = 1
    judged: int | None = None
    begun: bool = False
    alerts: dict[str, AlertRecord] = {}
    since: list[tuple[CounterKey, int]] = []
    resolution: int = NO_RESOLUTION
    long: list[LongState] = []
    losses: list[tuple[CounterKey, list[Loss]]] = []
    refused: list[tuple[CounterKey, dict[int, int]]] = []
    novelty: list[NoveltyState] = []


def put_into(
    alerts: Mapping[str, Alert], records: Mapping[str, AlertRecord], incidents: Iterable[Incident]
) -> list[Incident]:
    """Have the alerts of rules, by name, go on from here; return the incidents of none of them.

    A rule that now measures something else goes on from nothing.
    """
    changed = set()
    for name, record in records.items():
        alert = alerts.get(name)
        if alert is not None and not record.fits(alert.rule):
            changed.add(name)
        elif alert is not None:
            record.put_into(alert)
    orphans = []
    adopted: dict[str, list[Incident]] = {}
    for incident in incidents:
        alert = alerts.get(incident.rule)
        if alert is None or incident.rule in changed or not _fits(incident, alert.rule):
            orphans.append(incident)
        else:
            adopted.setdefault(incident.rule, []).append(_upgraded(incident, alert.rule))
    for name, mine in adopted.items():
        alerts[name].adopt(mine)
    return orphans


def _fits(incident: Incident, rule: Rule) -> bool:
    """Tell whether an incident has the rule's scope and unit. Old states have no scope saved."""
    same_scope = (incident.scope, incident.by) == (rule.scope, rule.by)
    return incident.unit is rule.unit and (same_scope or not incident.window)


def _upgraded(incident: Incident, rule: Rule) -> Incident:
    """Fill in scope and window, which old states do not save."""
    if incident.window:
        return incident
    return replace(incident, scope=rule.scope, window=rule.window)
