"""Alert: one rule, the state of each of its subjects, and its incidents.

Pure: it gets measurements, and reads neither hits nor a clock.
"""

from collections.abc import Callable, Iterable, Mapping
from heapq import nsmallest
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.incident_records import (
    changed,
    fired,
    message_now,
    recovered,
)
from logmon_tui.alerts.evaluation.limit_state import LimitState, Phase, advanced, held
from logmon_tui.alerts.evaluation.subject_state import Measurement, SubjectState
from logmon_tui.alerts.evaluation.trace import Trace, trace_of
from logmon_tui.alerts.model.incident import Incident, Subject, trigger_order
from logmon_tui.alerts.model.rule import Limit, NoData, Rule, Scope
from logmon_tui.alerts.model.state import State
from logmon_tui.alerts.rules.messages import MessageContext

if TYPE_CHECKING:  # few ask what a rule saw
    from logmon_tui.alerts.evaluation.seen import SeenByRule

TRACE_INTERVAL = 10
"""Seconds between copies of an open incident's trace into the incident, which is what is saved."""

MAX_SUBJECT_STATES = 5_000
"""Maximum subjects that a rule remembers.

Beyond it, subjects without an incident are forgotten, those with the fewest hits first.
"""


HeldBack: TypeAlias = Callable[[Subject], bool]


def nobody(_subject: Subject) -> bool:
    """Tell that a subject is not held back."""
    return False


