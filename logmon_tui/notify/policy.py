"""Decides what one target is notified of, and when. Pure: every time is a parameter.

For each rule and subject, a `NotificationState` holds what was notified last. The policy compares
it with the present incidents:

- Fired: an incident that is severe enough is notified as `fired`. A subject fires at most once in
  its rule's `renotify` seconds. An incident within them waits for their end, and is dropped if it
  recovers first. A critical incident does not wait if only a warning was notified.
- Fired and recovered between two moments: not notified. The moment came late, as after a pause.
- Recovered: notified only if `fired` was.
- Still firing: notified again every `renotify` seconds, unless a user acknowledged the incident. A
  worse severity is notified at once, a milder one with the next repetition.
- Silenced: nothing is notified. When the silence ends, incidents that still fire are notified, and
  so are recoveries of incidents that were notified before it began.

Due events wait `group_wait` seconds so that one message can hold several. They wait longer while
`per_minute` messages were sent within the last minute. With `group_by` incidents that differ in one
of these fields have messages of their own, each with its own wait. A message lists new fires before
recoveries.
Of more than MAX_EVENTS events it lists the worst and counts the others. The recovery of an incident
that was only counted is not notified, unless a later message listed the incident.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from logmon_tui.alerts.history.expression import group_of
from logmon_tui.alerts.history.silence import Silence, silenced
from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.notify.message import Event, EventKind, Group
from logmon_tui.notify.target import TargetSettings, wants, wants_rule

MAX_EVENTS = 20
"""Maximum events that a message lists; it counts the others."""
RENOTIFY = 900
"""Seconds until an incident is notified again, unless its rule sets another time."""

_MINUTE = 60.0


class Moment(NamedTuple):
    """The incidents and silences at one time: monotonic `now` and wall time `wall`, in seconds.

    `changed` are the incidents that changed since the previous moment, in order. `open` are all
    that fire. `hold` forbids notifications, because the rules are still judging the past. `last`
    says that no moment follows, so due events are sent without waiting. `messages_now` maps
    incident ids to their present messages, where these differ from `Incident.message`.
    """

    now: float
    wall: float
    changed: Sequence[Incident] = ()
    open: Sequence[Incident] = ()
    silences: tuple[Silence, ...] = ()
    hold: bool = False
    last: bool = False
    messages_now: Mapping[str, str] = MappingProxyType({})


class NotificationState(msgspec.Struct):
    """What one target was notified of for one rule and subject.

    `notified` is the incident as of the last notification, at `notified_at`; None once its recovery
    was notified. `latest` is the same incident as it is now. `waiting` is a later incident that was
    not notified yet. `fired_at` is when `fired` was last notified, and `worst` the worst severity
    notified since. `listed` is False if messages only counted the incident. Times are monotonic.
    """

    notified: Incident | None = None
    latest: Incident | None = None
    waiting: Incident | None = None
    notified_at: float = -inf
    fired_at: float = -inf
    worst: Severity = Severity.WARNING
    listed: bool = True

    def update(self, incident: Incident) -> None:
        """Take the present version of an incident."""
        if self.latest is not None and self.latest.id == incident.id:
            self.latest = incident
        elif incident.firing or (self.waiting is not None and self.waiting.id == incident.id):
            self.waiting = incident

    def drop_missing(self, firing: frozenset[str]) -> None:
        """Drop incidents that vanished without recovering, because their rule was removed."""
        if self.latest is not None and self.latest.firing and self.latest.id not in firing:
            self.notified = self.latest = None
        if self.waiting is not None and self.waiting.firing and self.waiting.id not in firing:
            self.waiting = None

    def record(self, event: Event, now: float, *, listed: bool) -> None:
        """Record that an event was notified; `listed` is False if the message only counts it."""
        self.notified_at = now
        if event.kind is EventKind.RECOVERED:
            self.notified = self.latest = None
        elif event.kind is EventKind.FIRED:
            self.notified, self.latest, self.waiting = event.incident, self.waiting, None
            self.fired_at, self.listed = now, listed
            self.worst = event.incident.severity
        else:
            self.notified = self.latest
            self.listed = self.listed or listed
            if event.incident.severity is Severity.CRITICAL:
                self.worst = Severity.CRITICAL


_Due = tuple[NotificationState, list[Event]]
"""A rule and subject with its events that are due."""


class Policy:
    """Decides for one target; `renotify` maps names of rules to seconds."""

    def __init__(self, target: TargetSettings, renotify: Mapping[str, int]) -> None:
        self._target = target
        self.renotify = renotify
        self._states: dict[tuple[str, Subject], NotificationState] = {}
        self._due_since: dict[tuple[bytes, ...], float] = {}  # by group
        self._sent: deque[float] = deque(maxlen=target.per_minute)

    def adopt(
        self,
        open_: Sequence[Incident],
        now: float,
        wall: float,
        silences: tuple[Silence, ...] = (),
    ) -> None:
        """Mark firing incidents as already notified, by a former run; forget all others.

        Incidents that fired under a silence were not notified. They will be when it ends.
        """
        self._states.clear()
        for incident in open_:
            key = incident.rule, incident.subject
            was_silenced = silenced(incident, silences, incident.triggered_at)
            if wants(self._target, incident) and not was_silenced:
                fired_at = now - max(0.0, wall - incident.triggered_at)
                state = NotificationState(incident, incident, None, now, fired_at, incident.worst)
                self._states[key] = state

    def step(self, moment: Moment) -> list[Group]:
        """Return the events to notify at this moment, a group for each message."""
        self._observe(moment)
        if moment.hold:
            return []
        due: dict[tuple[bytes, ...], list[_Due]] = {}
        for state in self._states.values():
            if events := self._due(state, moment):
                key = group_of(self._target.group_by, events[0].incident)
                due.setdefault(key, []).append((state, events))
        self._due_since = {key: self._due_since.get(key, moment.now) for key in due}
        groups = []
        for key, since in sorted(self._due_since.items(), key=lambda each: each[1]):
            waited = moment.now - since >= self._target.group_wait
            if moment.last or (waited and self._may_send(moment.now)):
                groups.append(self._group(due[key], moment.now))
                del self._due_since[key]
        return groups

    def _observe(self, moment: Moment) -> None:
        """Update the states from a moment's incidents, and delete idle ones."""
        for incident in moment.changed:
            known = self._states.get((incident.rule, incident.subject))
            if known is not None and not incident.firing:
                known.update(incident)
        for incident in moment.open:
            if wants_rule(self._target, incident.rule):
                key = incident.rule, incident.subject
                self._states.setdefault(key, NotificationState()).update(incident)
        firing = frozenset(incident.id for incident in moment.open)
        for key, state in list(self._states.items()):
            state.drop_missing(firing)
            self._drop_recovered(state, moment)
            idle = state.latest is None and state.waiting is None
            if idle and moment.now - state.fired_at >= self._interval(key[0]):
                del self._states[key]

    def _drop_recovered(self, state: NotificationState, moment: Moment) -> None:
        """Drop incidents that recovered and whose recovery is not to be notified."""
        latest, waiting = state.latest, state.waiting
        if latest is not None and not latest.firing and not state.listed:
            state.notified = state.latest = None
        if waiting is not None and not waiting.firing:
            held = moment.hold or silenced(waiting, moment.silences, moment.wall)
            if held or not self._may_fire(state, waiting, moment.now):
                state.waiting = None

    def _due(self, state: NotificationState, moment: Moment) -> list[Event]:
        """Return the events of a rule and subject that are due now, in order."""
        current = state.latest or state.waiting
        if current is None or silenced(current, moment.silences, moment.wall):
            return []
        events = []
        if state.latest is not None:
            if state.latest.firing:
                return self._repetition(state, state.latest, moment)
            events.append(Event(EventKind.RECOVERED, state.latest))
        waiting = state.waiting
        if waiting is not None and self._may_fire(state, waiting, moment.now):
            fired = replace(waiting, recovered_at=None, recovery="")
            events.append(Event(EventKind.FIRED, fired))
            if not waiting.firing:
                events.append(Event(EventKind.RECOVERED, waiting))
        return events

    def _may_fire(self, state: NotificationState, incident: Incident, now: float) -> bool:
        if incident.acknowledged or not wants(self._target, incident):
            return False
        worse = incident.severity is Severity.CRITICAL and state.worst is Severity.WARNING
        return worse or now - state.fired_at >= self._interval(incident.rule)

    def _repetition(
        self, state: NotificationState, latest: Incident, moment: Moment
    ) -> list[Event]:
        """Return the due event of an incident that was notified and still fires, if any."""
        before = latest.severity if state.notified is None else state.notified.severity
        changed = before is not latest.severity
        if changed and latest.severity is Severity.CRITICAL:
            return [Event(EventKind.SEVERITY, latest)]
        if latest.acknowledged or moment.now - state.notified_at < self._interval(latest.rule):
            return []
        if changed:
            return [Event(EventKind.SEVERITY, latest)]
        if not wants(self._target, latest):
            return []
        message = moment.messages_now.get(latest.id, latest.message)
        return [Event(EventKind.FIRING, replace(latest, message=message))]

    def _interval(self, rule: str) -> int:
        return self.renotify.get(rule, RENOTIFY)

    def _may_send(self, now: float) -> bool:
        full = len(self._sent) == self._target.per_minute
        return not full or now - self._sent[0] >= _MINUTE

    def _group(self, due: list[_Due], now: float) -> Group:
        """Record all due events as notified; return the worst, and how many others there are."""
        listed: list[Event] = []
        more = 0
        for state, events in sorted(due, key=lambda each: _mildness(each[1])):
            fits = not more and len(listed) + len(events) <= MAX_EVENTS
            for event in events:
                state.record(event, now, listed=fits)
            if fits:
                listed += events
            else:
                more += len(events)
        self._sent.append(now)
        listed.sort(key=lambda event: _mildness([event]))
        return Group(tuple(listed), more)


def _mildness(events: Sequence[Event]) -> tuple[bool, bool]:
    """Return a sort key that puts firing before recovered, and critical before warning."""
    return min(
        (event.kind is EventKind.RECOVERED, event.incident.severity is not Severity.CRITICAL)
        for event in events
    )
