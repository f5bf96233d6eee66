"""What is told to one target, and when. Pure: every time comes in.

For each rule and subject (a `Standing`) the policy compares what was told with what is:

- an incident that is bad enough is told as `fired`, but not within the rule's `renotify` seconds of
  the last one told as fired: it waits for their end, and is forgotten if it recovers before; one
  that is critical does not wait for what was only a warning;
- what fired and recovered between two moments came late, as after a pause: it is not told;
- its recovery is told only if it was told to have fired;
- while it fires, and nobody has acknowledged it, it is told again each `renotify` seconds;
  a worse severity is told at once, a milder one when it would be told again;
- nothing of what is silenced is told; what still fires when the silence ends is told then, and so
  is the recovery of what was told before.

What is due waits `group_wait` seconds for company, and while `per_minute` messages were sent within
a minute. In a message what fires stands before what recovered. Of more than MOST_EVENTS the worst
are told, the others counted; of an incident that was only counted no recovery is told, unless it
was told again meanwhile.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from types import MappingProxyType
from typing import NamedTuple

from logmon_tui.alerts.history.silence import Silence, silenced
from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.notify.message import Event, EventKind, Group
from logmon_tui.notify.target import TargetSettings, wants, wants_rule, wants_severity

MOST_EVENTS = 20
RENOTIFY = 900
"""Seconds, for a rule of which nothing else is known."""

_MINUTE = 60.0


class Moment(NamedTuple):
    """How things are at the monotonic time `now` and the wall time `wall`, in seconds.

    `changed` are the incidents that changed since the moment before, in order, `open` all that
    fire. With `hold` nothing is told, for what is judged lies in the past. A `last` moment is
    followed by none: what is due is told without waiting. `messages_now` are by ids what messages
    of incidents say now, where that is not what they said before.
    """

    now: float
    wall: float
    changed: Sequence[Incident] = ()
    open: Sequence[Incident] = ()
    silences: tuple[Silence, ...] = ()
    hold: bool = False
    last: bool = False
    messages_now: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Standing:
    """What was told of one rule and subject, and what is.

    `told` is the incident as it was told at `told_at`, until its recovery is told; `latest` is the
    same one as it is. `next` is another one that was not told. `fired_at` is when one was last
    told to have fired, `worst` what was told of its severity. One that is not `detailed` was only
    counted.
    """

    told: Incident | None = None
    latest: Incident | None = None
    next: Incident | None = None
    told_at: float = -inf
    fired_at: float = -inf
    worst: Severity = Severity.WARNING
    detailed: bool = True

    def note(self, incident: Incident) -> None:
        """Take an incident as it is now."""
        if self.latest is not None and self.latest.id == incident.id:
            self.latest = incident
        elif incident.firing or (self.next is not None and self.next.id == incident.id):
            self.next = incident

    def forget_missing(self, firing: frozenset[str]) -> None:
        """Drop what ended without recovering: its rule was taken away."""
        if self.latest is not None and self.latest.firing and self.latest.id not in firing:
            self.told = self.latest = None
        if self.next is not None and self.next.firing and self.next.id not in firing:
            self.next = None

    def tell(self, event: Event, now: float, *, detailed: bool) -> None:
        """Note that an event is told."""
        self.told_at = now
        if event.kind is EventKind.RECOVERED:
            self.told = self.latest = None
        elif event.kind is EventKind.FIRED:
            self.told, self.latest, self.next = event.incident, self.next, None
            self.fired_at, self.detailed = now, detailed
            self.worst = event.incident.severity
        else:
            self.told = self.latest
            self.detailed = self.detailed or detailed
            if event.incident.severity is Severity.CRITICAL:
                self.worst = Severity.CRITICAL


class Policy:
    """Decides for one target; `renotify` tells seconds by names of rules."""

    def __init__(self, target: TargetSettings, renotify: Mapping[str, int]) -> None:
        self._target = target
        self._renotify = renotify
        self._standings: dict[tuple[str, Subject], Standing] = {}
        self._due_since: float | None = None
        self._sent: deque[float] = deque(maxlen=target.per_minute)

    def adopt(
        self,
        open_: Sequence[Incident],
        now: float,
        wall: float,
        silences: tuple[Silence, ...] = (),
    ) -> None:
        """Take what fires, and nothing else, for told: another run has done so.

        What fired while it was silenced was not told; it is once the silence ends.
        """
        self._standings.clear()
        for incident in open_:
            key = incident.rule, incident.subject
            untold = silenced(incident, silences, incident.triggered_at)
            if wants(self._target, incident) and not untold:
                fired_at = now - max(0.0, wall - incident.triggered_at)
                standing = Standing(incident, incident, None, now, fired_at, incident.worst)
                self._standings[key] = standing

    def step(self, moment: Moment) -> Group | None:
        """Return what is to be told at a moment, None if nothing is."""
        self._observe(moment)
        if moment.hold:
            return None
        due = [
            (standing, events)
            for standing in self._standings.values()
            if (events := self._due(standing, moment))
        ]
        if not due:
            self._due_since = None
            return None
        if self._due_since is None:
            self._due_since = moment.now
        waited = moment.now - self._due_since >= self._target.group_wait
        if not moment.last and not (waited and self._may_send(moment.now)):
            return None
        return self._tell(due, moment.now)

    def _observe(self, moment: Moment) -> None:
        for incident in moment.changed:
            known = self._standings.get((incident.rule, incident.subject))
            if known is not None and not incident.firing:
                known.note(incident)
        for incident in moment.open:
            if wants_rule(self._target, incident.rule):
                key = incident.rule, incident.subject
                self._standings.setdefault(key, Standing()).note(incident)
        firing = frozenset(incident.id for incident in moment.open)
        for key, standing in list(self._standings.items()):
            standing.forget_missing(firing)
            self._forget_recovered(standing, moment)
            idle = standing.latest is None and standing.next is None
            if idle and moment.now - standing.fired_at >= self._interval(key[0]):
                del self._standings[key]

    def _forget_recovered(self, standing: Standing, moment: Moment) -> None:
        """Drop what recovered before it could be told."""
        latest, waiting = standing.latest, standing.next
        if latest is not None and not latest.firing and not standing.detailed:
            standing.told = standing.latest = None
        if waiting is not None and not waiting.firing:
            held = moment.hold or silenced(waiting, moment.silences, moment.wall)
            if held or not self._may_fire(standing, waiting, moment.now):
                standing.next = None

    def _due(self, standing: Standing, moment: Moment) -> list[Event]:
        """Return what is to be told of a rule and subject now, in order."""
        subject_of = standing.latest or standing.next
        if subject_of is None or silenced(subject_of, moment.silences, moment.wall):
            return []
        events = []
        if standing.latest is not None:
            if standing.latest.firing:
                return self._again(standing, standing.latest, moment)
            events.append(Event(EventKind.RECOVERED, standing.latest))
        waiting = standing.next
        if waiting is not None and self._may_fire(standing, waiting, moment.now):
            fired = replace(waiting, recovered_at=None, recovery="")
            events.append(Event(EventKind.FIRED, fired))
            if not waiting.firing:
                events.append(Event(EventKind.RECOVERED, waiting))
        return events

    def _may_fire(self, standing: Standing, incident: Incident, now: float) -> bool:
        if incident.acknowledged or not wants_severity(self._target, incident.severity):
            return False
        worse = incident.severity is Severity.CRITICAL and standing.worst is Severity.WARNING
        return worse or now - standing.fired_at >= self._interval(incident.rule)

    def _again(self, standing: Standing, latest: Incident, moment: Moment) -> list[Event]:
        """Return what is to be told of an incident that was told and still fires."""
        before = latest.severity if standing.told is None else standing.told.severity
        changed = before is not latest.severity
        if changed and latest.severity is Severity.CRITICAL:
            return [Event(EventKind.SEVERITY, latest)]
        if latest.acknowledged or moment.now - standing.told_at < self._interval(latest.rule):
            return []
        if changed:
            return [Event(EventKind.SEVERITY, latest)]
        if not wants_severity(self._target, latest.severity):
            return []
        said = moment.messages_now.get(latest.id, latest.message)
        return [Event(EventKind.FIRING, replace(latest, message=said))]

    def _interval(self, rule: str) -> int:
        return self._renotify.get(rule, RENOTIFY)

    def _may_send(self, now: float) -> bool:
        full = len(self._sent) == self._target.per_minute
        return not full or now - self._sent[0] >= _MINUTE

    def _tell(self, due: list[tuple[Standing, list[Event]]], now: float) -> Group:
        """Note that all of it is told; return the worst of it, and how many more there are."""
        told: list[Event] = []
        more = 0
        for standing, events in sorted(due, key=lambda each: _mildness(each[1])):
            detailed = not more and len(told) + len(events) <= MOST_EVENTS
            for event in events:
                standing.tell(event, now, detailed=detailed)
            if detailed:
                told += events
            else:
                more += len(events)
        self._sent.append(now)
        self._due_since = None
        told.sort(key=lambda event: _mildness([event]))
        return Group(tuple(told), more)


def _mildness(events: Sequence[Event]) -> tuple[bool, bool]:
    """Return what is smaller for what matters more: what fires, then what is critical."""
    return min(
        (event.kind is EventKind.RECOVERED, event.incident.severity is not Severity.CRITICAL)
        for event in events
    )
