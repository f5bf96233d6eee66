"""AlertManager: every alert of a watch, its history, and what users said of it. Pure.

Time comes in: that of the log as seconds, that of the wall where users have a say.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.ring import SlotCounts
from logmon_tui.alerts.evaluation.rule_evaluator import EvaluatorState, RuleEvaluator
from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident, trigger_order
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.builtin import TRAFFIC
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.snapshot import AlertState, RuleStatus

KEPT_INCIDENTS = 10_000


class ThresholdByKey(NamedTuple):
    """A threshold of the traffic (req/s) that a key set, and the one configured then."""

    threshold: float
    configured: float


class ManagerState(msgspec.Struct, frozen=True):
    """Where a judge stands, beside its counts and incidents."""

    engine: EvaluatorState = EvaluatorState()
    silences: tuple[Silence, ...] = ()
    by_key: ThresholdByKey | None = None


class AlertManager:
    """Judges by every rule at each second, and keeps what was found."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.rules: tuple[Rule, ...] = settings.alert_rules()
        self.engine = RuleEvaluator(self.rules, settings.bucket_size)
        self._silences: tuple[Silence, ...] = ()
        self._by_key: float | None = None  # the threshold that a key set
        self.ended: list[Incident] = []
        """What ended between two runs with its rule, until that is told with what changed."""
        self._closed: deque[Incident] = deque(maxlen=KEPT_INCIDENTS)
        self._unsaved: dict[str, Incident] = {}
        self._past: list[Incident] | None = None  # those closed, in order, once that is known
        self._told: tuple[Incident, ...] = ()

    # Hits and seconds

    def begin(self, second: int) -> None:
        """Note a second with hits; judging begins with the earliest one noted before it began."""
        self.engine.begin(second)

    def take(self, hits: HitBatch) -> None:
        """Take in hits; late ones count from the next second on that is judged."""
        self.engine.take(hits)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in lines of a second that are no hits."""
        self.engine.take_unparsed(second, lines)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        changed = self.engine.judge_up_to(second)
        self._close(incident for incident in changed if not incident.firing)
        ended, self.ended = self.ended, []
        return [*ended, *changed]

    def set_threshold(self, threshold: float | None) -> None:
        """Judge the traffic by another threshold (req/s) from the next second on.

        With None it is the configured one again. It is kept from run to run.
        """
        configured = self._settings.threshold
        self._by_key = None if threshold == configured else threshold
        self.engine.set_threshold(TRAFFIC, configured if threshold is None else threshold)

    def adopt(self, incidents: Iterable[Incident]) -> None:
        """Take over incidents that another judge found, in order; what users said stays."""
        for incident in incidents:
            known = self.engine.alerts[incident.rule].open
            said = incident.with_said_of(known.get(incident.subject))
            if incident.firing:
                known[incident.subject] = said
            else:
                known.pop(incident.subject, None)
                self._close((said,))

    def go_on_from(self, slot: int, alerts: Iterable[Alert], first: int) -> None:
        """Begin with the slot behind `slot`, as `alerts` stand, which others judged up to there.

        `first` is the first slot of the log.
        """
        self.engine.go_on_from(slot, alerts, first)

    # History

    def _close(self, incidents: Iterable[Incident]) -> None:
        for incident in incidents:
            self._closed.append(incident)
            self._unsaved[incident.id] = incident
            self._past = None
        for forgotten in list(self._unsaved)[:-KEPT_INCIDENTS]:  # where no state is kept
            del self._unsaved[forgotten]

    @property
    def open(self) -> list[Incident]:
        """The incidents that fire, of each rule in the order of their triggers."""
        return self.engine.open

    @property
    def closed(self) -> list[Incident]:
        """The incidents that recovered, in that order."""
        return list(self._closed)

    @property
    def unsaved(self) -> list[Incident]:
        """Those of `closed` that recovered, or were told something about, since `saved`."""
        return list(self._unsaved.values())

    def saved(self) -> None:
        """Note that every incident and every slot is saved as it is."""
        self._unsaved.clear()
        self.engine.ring.touched.clear()

    def messages_now(self) -> dict[str, str]:
        """Return by their ids what the messages of firing incidents say now, if not what was said.

        That is so for rules with words of their own.
        """
        return {
            incident.id: message
            for alert in self.engine.alerts.values()
            for incident in alert.open.values()
            if (message := alert.message_now(incident)) != incident.message
        }

    def incidents(self) -> tuple[Incident, ...]:
        """Return every incident: firing ones first, then the newest.

        While none changes this is the same tuple, so that whoever shows it can tell. Those with
        evidence change for as long as they fire.
        """
        if self._past is None:
            self._past = _newest_first(self._closed)
        firing = [each for alert in self.engine.alerts.values() for each in alert.shown()]
        incidents = (*_newest_first(firing), *self._past)
        if len(incidents) != len(self._told) or any(map(_differ, incidents, self._told)):
            self._told = incidents
        return self._told

    # What users say

    def acknowledge(self, incident: str, wall: float | None) -> None:
        """Note that a user has seen to the incident with this id, or take that back with None."""
        self._alter(incident, lambda each: replace(each, acknowledged_at=wall))

    def set_note(self, incident: str, note: str) -> None:
        """Keep what a user wrote about the incident with this id."""
        self._alter(incident, lambda each: replace(each, note=note))

    def set_evidence(self, incident: Incident, evidence: Evidence) -> Incident:
        """Keep why an incident fired, and what its rule measures; return it as it is then.

        What is measured is added for as long as it fires.
        """
        alert = self.engine.alerts[incident.rule]
        explained = replace(incident, evidence=self.engine.traced(incident, evidence))
        present = alert.open.get(incident.subject)
        if present is not None and present.id == incident.id:
            alert.keep_trace(replace(present, evidence=explained.evidence))
        else:
            self._alter(incident.id, lambda each: replace(each, evidence=explained.evidence))
        return explained

    def _alter(self, incident: str, change: Callable[[Incident], Incident]) -> None:
        """Put a changed incident in the place of the one with this id, if there is one."""
        for alert in self.engine.alerts.values():
            for subject, each in alert.open.items():
                if each.id == incident:
                    alert.open[subject] = change(each)
                    return
        for place, each in enumerate(self._closed):
            if each.id == incident:
                self._closed[place] = self._unsaved[incident] = change(each)
                self._past = None
                return

    def silence(self, silence: Silence) -> None:
        """Notify nobody of what `silence` covers."""
        self._silences = (*self._silences, silence)

    def end_silence(self, silence: Silence) -> None:
        """End a silence before its time."""
        self._silences = tuple(each for each in self._silences if each != silence)

    def silences(self, wall: float) -> tuple[Silence, ...]:
        """Return the silences in force at the wall time `wall`, the first to end first."""
        if any(each.until <= wall for each in self._silences):
            self._silences = tuple(each for each in self._silences if each.until > wall)
        return tuple(sorted(self._silences, key=lambda each: each.until))

    # From run to run, and to the screen

    def standing(self) -> ManagerState:
        """Return what another judge needs, beside counts and incidents, to go on from here."""
        by_key = self._by_key
        kept = None if by_key is None else ThresholdByKey(by_key, self._settings.threshold)
        return ManagerState(self.engine.state(), self._silences, kept)

    def restore(
        self,
        state: ManagerState,
        slots: Iterable[tuple[int, SlotCounts]],
        incidents: Sequence[Incident],
    ) -> None:
        """Go on where another judge stood; `slots` are what its rules had counted.

        The rules may differ: an incident that they would not have let happen recovers with the
        next second, one of a rule that is no more at once. A threshold set by key stays, unless
        another one is configured now than was then.
        """
        self._silences = state.silences
        past = [incident for incident in incidents if not incident.firing]
        self._closed.extend(sorted(past, key=self._recovery_order))
        firing = [incident for incident in incidents if incident.firing]
        orphans = self.engine.restore(state.engine, slots, firing)
        self.ended = [_ended(incident, self.engine) for incident in orphans]
        self._close(self.ended)
        self._past = None
        if state.by_key is not None and state.by_key.configured == self._settings.threshold:
            self.set_threshold(state.by_key.threshold)

    def _recovery_order(self, incident: Incident) -> tuple[int, int, tuple[int, bytes]]:
        """Return what sorts incidents as they recovered: at the same second rule by rule."""
        names = [rule.name for rule in self.rules]
        place = names.index(incident.rule) if incident.rule in names else len(names)
        return incident.recovered_at or 0, place, trigger_order(incident)

    def state(self, wall: float) -> AlertState:
        """Return the alerts as a Snapshot shows them; `wall` is in epoch seconds."""
        alerts = self.engine.alerts
        traffic = alerts.get(TRAFFIC)
        threshold = self._settings.threshold
        if traffic is not None:
            threshold = traffic.rule.critical or threshold
        return AlertState(
            window=self._settings.alert_window,
            threshold=threshold,
            hits=0 if traffic is None else self.engine.hits(traffic),
            incidents=self.incidents(),
            suppressed=sum(alert.suppressed for alert in alerts.values()),
            rules=tuple(map(_status, alerts.values())),
            silences=self.silences(wall),
            configured=None if self._by_key is None else self._settings.threshold,
            messages_now=self.messages_now(),
        )


def _status(alert: Alert) -> RuleStatus:
    return RuleStatus(
        rule=alert.rule.name,
        title=alert.rule.title,
        unit=alert.rule.unit,
        state=alert.state,
        pending=alert.pending,
        firing=len(alert.open),
        suppressed=alert.suppressed,
        value=alert.whole.judged,
        hits=alert.whole.hits,
    )


def _ended(incident: Incident, engine: RuleEvaluator) -> Incident:
    """Return the incident of a rule that is no more, recovered with the last slot judged."""
    judged = incident.triggered_at
    if engine.judged is not None:
        judged = max(judged, (engine.judged + 1) * engine.bucket_size - 1)
    return replace(incident, recovered_at=judged, recovery="The rule is no longer there.")


def _newest_first(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda incident: incident.triggered_at, reverse=True)


def _differ(one: Incident, other: Incident) -> bool:
    return one is not other
