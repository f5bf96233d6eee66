"""Alert: a rule, how it stands with each subject, and its incidents. Pure: readings come in."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from heapq import nsmallest

import msgspec

from logmon_tui.alerts.evaluation.limit_state import LimitState, Step, moved
from logmon_tui.alerts.evaluation.subject_state import Reading, Standing
from logmon_tui.alerts.evaluation.trace import Trace, trace_of
from logmon_tui.alerts.model.incident import (
    Incident,
    SeverityChange,
    Subject,
    incident_id,
    trigger_order,
)
from logmon_tui.alerts.model.rule import Limit, NoData, Rule, Scope, Severity, When
from logmon_tui.alerts.model.state import State
from logmon_tui.alerts.rules.messages import Told, changes, recovery_message, trigger_message

TRACED_EVERY = 10
"""Every so many seconds an open incident gets the values measured since, to be saved with it."""


MOST_STANDINGS = 5_000
"""Of more subjects, those without an incident are forgotten, the ones with the fewest hits."""


class Alert:
    """One rule with its standings and its open incidents.

    `open` are the incidents that fire, by subject, in the order of their triggers. At most
    `rule.max_incidents` are open at once; `suppressed` counts the subjects that wait for room.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._given = rule  # with the thresholds that the settings tell
        self.open: dict[Subject, Incident] = {}
        self.standings: dict[Subject, Standing] = {}
        self.suppressed = 0
        self.traces: dict[Subject, Trace] = {}  # of open incidents with evidence
        self._traced_at = 0  # second
        self.present: dict[Subject, Reading] = {}  # of open incidents, as last judged
        self.whole = Reading(None, 0)
        """What was last measured of the whole traffic, where that is the scope."""

    def set_threshold(self, threshold: float) -> None:
        """Judge by another critical threshold; what would contradict it moves along, and back."""
        rule = self._given
        milder = min if rule.when is When.ABOVE else max

        def moved_along(limit: float | None) -> float | None:
            return None if limit is None else milder(limit, threshold)

        self.rule = msgspec.structs.replace(
            rule,
            critical=threshold,
            warning=moved_along(rule.warning),
            warning_recovery=moved_along(rule.warning_recovery),
            critical_recovery=moved_along(rule.critical_recovery),
        )

    def judge(self, second: int, readings: Mapping[Subject, Reading]) -> list[Incident]:
        """Judge the second by what was measured; return the incidents that changed.

        `readings` have every subject whose verdict may change, and all of `standings` while some
        of them wait for room or are about to be forgotten. Changed are incidents that recovered,
        changed their severity, or fired, in this order, the first two in that of their triggers;
        one that reached a new peak is another one too, but no change to tell.
        """
        self.whole = readings.get(None, self.whole)
        recovered: list[Incident] = []
        changed: list[Incident] = []
        starting: list[tuple[float, bytes, Subject]] = []
        limits = self.rule.limits
        self._note_traces(second, readings)
        for subject, reading in readings.items():
            if subject not in self.standings and not self._stirs(reading.judged, limits[0]):
                continue
            standing = self._step(subject, reading, second, limits)
            incident = self.open.get(subject)
            if incident is None:
                if standing.latches[0].step is Step.ON:
                    starting.append((-abs(reading.judged or 0.0), subject or b"", subject))
            elif standing.latches[0].holds:
                changed += self._go_on(incident, standing, reading, second)
            else:
                recovered.append(self._recover(incident, reading, second))
        starting.sort()
        room = max(0, self.rule.max_incidents - len(self.open))
        self.suppressed = max(0, len(starting) - room)
        fired = [
            self._trigger(subject, readings[subject], second, limits)
            for _, _, subject in starting[:room]
        ]
        self._forget_crowd(readings)
        return [*sorted(recovered, key=trigger_order), *sorted(changed, key=trigger_order), *fired]

    def _forget_crowd(self, readings: Mapping[Subject, Reading]) -> None:
        """Bound the standings: on too little, whoever came once would stay for ever."""
        excess = len(self.standings) - MOST_STANDINGS
        if excess <= 0:
            return
        waiting = [
            (readings[subject].hits, standing.pending_since or 0, subject or b"", subject)
            for subject, standing in self.standings.items()
            if subject not in self.open
        ]
        for *_, subject in nsmallest(excess, waiting):
            if self.standings.pop(subject).latches[0].step is Step.ON:
                self.suppressed -= 1

    def _stirs(self, value: float | None, mildest: Limit) -> bool:
        """Tell whether a value concerns a subject with which nothing is the matter yet."""
        if value is None:
            return self.rule.no_data is NoData.ALERT
        return self.rule.beyond(value, mildest.threshold)

    def _step(
        self, subject: Subject, reading: Reading, second: int, limits: tuple[Limit, ...]
    ) -> Standing:
        before = self.standings.get(subject)
        latches = before.latches if before else (LimitState(),) * len(limits)
        after = tuple(
            moved(latch, self.rule, limit, reading.judged, second)
            for latch, limit in zip(latches, limits, strict=True)
        )
        crossed = latches[0].step is Step.OFF and after[0].step is not Step.OFF
        pending = second if crossed else before and before.pending_since
        standing = Standing(after, pending)
        if not standing.idle:
            self.standings[subject] = standing
        elif before is not None:
            del self.standings[subject]
        return standing

    def _trigger(
        self, subject: Subject, reading: Reading, second: int, limits: tuple[Limit, ...]
    ) -> Incident:
        standing = self.standings[subject]
        limit = standing.in_force(limits)
        value = limit.threshold if reading.judged is None else reading.judged
        told = Told(second, reading.judged, reading.hits, limit)
        rule = self.rule
        incident = self.open[subject] = Incident(
            id=incident_id(rule.name, subject, second),
            rule=rule.name,
            title=rule.title,
            severity=limit.severity,
            unit=rule.unit,
            subject=subject,
            triggered_at=second,
            threshold=limit.threshold,
            hits=reading.hits,
            value=value,
            peak=value,
            message=trigger_message(rule, subject, told),
            scope=rule.scope,
            window=rule.window,
            peak_at=second,
            pending_since=standing.pending_since,
            changes=(SeverityChange(second, limit.severity),),
            labels=tuple(rule.labels.items()),
            limits=limits,
        )
        return incident

    def _go_on(
        self, incident: Incident, standing: Standing, reading: Reading, second: int
    ) -> list[Incident]:
        """Take in how a firing incident stands; return it if its severity changed."""
        self.present[incident.subject] = reading
        self.note_peak(incident.subject, reading, second)
        after = incident = self.open[incident.subject]
        latch = standing.latches[0]
        recovering = latch.since if latch.step is Step.RECOVERING else None
        if recovering != incident.recovering_since:
            after = replace(after, recovering_since=recovering)
        severity = standing.in_force(self.rule.limits).severity
        if severity is not incident.severity:
            change = SeverityChange(second, severity)
            after = replace(after, severity=severity, changes=(*incident.changes, change))
            after = replace(after, message=self.message_now(after))
        if after is not incident:
            self.open[incident.subject] = after
        return [after] if severity is not incident.severity else []

    def note_peak(self, subject: Subject, reading: Reading, second: int) -> None:
        """Note what was measured of a subject that fires: it may be worse than ever."""
        incident, value = self.open[subject], reading.judged
        if value is not None and self._is_worse(value, incident.peak):
            self.open[subject] = replace(incident, peak=value, peak_at=second)

    def _is_worse(self, value: float, peak: float) -> bool:
        return value > peak if self.rule.when is When.ABOVE else value < peak

    def message_now(self, incident: Incident) -> str:
        """Return what a firing incident's message says now, in the rule's own words if it has any.

        Its `{time}` stays that of the trigger.
        """
        reading = self.present.get(incident.subject)
        if reading is None or not changes(self.rule):
            return incident.message
        limit = self._limit_of(incident)
        told = Told(incident.triggered_at, reading.judged, reading.hits, limit)
        return trigger_message(self.rule, incident.subject, told)

    def _limit_of(self, incident: Incident) -> Limit:
        """Return the limit of the incident's severity, the mildest if the rule has none."""
        limits = self.rule.limits
        return next((each for each in limits if each.severity is incident.severity), limits[0])

    def _recover(self, incident: Incident, reading: Reading, second: int) -> Incident:
        told = Told(second, reading.value, reading.hits, self._limit_of(incident))
        trace = self.traces.pop(incident.subject, None)
        self.present.pop(incident.subject, None)
        del self.open[incident.subject]
        return replace(
            incident if trace is None else _traced(incident, trace),
            recovered_at=second,
            recovery=recovery_message(self.rule, incident.subject, told),
        )

    def _note_traces(self, second: int, readings: Mapping[Subject, Reading]) -> None:
        due = second - self._traced_at >= TRACED_EVERY
        if due:
            self._traced_at = second
        for subject, trace in self.traces.items():
            if subject in readings:
                trace.note(second, readings[subject].judged)
            if due:
                self.open[subject] = _traced(self.open[subject], trace)

    def due(self) -> int | None:
        """Return the next second at which something changes by itself; None if nothing does."""
        dues = [
            due
            for standing in self.standings.values()
            for latch in standing.latches
            if (due := latch.due(self.rule)) is not None
        ]
        return min(dues, default=None)

    def adopt(self, incidents: Iterable[Incident]) -> None:
        """Take over firing incidents of which no standing is known: their limits are exceeded."""
        limits = self.rule.limits
        for incident in incidents:
            self.keep_trace(incident)
            if incident.subject not in self.standings:
                latches = tuple(
                    LimitState(Step.ON, incident.triggered_at)
                    if limit is limits[0] or limit.severity is incident.severity
                    else LimitState()
                    for limit in limits
                )
                self.standings[incident.subject] = Standing(latches, incident.pending_since)

    def keep_trace(self, incident: Incident) -> None:
        """Let an open incident be this one, and note what is measured of its subject."""
        self.open[incident.subject] = incident
        if incident.evidence is not None and incident.evidence.values:
            self.traces[incident.subject] = trace_of(incident.evidence, self.rule)

    def shown(self) -> list[Incident]:
        """Return the incidents that fire, with what was measured until now."""
        return [
            _traced(incident, self.traces[subject]) if subject in self.traces else incident
            for subject, incident in self.open.items()
        ]

    def take_over(self, other: "Alert") -> None:
        """Go on where `other`, of the same rule, stands; what users said stays."""
        self.open = {
            subject: incident.with_said_of(self.open.get(subject))
            for subject, incident in other.open.items()
        }
        self.standings = dict(other.standings)
        self.suppressed, self.whole = other.suppressed, other.whole
        self.present = dict(other.present)
        self.traces = dict(other.traces)

    @property
    def state(self) -> State:
        """The worst state of all subjects."""
        states = [self._state_of(standing) for standing in self.standings.values()]
        if not states and self.rule.scope is Scope.ALL and self.whole.judged is None:
            return State.NO_DATA
        return max(states, key=lambda state: state.urgency, default=State.OK)

    def _state_of(self, standing: Standing) -> State:
        step = standing.latches[0].step
        if step is Step.PENDING:
            return State.PENDING
        if step is Step.RECOVERING:
            return State.RECOVERING
        severity = standing.in_force(self.rule.limits).severity
        return State.CRITICAL if severity is Severity.CRITICAL else State.WARNING

    @property
    def pending(self) -> int:
        """How many subjects are pending."""
        return sum(each.latches[0].step is Step.PENDING for each in self.standings.values())


def _traced(incident: Incident, trace: Trace) -> Incident:
    """Return `incident` with what was measured until now."""
    if incident.evidence is None:
        return incident
    return replace(incident, evidence=trace.put_into(incident.evidence))
