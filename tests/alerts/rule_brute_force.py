"""Compute what rules must find from the list of all lines, slot by slot.

It follows the docstring of `alerts.model.rule`, as simply as possible: only limit states and
incidents are kept from slot to slot.
"""

from collections.abc import Sequence

from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, Scope, Severity, When
from logmon_tui.alerts.model.state import State
from tests.alerts.raw_limits import LimitState, Phase
from tests.alerts.raw_measurements import Measurement, RuleLines, measured
from tests.alerts.raw_novelty import Met
from tests.alerts.raw_traffic import Lines
from tests.alerts.raw_verdict import Found, Verdict


def _in_order(found: Found) -> tuple[int, bytes]:
    return found.triggered_at, found.subject or b""


def _equal_of(rule: Rule, subject: Subject, name: str) -> str | bytes | None:
    """Return what a subject has of a scope or label."""
    if name.startswith("label."):
        return rule.labels.get(name[len("label.") :])
    if not rule.by:
        assert rule.scope.value == name
        return subject
    assert subject is not None
    first, second = subject.split(" · ".encode(), 1)
    return first if rule.by[0].value == name else second


def slot_ends(first: int, last: int, size: int) -> range:
    """Return the last second of each slot, from the slot of `first` up to the second `last`."""
    return range(first // size * size + size - 1, last + 1, size)


def judged(rules: Sequence[Rule], lines: Lines, size: int, last: int) -> Verdict:
    """Judge every slot from that of the first hit to `last`."""
    verdict = Verdict()
    ones = {rule.name: OneRule(rule, lines, verdict, rules) for rule in in_turn(rules)}
    for second in slot_ends(lines.hits[0].second, last, size):
        for one in ones.values():
            if second >= first_second(one.rule, lines, size) // size * size:
                firing = {name: list(each.open.values()) for name, each in ones.items()}
                one.judge(second, size, {name: found for name, found in firing.items() if found})
    return verdict


def in_turn(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules so that each comes after those that it names."""
    waiting, found = {rule.name: rule for rule in rules}, list[Rule]()
    while waiting:
        for rule in list(waiting.values()):
            if not set(waiting) & {*rule.all_, *rule.unless}:
                found.append(waiting.pop(rule.name))
    return found


def first_second(rule: Rule, lines: Lines, size: int) -> int:
    """Return a second of the first slot that is judged.

    Rules that fire below a threshold, or compare windows, need windows that the log covers fully.
    """
    first = lines.hits[0].second
    if rule.when is When.BELOW or rule.metric is Metric.CHANGE:
        return first + rule.reach - size
    return first


class OneRule:
    """The limit states and open incidents of one rule."""

    def __init__(self, rule: Rule, lines: Lines, verdict: Verdict, rules: Sequence[Rule]) -> None:
        self.rule, self.verdict = rule, verdict
        self.lines, self.begin = RuleLines(rule, lines), lines.hits[0].second
        self.rules = {each.name: each for each in rules}
        self.limit_states: dict[Subject, list[LimitState]] = {}
        self.open: dict[Subject, Found] = {}
        self.last: dict[Subject, float] = {}  # values
        self.met: Met | None = None

    def _equals(self, subject: Subject, name: str, found: Found) -> bool:
        """Tell whether all that must be equal is, for an incident of the rule called `name`."""
        other = self.rules[name]
        return all(
            _equal_of(self.rule, subject, each) == _equal_of(other, found.subject, each)
            for each in self.rule.equal
        )

    def judge(self, second: int, size: int, firing: dict[str, list[Found]]) -> None:
        """Judge a second; `firing` are the incidents that fire in it, by the names of rules."""
        place = self.rule.name, second
        if self.rule.of_novelty:
            self.met = self.met or Met(self.rule, self.lines.lines, size)
            self.met.judge(second)
        # Late hits count as known now, so they may add subjects to the slot before.
        there = self._subjects(second, second) | self._subjects(second - size, second)
        there |= self._named()
        young = second < self.begin // size * size + self.rule.reach - 1
        measurements = {
            subject: self._measured(subject, second, firing) for subject in there | self._not_off()
        }
        holding = [(name, each) for name in self.rule.unless for each in firing.get(name, ())]
        states = {}
        for subject, measurement in measurements.items():
            phases = self._phases(subject)
            for limit_state in self._limit_states(subject):
                held_back = any(self._equals(subject, *each) for each in holding)
                if held_back and subject not in self.open:
                    limit_state.hold(second, measurement, young=young)
                else:
                    limit_state.judge(second, measurement, young=young)
            if measurement.value is not None:
                self.last[subject] = measurement.value
            self._note(phases, self._phases(subject))
            states[subject] = self._state(subject, measurement)
        self.verdict.measurements[place] = measurements
        self.verdict.states[place] = {
            subject: state for subject, state in states.items() if state is not State.OK
        }
        self.verdict.limit_states[place] = {
            subject: [
                (limit_state.phase.value, limit_state.since)
                for limit_state in self._limit_states(subject)
            ]
            for subject in sorted(self._not_off(), key=lambda each: each or b"")
        }
        self._recover(second)
        for subject in self.open:
            self._update(subject, second, measurements[subject])
        self.verdict.suppressed[place] = self._open_more(second, measurements)
        self.verdict.held[place] = sum(
            limit_states[0].phase is Phase.HELD for limit_states in self.limit_states.values()
        )
        for found in self.open.values():
            if self.rule.all_ and found.triggered_at == second:
                found.parts = [
                    (name, each.subject, each.triggered_at)
                    for name in self.rule.all_
                    for each in sorted(firing[name], key=_in_order)
                ]

    def _measured(
        self, subject: Subject, second: int, firing: dict[str, list[Found]]
    ) -> Measurement:
        if self.rule.all_:
            return Measurement(sum(name in firing for name in self.rule.all_), 0)
        if self.met is not None:
            return self.met.measured(subject, second)
        return measured(self.lines, subject, second)

    def _subjects(self, second: int, now: int) -> set[Subject]:
        """Return the subjects with hits that count in the windows that end with `second`."""
        if self.rule.scope is Scope.ALL:
            return {None}
        return self.lines.subjects(second - self.rule.reach + 1, second, now)

    def _named(self) -> set[Subject]:
        """Return the subjects that must be there, so that they are judged without a hit."""
        if self.rule.when is When.ABOVE and self.rule.no_data is not NoData.ALERT:
            return set()
        return {name.encode() for name in self.rule.match if not set(name) & set("*?[")}

    def _not_off(self) -> set[Subject]:
        return {
            subject
            for subject, limit_states in self.limit_states.items()
            if any(limit_state.phase is not Phase.OFF for limit_state in limit_states)
        }

    def _limit_states(self, subject: Subject) -> list[LimitState]:
        if subject not in self.limit_states:
            self.limit_states[subject] = [
                LimitState(self.rule, limit) for limit in self.rule.limits
            ]
        return self.limit_states[subject]

    def _phases(self, subject: Subject) -> list[Phase]:
        return [limit_state.phase for limit_state in self._limit_states(subject)]

    def _note(self, before: list[Phase], after: list[Phase]) -> None:
        for old, new, limit in zip(before, after, self.rule.limits, strict=True):
            if old is not new:
                self.verdict.seen.add(f"{limit.severity}: {old.value} to {new.value}")

    def _severity(self, subject: Subject) -> Severity:
        fires = [
            limit_state.limit.severity
            for limit_state in self._limit_states(subject)
            if limit_state.fires
        ]
        return Severity.CRITICAL if Severity.CRITICAL in fires else Severity.WARNING

    def _state(self, subject: Subject, measurement: Measurement) -> State:
        mildest = self._limit_states(subject)[0]
        if mildest.phase is Phase.ON:
            return State(self._severity(subject).value)
        if mildest.phase is Phase.RECOVERING:
            return State.RECOVERING
        if mildest.phase is Phase.PENDING:
            return State.PENDING
        return State.NO_DATA if measurement.value is None else State.OK

    def _recover(self, second: int) -> None:
        for subject in list(self.open):
            if not self._limit_states(subject)[0].fires:
                self.open.pop(subject).recovered_at = second

    def _update(self, subject: Subject, second: int, measurement: Measurement) -> None:
        incident, severity = self.open[subject], self._severity(subject)
        if severity is not incident.changes[-1][1]:
            incident.changes.append((second, severity))
        worst = incident.threshold if incident.peak is None else incident.peak
        if measurement.value is not None and self._worse(measurement.value, worst):
            incident.peak, incident.peak_at = measurement.value, second
        incident.recovering_since = self._limit_states(subject)[0].since

    def _worse(self, value: float, peak: float) -> bool:
        return value > peak if self.rule.when is When.ABOVE else value < peak

    def _open_more(self, second: int, measurements: dict[Subject, Measurement]) -> int:
        """Open incidents as long as there is room; return how many subjects are suppressed."""
        waiting = [
            (-abs(measurements[subject].value or 0), subject or b"", subject)
            for subject, limit_states in self.limit_states.items()
            if limit_states[0].phase is Phase.ON and subject not in self.open
        ]
        room = self.rule.max_incidents - len(self.open)
        for _, _, subject in sorted(waiting)[:room]:
            self._open_one(subject, second, measurements[subject])
        return max(0, len(waiting) - room)

    def _open_one(self, subject: Subject, second: int, measurement: Measurement) -> None:
        mildest, severity = self._limit_states(subject)[0], self._severity(subject)
        threshold = {limit.severity: limit.threshold for limit in self.rule.limits}[severity]
        value = measurement.value
        if value is None and self.rule.no_data is NoData.KEEP:
            value = self.last[subject]
        self.open[subject] = Found(
            rule=self.rule.name,
            subject=subject,
            triggered_at=second,
            threshold=threshold,
            hits=measurement.hits,
            value=value,
            pending_since=mildest.pending_since,
            changes=[(second, severity)],
            peak=value,
            peak_at=None if value is None else second,
        )
        self.verdict.incidents.append(self.open[subject])
