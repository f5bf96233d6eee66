"""What rules must find, worked out from the list of all lines, slot by slot.

Written from what `alerts.rule` says of a rule, and as simply as can be: nothing is remembered
from slot to slot but latches and incidents.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum

from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.rule import Limit, Metric, NoData, Rule, Scope, Severity, When
from logmon_tui.alerts.model.state import State
from tests.alerts.raw_readings import SUBJECTS, Reading, counted, reading
from tests.alerts.raw_traffic import Lines


class Stand(Enum):
    """Where a latch stands."""

    OFF = "off"
    PENDING = "pending"
    ON = "on"
    RECOVERING = "recovering"


@dataclass
class LimitState:
    """One limit of a rule, for one subject."""

    rule: Rule
    limit: Limit
    stand: Stand = Stand.OFF
    since: int | None = None  # when it began to be pending, or recovering
    pending_since: int | None = None

    @property
    def fires(self) -> bool:
        return self.stand in {Stand.ON, Stand.RECOVERING}

    def beyond(self, value: float | None) -> bool:
        if value is None:
            if self.rule.no_data is NoData.KEEP:
                return self.stand in {Stand.PENDING, Stand.ON}
            return self.rule.no_data is NoData.ALERT
        threshold = self.limit.recovery if self.fires else self.limit.threshold
        return value > threshold if self.rule.when is When.ABOVE else value < threshold

    def judge(self, second: int, value: float | None) -> None:
        beyond = self.beyond(value)
        if self.stand is Stand.OFF and beyond:
            self.stand, self.since, self.pending_since = Stand.PENDING, second, second
        elif self.stand is Stand.PENDING and not beyond:
            self.stand, self.since = Stand.OFF, None
        elif self.stand is Stand.ON and not beyond:
            self.stand, self.since = Stand.RECOVERING, second
        elif self.stand is Stand.RECOVERING and beyond:
            self.stand, self.since = Stand.ON, None
        waited = second - (second if self.since is None else self.since)
        if self.stand is Stand.PENDING and waited >= self.rule.for_:
            self.stand, self.since = Stand.ON, None
        elif self.stand is Stand.RECOVERING and waited >= self.rule.keep_firing_for:
            self.stand, self.since = Stand.OFF, None


Stood = tuple[str, int | None]
"""Where a latch stood, and since when it was pending or recovering."""


@dataclass
class Found:
    """An incident as the brute force sees it."""

    rule: str
    subject: Subject
    triggered_at: int
    threshold: float
    hits: int
    value: float
    pending_since: int | None
    changes: list[tuple[int, Severity]]
    peak: float
    peak_at: int
    recovering_since: int | None = None
    recovered_at: int | None = None


@dataclass
class Verdict:
    """What is found up to a second: incidents, and how every subject stood slot by slot.

    These are by rule and second: `states` without the subjects that are ok, `latches` of those
    of which any is not off, `suppressed`, and `readings`. `seen` names what latches did.
    """

    incidents: list[Found] = field(default_factory=list)
    states: dict[tuple[str, int], dict[Subject, State]] = field(default_factory=dict)
    latches: dict[tuple[str, int], dict[Subject, list[Stood]]] = field(default_factory=dict)
    suppressed: dict[tuple[str, int], int] = field(default_factory=dict)
    readings: dict[tuple[str, int], dict[Subject, Reading]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)


def slot_ends(first: int, last: int, size: int) -> range:
    """Return the last seconds of the slots from that of `first` on, up to `last`."""
    return range(first // size * size + size - 1, last + 1, size)


def judged(rules: Sequence[Rule], lines: Lines, size: int, last: int) -> Verdict:
    """Judge every slot from that of the first hit to `last`."""
    verdict = Verdict()
    for rule in rules:
        one = OneRule(rule, lines, verdict)
        for second in slot_ends(first_second(rule, lines, size), last, size):
            one.judge(second, size)
    return verdict


def first_second(rule: Rule, lines: Lines, size: int) -> int:
    """Return a second of the first slot that is judged.

    Too little is told, and times are compared, only of times that the log has wholly seen.
    """
    first = lines.hits[0].second
    if rule.when is When.BELOW or rule.metric is Metric.CHANGE:
        return first + rule.reach - size
    return first


class OneRule:
    """The latches and open incidents of one rule."""

    def __init__(self, rule: Rule, lines: Lines, verdict: Verdict) -> None:
        self.rule, self.lines, self.verdict = rule, lines, verdict
        self.latches: dict[Subject, list[LimitState]] = {}
        self.open: dict[Subject, Found] = {}

    def judge(self, second: int, size: int) -> None:
        place, lines = (self.rule.name, second), self.lines.known_at(second)
        # As far as is known now: who is told of too late was there in the slot before.
        there = self._subjects(lines, second) | self._subjects(lines, second - size)
        readings = {
            subject: reading(self.rule, lines, subject, second)
            for subject in there | self._not_off()
        }
        states = {}
        for subject, read in readings.items():
            stood = self._stands(subject)
            for latch in self._latches(subject):
                latch.judge(second, read.value)
            self._note(stood, self._stands(subject))
            states[subject] = self._state(subject, read)
        self.verdict.readings[place] = readings
        self.verdict.states[place] = {
            subject: state for subject, state in states.items() if state is not State.OK
        }
        self.verdict.latches[place] = {
            subject: [(latch.stand.value, latch.since) for latch in self._latches(subject)]
            for subject in sorted(self._not_off(), key=lambda each: each or b"")
        }
        self._recover(second)
        for subject in self.open:
            self._go_on(subject, second, readings[subject])
        self.verdict.suppressed[place] = self._open_more(second, readings)

    def _subjects(self, lines: Lines, second: int) -> set[Subject]:
        """Return who has hits that count in the windows that end with `second`."""
        if self.rule.scope is Scope.ALL:
            return {None}
        hits = counted(self.rule, lines.between(second - self.rule.reach + 1, second))
        return {SUBJECTS[self.rule.scope](hit) for hit in hits}

    def _not_off(self) -> set[Subject]:
        return {
            subject
            for subject, latches in self.latches.items()
            if any(latch.stand is not Stand.OFF for latch in latches)
        }

    def _latches(self, subject: Subject) -> list[LimitState]:
        if subject not in self.latches:
            self.latches[subject] = [LimitState(self.rule, limit) for limit in self.rule.limits]
        return self.latches[subject]

    def _stands(self, subject: Subject) -> list[Stand]:
        return [latch.stand for latch in self._latches(subject)]

    def _note(self, before: list[Stand], after: list[Stand]) -> None:
        for old, new, limit in zip(before, after, self.rule.limits, strict=True):
            if old is not new:
                self.verdict.seen.add(f"{limit.severity}: {old.value} to {new.value}")

    def _severity(self, subject: Subject) -> Severity:
        fires = [latch.limit.severity for latch in self._latches(subject) if latch.fires]
        return Severity.CRITICAL if Severity.CRITICAL in fires else Severity.WARNING

    def _state(self, subject: Subject, read: Reading) -> State:
        mildest = self._latches(subject)[0]
        if mildest.stand is Stand.ON:
            return State(self._severity(subject).value)
        if mildest.stand is Stand.RECOVERING:
            return State.RECOVERING
        if mildest.stand is Stand.PENDING:
            return State.PENDING
        return State.NO_DATA if read.value is None else State.OK

    def _recover(self, second: int) -> None:
        for subject in list(self.open):
            if not self._latches(subject)[0].fires:
                self.open.pop(subject).recovered_at = second

    def _go_on(self, subject: Subject, second: int, read: Reading) -> None:
        incident, severity = self.open[subject], self._severity(subject)
        if severity is not incident.changes[-1][1]:
            incident.changes.append((second, severity))
        if read.value is not None and self._worse(read.value, incident.peak):
            incident.peak, incident.peak_at = read.value, second
        incident.recovering_since = self._latches(subject)[0].since

    def _worse(self, value: float, peak: float) -> bool:
        return value > peak if self.rule.when is When.ABOVE else value < peak

    def _open_more(self, second: int, readings: dict[Subject, Reading]) -> int:
        """Open incidents for those that wait, as long as there is room; return who is left."""
        waiting = [
            (-abs(readings[subject].value or 0), subject or b"", subject)
            for subject, latches in self.latches.items()
            if latches[0].stand is Stand.ON and subject not in self.open
        ]
        room = self.rule.max_incidents - len(self.open)
        for _, _, subject in sorted(waiting)[:room]:
            self._open_one(subject, second, readings[subject])
        return max(0, len(waiting) - room)

    def _open_one(self, subject: Subject, second: int, read: Reading) -> None:
        mildest, severity = self._latches(subject)[0], self._severity(subject)
        threshold = {limit.severity: limit.threshold for limit in self.rule.limits}[severity]
        value = threshold if read.value is None else read.value
        self.open[subject] = Found(
            rule=self.rule.name,
            subject=subject,
            triggered_at=second,
            threshold=threshold,
            hits=read.hits,
            value=value,
            pending_since=mildest.pending_since,
            changes=[(second, severity)],
            peak=value,
            peak_at=second,
        )
        self.verdict.incidents.append(self.open[subject])


def as_rows(incidents: Collection[Incident | Found]) -> list[tuple[object, ...]]:
    """Return incidents as comparable tuples, in the order of their trigger."""
    rows = [
        (
            each.triggered_at,
            each.rule,
            each.subject or b"",
            each.threshold,
            each.hits,
            each.value,
            each.peak,
            each.peak_at,
            each.pending_since,
            each.recovering_since,
            each.recovered_at,
            tuple((second, severity) for second, severity in each.changes),
        )
        for each in incidents
    ]
    return sorted(rows, key=lambda row: row[:3])
