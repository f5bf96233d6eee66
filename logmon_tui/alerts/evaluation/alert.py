"""Alert: one rule, the state of each of its subjects, and its incidents.

Pure: it gets measurements, and reads neither hits nor a clock.
"""

from collections.abc import Callable, Iterable, Mapping
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
from logmon_tui.alerts.evaluation.subject_ranks import SubjectRanks
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

BasisOf: TypeAlias = Callable[[Subject, int], str]
"""Says what the value of a subject is made of at a second: see `Measurement`."""


def nobody(_subject: Subject) -> bool:
    """Tell that a subject is not held back."""
    return False


def _no_basis(_subject: Subject, _second: int) -> str:
    return ""


class Alert:
    """One rule with the states of its subjects and its open incidents.

    `open` holds the firing incidents by subject, in the order of their triggers. At most
    `rule.max_incidents` are open at once; `suppressed` counts the subjects beyond that number.

    A second costs time for what was measured anew, not for every subject that has a state: many
    clients can give a rule thousands of states. So those who wait for something are kept in order.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._configured = rule  # with the thresholds of the settings
        self.open: dict[Subject, Incident] = {}
        self.subject_states: dict[Subject, SubjectState] = {}
        self.suppressed = 0
        self.held_back: HeldBack = nobody
        """Tells of whom the rule may open no incident now, because another rule fires."""

        self.basis_of: BasisOf = _no_basis
        """Says of a subject that fires what its value is made of, if its measurement does not."""

        self._ranks = SubjectRanks()
        self._everybody = False  # whether all states are to be judged next
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
        self._everybody = True

    def judge_everybody(self) -> None:
        """Have all subjects with a state judged next, whether or not they have new hits."""
        self._everybody = True

    def unsettled(self, second: int) -> list[Subject]:
        """Return the subjects to judge at `second`, and not before, even if they have no new hits.

        Their delay ends, or their values are traced.
        """
        if self._everybody:
            return list(self.subject_states)
        return [*self.traces, *self._ranks.pop_due(second)]

    def judge(
        self, second: int, measurements: Mapping[Subject, Measurement], *, young: bool = False
    ) -> list[Incident]:
        """Judge one second and return the incidents that changed.

        `measurements` must hold every subject whose verdict may change. Of those who wait for
        room, or may be forgotten, it must hold all whose measurement differs from the last one
        given; and all of `subject_states` when `held_back` changes. In a `young` log, which does
        not yet fill a window, no data says nothing.

        Returned are first the incidents that recovered, then those that changed their severity,
        both in the order of their triggers, then those that fired. An incident that only reached
        a new peak is replaced too, but not returned.
        """
        self._everybody = False
        self.whole = measurements.get(None, self.whole)
        ended: list[Incident] = []
        moved: list[Incident] = []
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
            if incident is not None and subject_state.limit_states[0].holds:
                moved += self._update(incident, subject_state, measurement, second)
            elif incident is not None:
                ended.append(self._recover(incident, measurement, second))
            if subject_state.idle:
                self._ranks.discard(subject)
            elif subject in self.open:
                self._ranks.put_open(subject, subject_state, self.rule)
            else:
                self._ranks.put(subject, subject_state, measurement, self.rule)
        firing = self._trigger_waiting(second)
        self._forget_crowd()
        self.suppressed = len(self._ranks.waiting)
        return [*sorted(ended, key=trigger_order), *sorted(moved, key=trigger_order), *firing]

    def waits(self, subject: Subject) -> bool:
        """Tell whether a subject fires without an incident, for want of room."""
        return subject in self._ranks.waiting

    def _trigger_waiting(self, second: int) -> list[Incident]:
        """Open incidents of those who fire, as far as there is room."""
        firing = []
        while self._ranks.waiting and len(self.open) < self.rule.max_incidents:
            subject, measurement = self._ranks.pop_waiting()
            firing.append(self._trigger(subject, measurement, second))
        return firing

    def _forget_crowd(self) -> None:
        """Bound the memory: a rule that fires on too little would remember every subject."""
        while len(self.subject_states) > MAX_SUBJECT_STATES and self._ranks.quiet:
            subject = self._ranks.pop_quiet()
            del self.subject_states[subject]
            self.last.pop(subject, None)

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
        basis = measurement.basis or self.basis_of(subject, second)
        context = MessageContext(second, value, measurement.hits, limit, basis)
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
        return self._ranks.due()

    def set_states(self, states: Mapping[Subject, SubjectState]) -> None:
        """Take over the states of subjects; all of them are to be judged next."""
        self.subject_states = dict(states)
        self._ranks = SubjectRanks.of_states(self.subject_states, self.rule)
        self._everybody = True

    def adopt(self, incidents: Iterable[Incident]) -> None:
        """Take over firing incidents, and give subjects without a state that of the incident."""
        limits, states = self.rule.limits, dict(self.subject_states)
        for incident in incidents:
            self.keep_trace(incident)
            if incident.subject not in states:
                limit_states = tuple(
                    LimitState(Phase.ON, incident.triggered_at)
                    if limit is limits[0] or limit.severity is incident.severity
                    else LimitState()
                    for limit in limits
                )
                states[incident.subject] = SubjectState(limit_states, incident.pending_since)
        self.set_states(states)

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
        self.set_states(other.subject_states)
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