class Alert:
    """One rule with the states of its subjects and its open incidents.

    `open` holds the firing incidents by subject, in the order of their triggers. At most
    `rule.max_incidents` are open at once; `suppressed` counts the subjects beyond that number.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._configured = rule  # with the thresholds of the settings
        self.open: dict[Subject, Incident] = {}
        self.subject_states: dict[Subject, SubjectState] = {}
        self.suppressed = 0
        self.held_back: HeldBack = nobody
        """Tells of whom the rule may open no incident now, because another rule fires."""

        self.traces: dict[Subject, Trace] = {}  # of open incidents with evidence
        self._traced_at = 0  # second of the last copy of traces into incidents
        self.present: dict[Subject, Measurement] = {}  # of open incidents, as last judged
        self.last: dict[Subject, float] = {}
        """The last value of each subject with a state, if such a state is kept without data."""

        self.whole = Measurement(None, 0)
        """The last measurement of the whole traffic, if that is the rule's scope."""

        self.seen: SeenByRule | None = None
        """What the rule saw, whether it fired or not, if that is wanted."""

    def set_threshold(self, threshold: float) -> None:
        """Judge by another critical threshold."""
        self.rule = self._configured.with_critical(threshold)

    def judge(
        self, second: int, measurements: Mapping[Subject, Measurement], *, young: bool = False
    ) -> list[Incident]:
        """Judge one second and return the incidents that changed.

        `measurements` must hold every subject whose verdict may change. While subjects are
        suppressed or about to be forgotten, and when `held_back` changes, it must hold all of
        `subject_states`. In a `young` log, which does not yet fill a window, no data says nothing.

        Returned are first the incidents that recovered, then those that changed their severity,
        both in the order of their triggers, then those that fired. An incident that only reached
        a new peak is replaced too, but not returned.
        """
        self.whole = measurements.get(None, self.whole)
        ended: list[Incident] = []
        moved: list[Incident] = []
        firing_anew: list[tuple[float, bytes, Subject]] = []
        rule, limits = self.rule, self.rule.limits
        if young and rule.no_data is NoData.ALERT:
            rule = msgspec.structs.replace(rule, no_data=NoData.OK)
        self._note_traces(second, measurements)
        for subject, measurement in measurements.items():
            if self.seen is not None:
                self.seen.note(subject, measurement, second)
            known = subject in self.subject_states
            if not known and not _breaches(rule, measurement.judged, limits[0]):
                continue
            subject_state = self._advance(rule, subject, measurement, second)
            incident = self.open.get(subject)
            if incident is None:
                if subject_state.limit_states[0].phase is Phase.ON:
                    firing_anew.append((-abs(measurement.judged or 0.0), subject or b"", subject))
            elif subject_state.limit_states[0].holds:
                moved += self._update(incident, subject_state, measurement, second)
            else:
                ended.append(self._recover(incident, measurement, second))
        firing_anew.sort()
        room = max(0, self.rule.max_incidents - len(self.open))
        self.suppressed = max(0, len(firing_anew) - room)
        firing = [
            self._trigger(subject, measurements[subject], second)
            for _, _, subject in firing_anew[:room]
        ]
        self._forget_crowd(measurements)
        return [*sorted(ended, key=trigger_order), *sorted(moved, key=trigger_order), *firing]

    def _forget_crowd(self, measurements: Mapping[Subject, Measurement]) -> None:
        """Bound the memory: a rule that fires on too little would remember every subject."""
        excess = len(self.subject_states) - MAX_SUBJECT_STATES
        if excess <= 0:
            return
        waiting = [
            (measurements[subject].hits, subject_state.pending_since or 0, subject or b"", subject)
            for subject, subject_state in self.subject_states.items()
            if subject not in self.open
        ]
        for *_, subject in nsmallest(excess, waiting):
            self.last.pop(subject, None)
            if self.subject_states.pop(subject).limit_states[0].phase is Phase.ON:
                self.suppressed -= 1

    def _advance(
        self, rule: Rule, subject: Subject, measurement: Measurement, second: int
    ) -> SubjectState:
        """Return a subject's state after `second`; an idle one is not kept."""
        limits = rule.limits
        before = self.subject_states.get(subject)
        limit_states = before.limit_states if before else (LimitState(),) * len(limits)
        pairs = zip(limit_states, limits, strict=True)
        if subject not in self.open and self.held_back(subject):
            after = tuple(held(each, rule, limit, measurement) for each, limit in pairs)
        else:
            after = tuple(advanced(each, rule, limit, measurement, second) for each, limit in pairs)
        crossed = limit_states[0].phase is Phase.OFF and after[0].phase is not Phase.OFF
        pending = second if crossed else before and before.pending_since
        subject_state = SubjectState(after, pending)
        if not subject_state.idle:
            self.subject_states[subject] = subject_state
            self.note_last(subject, measurement)
        elif before is not None:
            del self.subject_states[subject]
            self.last.pop(subject, None)
        return subject_state

    def note_last(self, subject: Subject, measurement: Measurement) -> None:
        """Note the value of a subject with a state, in case it fires without one."""
        if self.rule.no_data is NoData.KEEP and measurement.judged is not None:
            self.last[subject] = measurement.judged

    def _trigger(self, subject: Subject, measurement: Measurement, second: int) -> Incident:
        state = self.subject_states[subject]
        limit = state.in_force(self.rule.limits)
        value = self.last.get(subject) if measurement.judged is None else measurement.judged
        context = MessageContext(second, value, measurement.hits, limit, measurement.basis)
        incident = fired(self.rule, subject, context, state.pending_since)
        self.open[subject] = incident
        return incident

    def _update(
        self, incident: Incident, subject_state: SubjectState, measurement: Measurement, second: int
    ) -> list[Incident]:
        """Update a firing incident; return it if its severity changed."""
        self.present[incident.subject] = measurement
        self.note_peak(incident.subject, measurement, second)
        before = self.open[incident.subject]
        after = changed(before, self.rule, subject_state, measurement, second)
        self.open[incident.subject] = after
        return [after] if after.severity is not before.severity else []

    def note_peak(self, subject: Subject, measurement: Measurement, second: int) -> None:
        """Update the peak of a firing subject's incident if the measurement is worse."""
        incident, value = self.open[subject], measurement.judged
        if value is not None and self.rule.beyond(value, incident.worse_than):
            self.open[subject] = replace(incident, peak=value, peak_at=second)

    def message_now(self, incident: Incident) -> str:
        """Return a firing incident's message with the present values."""
        measurement = self.present.get(incident.subject)
        if measurement is None:
            return incident.message
        return message_now(incident, self.rule, measurement)

    def _recover(self, incident: Incident, measurement: Measurement, second: int) -> Incident:
        trace = self.traces.pop(incident.subject, None)
        self.present.pop(incident.subject, None)
        del self.open[incident.subject]
        traced = incident if trace is None else trace.put_into(incident)
        return recovered(traced, self.rule, measurement, second)

    def _note_traces(self, second: int, measurements: Mapping[Subject, Measurement]) -> None:
        due = second - self._traced_at >= TRACE_INTERVAL
        if due:
            self._traced_at = second
        for subject, trace in self.traces.items():
            if subject in measurements:
                trace.note(second, measurements[subject].judged)
            if due:
                self.open[subject] = trace.put_into(self.open[subject])

    def due(self) -> int | None:
        """Return the next second at which a delay ends; None if none is running."""
        dues = [
            due
            for subject_state in self.subject_states.values()
            for limit_state in subject_state.limit_states
            if (due := limit_state.due(self.rule)) is not None
        ]
        return min(dues, default=None)

    def adopt(self, incidents: Iterable[Incident]) -> None:
        """Take over firing incidents, and give subjects without a state that of the incident."""
        limits = self.rule.limits
        for incident in incidents:
            self.keep_trace(incident)
            if incident.subject not in self.subject_states:
                limit_states = tuple(
                    LimitState(Phase.ON, incident.triggered_at)
                    if limit is limits[0] or limit.severity is incident.severity
                    else LimitState()
                    for limit in limits
                )
                self.subject_states[incident.subject] = SubjectState(
                    limit_states, incident.pending_since
                )

    def keep_trace(self, incident: Incident) -> None:
        """Store an open incident, and trace its subject from now on if it has evidence."""
        self.open[incident.subject] = incident
        if incident.evidence is not None and incident.evidence.values:
            self.traces[incident.subject] = trace_of(incident.evidence, self.rule)

    def shown(self) -> list[Incident]:
        """Return the firing incidents, with their traces up to now."""
        return [
            self.traces[subject].put_into(incident) if subject in self.traces else incident
            for subject, incident in self.open.items()
        ]

    def take_over(self, other: "Alert") -> None:
        """Continue from `other`, an alert of the same rule.

        Acknowledgements and notes of users are kept.
        """
        self.open = {
            subject: incident.with_said_of(self.open.get(subject))
            for subject, incident in other.open.items()
        }
        self.subject_states = dict(other.subject_states)
        self.suppressed, self.whole = other.suppressed, other.whole
        self.present, self.last = dict(other.present), dict(other.last)
        self.traces = dict(other.traces)

    @property
    def state(self) -> State:
        """The worst state of all subjects."""
        limits = self.rule.limits
        states = {each.shown(limits) for each in self.subject_states.values()}
        if not states and self.rule.scope is Scope.ALL and self.whole.judged is None:
            return State.NO_DATA
        return max(states, key=lambda state: state.urgency, default=State.OK)

    @property
    def held(self) -> int:
        """How many subjects are held back."""
        return sum(
            each.limit_states[0].phase is Phase.HELD for each in self.subject_states.values()
        )

    @property
    def pending(self) -> int:
        """How many subjects are pending."""
        return sum(
            each.limit_states[0].phase is Phase.PENDING for each in self.subject_states.values()
        )


def _breaches(rule: Rule, value: float | None, mildest: Limit) -> bool:
    """Tell whether a value is beyond the mildest threshold, so that a subject gets a state."""
    if value is None:
        return rule.no_data is NoData.ALERT
    return rule.beyond(value, mildest.threshold)
