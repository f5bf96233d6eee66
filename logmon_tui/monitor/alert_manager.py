"""AlertManager: every alert of a watch, why it fired, and what users said of it. Pure.

Hits go to the RuleEvaluator, those of a backlog to a Backfill first; what recovers goes to the
IncidentHistory. Time comes in: that of the log as seconds, that of the wall where users have a say.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.backfill import Backfill
from logmon_tui.alerts.evaluation.long_evaluator import LongHour
from logmon_tui.alerts.evaluation.novelties import KnownPage
from logmon_tui.alerts.evaluation.ring import SlotCounts
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.evaluation.second_counts import SavedSpan, SecondCounts
from logmon_tui.alerts.evaluation.silence import Silence
from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.history.incident_history import IncidentHistory
from logmon_tui.alerts.history.silence import Silences
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Hosts, Incident
from logmon_tui.alerts.model.mark import Mark, changed_marks, mark_before
from logmon_tui.alerts.model.rule import Metric, Rule
from logmon_tui.alerts.rules.builtin import TRAFFIC
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.newest_lines import ParsedLines
from logmon_tui.metrics.aggregator import SLACK
from logmon_tui.monitor.backtest import ThresholdTrial
from logmon_tui.monitor.saved import ManagerState, ThresholdByKey, UnsavedAlerts
from logmon_tui.snapshot import AlertState, RuleStatus, WhatIf

_EVERY_HIT = Rule(name=TRAFFIC, title="Traffic", metric=Metric.RATE)
"""What is counted by second where no rule judges the traffic."""


class AlertManager:
    """Judges by every rule at each second, says why what fired did, and keeps what was found.

    `newest_lines` gives the newest lines of the logs, of which some are kept with an incident.
    """

    def __init__(
        self, settings: Settings, newest_lines: Callable[[], Sequence[ParsedLines]] = list
    ) -> None:
        self._settings = settings
        self._bucket_size = settings.bucket_size
        self.rules: tuple[Rule, ...] = settings.alert_rules()
        self.evaluator = RuleEvaluator(self.rules, settings.bucket_size)
        self.history = IncidentHistory()
        self.ended: list[Incident] = []
        """Incidents closed because their rule was removed; reported when next judged."""
        self._backlog: Backfill | None = None
        self._first: int | None = None  # second of a log read as a backlog
        self._evidence = EvidenceBuffer(self.rules, settings.fixed_delay or 0)
        self._newest_lines = newest_lines
        self.silences = Silences(settings.maintenance_windows().silences)
        self.applied: set[str] = set()
        """The names of requests of commands that are applied, and that may still wait."""
        self._by_key: float | None = None  # the threshold that a key set
        self._trial = ThresholdTrial()
        self._seconds = SecondCounts(_traffic_rule(self.evaluator) or _EVERY_HIT)
        self.hosts: Hosts | None = None
        """Of how many servers figures are known, if not of all."""
        self._hears = False  # whether there are servers whose silence matters
        self.marks: tuple[Mark, ...] = ()
        """What users marked, in the order of time; an incident says which mark it follows."""

    # Hits and seconds

    def take(self, hits: HitBatch, first: int) -> None:
        """Take in hits; `first` is the earliest second of them.

        Late ones count from the next second on that is judged.
        """
        if self._backlog is None:
            self.evaluator.begin(first)
            self.evaluator.take(hits)
        else:
            self._first = first if self._first is None else min(first, self._first)
            self._backlog.take(hits)
            self.evaluator.take(self._backlog.recent(hits))
        self._evidence.take(hits)
        self._seconds.take(hits)

    def count_late(self, hits: HitBatch) -> int:
        """Return how many of the hits belong to seconds that were judged already."""
        if self._backlog is not None:
            return 0
        return int((hits.seconds < self.evaluator.judged_before).sum())

    def take_unparsed(self, second: int, lines: int) -> None:
        """Take in lines of a second that are no hits."""
        if self._backlog is not None:
            self._backlog.take_unparsed(second, lines)
        if self._backlog is None or self._backlog.is_recent(second):
            self.evaluator.take_unparsed(second, lines)

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        if self._backlog is None:
            return self._marked(self._judge_live(second))
        changed = self._backlog.judge_up_to(second)
        self.adopt(changed)
        if self._backlog.reached(second):
            self._leave_backlog(self._backlog, self._backlog.last)
            changed += self._judge_live(second)
        return self._marked(changed)

    def _judge_live(self, second: int) -> list[Incident]:
        changed = self.evaluator.judge_up_to(second)
        self.history.add(incident for incident in changed if not incident.firing)
        ended, self.ended = self.ended, []
        return [*ended, *changed]

    def tick(self, second: int) -> list[Incident]:
        """Judge up to `second`, and keep with what fired just now why it did."""
        live = self._backlog is None
        changed = self._with_hosts(self.judge_up_to(second))
        explained = self._evidence.explained(changed, self._newest_lines) if live else {}
        return [
            self.set_evidence(each, explained[each.id]) if each.id in explained else each
            for each in changed
        ]

    def judge_silences(self, second: int, silences: Mapping[bytes, Silence]) -> list[Incident]:
        """Judge who is silent, at a second of the wall clock; return the incidents that changed.

        While a backlog is read nobody is listened to.
        """
        self._hears = self._hears or bool(silences)
        if self._backlog is not None or not self._hears:
            return []
        changed = self.evaluator.silence.judge(second, silences)
        self.history.add(incident for incident in changed if not incident.firing)
        return self._marked(changed)

    @property
    def silent(self) -> frozenset[bytes]:
        """The servers of which a rule says that they are silent."""
        return self.evaluator.silence.silent

    # A backlog

    @property
    def in_backlog(self) -> bool:
        """Whether hits of a backlog are being read."""
        return self._backlog is not None

    def begin_backlog(self, newest: int) -> None:
        """Make ready for a log whose newest hit is of the second `newest`."""
        self._evidence.begin_at(newest)
        reach = self.evaluator.ring.keep
        old = newest // self._bucket_size - reach - SLACK
        self._backlog = Backfill(self.rules, self._bucket_size, old, reach)

    def end_backlog(self, second: int) -> list[Incident]:
        """Judge all up to `second`, and go on as ever; return the incidents changed."""
        if self._backlog is None:
            return []
        changed = self._backlog.end_at(second)
        self.adopt(changed)
        slot = (second + 1) // self._bucket_size - 1
        self._leave_backlog(self._backlog, min(slot, self._backlog.last))
        return self._marked(changed)

    def _leave_backlog(self, backlog: Backfill, slot: int) -> None:
        first = slot + 1 if self._first is None else self._first // self._bucket_size
        self.evaluator.go_on_from(slot, backlog.alerts, first, backlog.long, backlog.rings)
        self._backlog = None

    def adopt(self, incidents: Iterable[Incident]) -> None:
        """Take over incidents that were found elsewhere, in order; what users said stays."""
        for incident in incidents:
            known = self.evaluator.alerts[incident.rule].open
            said = incident.with_said_of(known.get(incident.subject))
            if incident.firing:
                known[incident.subject] = said
            else:
                known.pop(incident.subject, None)
                self.history.add((said,))

    # Incidents

    @property
    def open(self) -> list[Incident]:
        """The incidents that fire, of each rule in the order of their triggers."""
        return self.evaluator.open

    def incidents(self) -> tuple[Incident, ...]:
        """Return every incident: firing ones first, then the newest.

        While none changes this is the same tuple. Those with evidence change as seconds are judged.
        """
        alerts = self.evaluator.alerts.values()
        return self.history.with_firing(each for alert in alerts for each in alert.shown())

    def messages_now(self) -> dict[str, str]:
        """Return by their ids what the messages of firing incidents say now, if not what was said.

        That is so for rules with words of their own.
        """
        return {
            incident.id: message
            for alert in self.evaluator.alerts.values()
            for incident in alert.open.values()
            if (message := alert.message_now(incident)) != incident.message
        }

    def set_evidence(self, incident: Incident, evidence: Evidence) -> Incident:
        """Keep why an incident fired, and what its rule measures; return it as it is then.

        What is measured is added for as long as it fires.
        """
        alert = self.evaluator.alerts[incident.rule]
        explained = replace(incident, evidence=self.evaluator.traced(incident, evidence))
        present = alert.open.get(incident.subject)
        if present is not None and present.id == incident.id:
            alert.keep_trace(replace(present, evidence=explained.evidence))
        else:
            self._alter(incident.id, lambda each: replace(each, evidence=explained.evidence))
        return explained

    def _alter(self, incident: str, change: Callable[[Incident], Incident]) -> None:
        """Put a changed incident in the place of the one with this id, if there is one."""
        for alert in self.evaluator.alerts.values():
            for subject, each in alert.open.items():
                if each.id == incident:
                    alert.open[subject] = change(each)
                    return
        self.history.alter(incident, change)

    def _marked(self, changed: list[Incident]) -> list[Incident]:
        """Return changed incidents, with the mark that each follows, and keep them so."""
        return [self._with_mark(each) if each.mark is None else each for each in changed]

    def _with_hosts(self, changed: list[Incident]) -> list[Incident]:
        """Return changed incidents, those that fired just now with of how many hosts they speak."""
        hosts = self.hosts
        fired = {each.id for each in changed if each.firing and len(each.changes) <= 1}
        if hosts is None or not fired:
            return changed
        for incident in fired:
            self._alter(incident, lambda each: replace(each, hosts=hosts))
        # One may have changed or ended in the same tick.
        return [replace(each, hosts=hosts) if each.id in fired else each for each in changed]

    def _with_mark(self, incident: Incident) -> Incident:
        """Return an incident with the mark that it follows by now, and keep it so."""
        mark = mark_before(self.marks, incident.triggered_at)
        if mark == incident.mark:
            return incident
        self._alter(incident.id, lambda each: replace(each, mark=mark))
        return replace(incident, mark=mark)

    # What users say

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Take what users marked, in the order of time; incidents then say which they follow.

        An incident whose mark is only forgotten, for want of room, still says it.
        """
        changed, self.marks = changed_marks(self.marks, marks), marks
        for incident in self.incidents() if changed else ():
            if mark_before(changed, incident.triggered_at) is not None:
                self._with_mark(incident)

    def set_threshold(self, threshold: float | None) -> None:
        """Judge the traffic by another threshold (req/s) from the next second on.

        With None it is the configured one again. It is kept from run to run.
        """
        self._judge_by(threshold)
        self._trial.begin()

    def _judge_by(self, threshold: float | None) -> None:
        configured = self._settings.threshold
        self._by_key = None if threshold == configured else threshold
        now = configured if threshold is None else threshold
        self.evaluator.set_threshold(TRAFFIC, now)
        if self._backlog is not None:
            self._backlog.set_threshold(TRAFFIC, now)

    def acknowledge(self, incident: str, wall: float | None) -> None:
        """Note that a user has seen to the incident with this id, or take that back with None."""
        self._alter(incident, lambda each: replace(each, acknowledged_at=wall))

    def set_note(self, incident: str, note: str) -> None:
        """Keep what a user wrote about the incident with this id."""
        self._alter(incident, lambda each: replace(each, note=note))

    def reload(self, settings: Settings) -> None:
        """Judge by the rules of other settings from the next second on; nothing else is lost.

        It is as if another run went on from here. Not while a backlog is read.
        """
        by_key = self.standing().by_key
        self._settings, self.rules = settings, settings.alert_rules()
        self.evaluator, orphans = self.evaluator.renewed(self.rules)
        ended = [_ended(incident, self.evaluator) for incident in orphans]
        self.ended += ended
        self.history.add(ended)
        self._evidence.reload(self.rules, settings.fixed_delay or 0)
        self._seconds = self._seconds.of_rule(_traffic_rule(self.evaluator) or _EVERY_HIT)
        self.silences.recurring = settings.maintenance_windows().silences
        self._by_key = None
        if by_key is not None and by_key.configured == settings.threshold:
            self._judge_by(by_key.threshold)

    # From run to run, and to the screen

    def standing(self) -> ManagerState:
        """Return what another run needs, beside counts and incidents, to go on from here."""
        by_key = self._by_key
        kept = None if by_key is None else ThresholdByKey(by_key, self._settings.threshold)
        return ManagerState(
            self.evaluator.state(),
            self.silences.all,
            kept,
            self._seconds.state(),
            tuple(sorted(self.applied)),
            self.silences.ended,
        )

    def unsaved(self, *, everything: bool) -> UnsavedAlerts:
        """Return what changed since `saved`, or all there is; incidents that fire are all there."""
        history, ring = self.history, self.evaluator.ring
        slots = ring.slots if everything else ring.touched
        return UnsavedAlerts(
            history.closed if everything else history.unsaved,
            self.open,
            ((slot, ring.slot_counts(slot)) for slot in slots),
            self.evaluator.long.unsaved(everything=everything),
            self._seconds.unsaved(everything=everything),
            ring.novelties.unsaved(everything=everything),
        )

    def saved(self) -> None:
        """Note that everything that `unsaved` returned is saved as it is."""
        self.history.saved()
        self.evaluator.long.saved()
        self._seconds.saved()
        self.evaluator.ring.touched.clear()
        self.evaluator.ring.novelties.saved()

    def restore(  # noqa: PLR0913 - all that was saved
        self,
        state: ManagerState,
        slots: Iterable[tuple[int, SlotCounts]],
        incidents: Sequence[Incident],
        hours: Iterable[LongHour] = (),
        seconds: Iterable[SavedSpan] = (),
        *,
        known: Iterable[KnownPage] = (),
    ) -> None:
        """Go on where another run stood; `slots`, `hours` and `seconds` are what it had counted.

        `known` are the subjects that its rules had met.

        The rules may differ: an incident that they would not have let happen recovers with the
        next second, one of a rule that is no more at once. A threshold set by key stays, unless
        another one is configured now than was then.
        """
        self.silences.all, self.silences.ended = state.silences, state.ended
        self.applied = set(state.applied)
        self._seconds.restore(state.seconds, seconds)
        past = [incident for incident in incidents if not incident.firing]
        self.history.restore(past, [rule.name for rule in self.rules])
        firing = [incident for incident in incidents if incident.firing]
        orphans = self.evaluator.restore(state.evaluator, slots, firing, hours, known)
        self.ended = [_ended(incident, self.evaluator) for incident in orphans]
        self.history.add(self.ended)
        if state.by_key is not None and state.by_key.configured == self._settings.threshold:
            self._judge_by(state.by_key.threshold)

    def state(self, wall: float) -> AlertState:
        """Return the alerts as a Snapshot shows them; `wall` is in epoch seconds."""
        alerts = self.evaluator.alerts
        traffic = alerts.get(TRAFFIC)
        threshold = self._settings.threshold
        if traffic is not None:
            threshold = traffic.rule.critical or threshold
        return AlertState(
            window=self._settings.alert_window,
            threshold=threshold,
            hits=0 if traffic is None else self.evaluator.hits(traffic),
            incidents=self.incidents(),
            suppressed=sum(alert.suppressed for alert in alerts.values()),
            rules=tuple(
                self._status(each)
                for each in alerts.values()
                if self._hears or each.open or not each.rule.of_silence
            ),
            silences=self.silences.in_force(wall),
            configured=None if self._by_key is None else self._settings.threshold,
            messages_now=self.messages_now(),
            objectives=self.evaluator.long.objectives(),
            hosts=self.hosts,
        )

    def _status(self, alert: Alert) -> RuleStatus:
        left_out = self.evaluator.ring.left_out(alert.rule)
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
            basis="" if alert.rule.combines else alert.whole.basis,
            held=alert.held,
            left_out=left_out.subjects,
            lost=left_out.lost,
            forgotten=left_out.forgotten,
            learns_until=self.evaluator.learns_until(alert.rule),
        )

    def what_if(self, now: float, end: int) -> WhatIf | None:
        """Return how often a threshold just set would have fired, up to the second `end`.

        None long after that; `now` is monotonic.
        """
        rule = _traffic_rule(self.evaluator)
        return self._trial.outcome(now, rule, self._seconds, self._bucket_size, end)


def _traffic_rule(evaluator: RuleEvaluator) -> Rule | None:
    traffic = evaluator.alerts.get(TRAFFIC)
    return None if traffic is None else traffic.rule


def _ended(incident: Incident, evaluator: RuleEvaluator) -> Incident:
    """Return the incident of a rule that is no more, recovered with the last slot judged."""
    judged = incident.triggered_at
    if evaluator.judged is not None:
        judged = max(judged, (evaluator.judged + 1) * evaluator.bucket_size - 1)
    return replace(incident, recovered_at=judged, recovery="The rule is no longer there.")
