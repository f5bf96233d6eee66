"""Rules that depend on other rules: those that fire while all of some fire, and those held back.

For a second all rules that a rule names are judged before it. What it needs of them is only when
they fired: that is kept here, as the incidents that changed while seconds are judged. So a live
second and a whole stretch of a report are judged alike.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from logmon_tui.alerts.evaluation.alert import Alert, HeldBack, nobody
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.incident import (
    Incident,
    Part,
    Subject,
    subjects_by_scope,
    trigger_order,
)
from logmon_tui.alerts.model.rule import Rule, Scope

MAX_PARTS = 20
"""Maximum parts that an incident names."""


class Firing:
    """When one rule fires: its incidents that are open at first, and those that change later."""

    def __init__(self, open_: Iterable[Incident]) -> None:
        self._first = {incident.id: incident for incident in open_}
        self._open = dict(self._first)  # after all changes
        self._changed: list[Incident] = []
        self._turns: list[int] = []  # seconds from which on it fires, or does not, in turns

    def take(self, changed: Iterable[Incident]) -> None:
        """Note incidents that changed, in the order of seconds."""
        fired = bool(self._open)
        second = None
        for incident in changed:
            if second is not None and incident.changed_at > second:
                fired = self._turn(second, fired)
            second = incident.changed_at
            self._changed.append(incident)
            _apply(self._open, incident)
        if second is not None:
            self._turn(second, fired)

    def _turn(self, second: int, fired: bool) -> bool:  # noqa: FBT001 - a state
        if fired is not bool(self._open):
            self._turns.append(second)
        return bool(self._open)

    def at(self, second: int) -> bool:
        """Tell whether it fires in a second."""
        return bool(self._first) is (bisect_right(self._turns, second) % 2 == 0)

    def turns(self, first: int, last: int) -> list[int]:
        """Return the seconds from `first` to `last` in which it begins or ceases to fire."""
        return self._turns[bisect_right(self._turns, first - 1) : bisect_right(self._turns, last)]

    def open_at(self, second: int) -> list[Incident]:
        """Return the incidents that fire in a second, in the order of their triggers."""
        found = dict(self._first)
        for incident in self._changed:
            if incident.changed_at <= second:
                _apply(found, incident)
        return sorted(found.values(), key=trigger_order)


def _apply(open_: dict[str, Incident], incident: Incident) -> None:
    if incident.firing:
        open_[incident.id] = incident
    else:
        open_.pop(incident.id, None)


Key: TypeAlias = tuple[bytes | None, ...]
"""What a subject is about, in each of some scopes."""


class FiringByKey:
    """When one rule fires for each key of some `scopes`."""

    def __init__(self, scopes: tuple[Scope, ...], open_: Iterable[Incident]) -> None:
        self._scopes = scopes
        self._by_key = {key: Firing(mine) for key, mine in self._keyed(open_).items()}

    def take(self, changed: Iterable[Incident]) -> None:
        """Note incidents that changed, in the order of seconds."""
        for key, mine in self._keyed(changed).items():
            self._by_key.setdefault(key, Firing(())).take(mine)

    def _keyed(self, incidents: Iterable[Incident]) -> dict[Key, list[Incident]]:
        found: dict[Key, list[Incident]] = {}
        for each in incidents:
            found.setdefault(_key(each.subjects, self._scopes), []).append(each)
        return found

    def at(self, key: Key, second: int) -> bool:
        """Tell whether it fires for a key in a second."""
        return key in self._by_key and self._by_key[key].at(second)

    def turns(self, first: int, last: int) -> list[int]:
        """Return the seconds from `first` to `last` in which it begins or ceases for some key."""
        return [turn for each in self._by_key.values() for turn in each.turns(first, last)]


def _key(subjects: Mapping[Scope, bytes], scopes: Sequence[Scope]) -> Key:
    return tuple(subjects.get(scope) for scope in scopes)


class Together:
    """Knows which of the `rules` that others name fire when.

    `begin` must be called before seconds are judged, and `take` with what each rule found in them.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        rules = list(rules)
        self._firing: dict[str, Firing] = {
            name: Firing(()) for rule in rules for name in rule.depends_on
        }
        by_name = {rule.name: rule for rule in rules}
        # Of each rule with `equal`, the rules that can hold it back at all.
        self._holding = {
            rule.name: [
                name
                for name in rule.unless
                if name in by_name and rule.can_be_held_back_by(by_name[name])
            ]
            for rule in rules
            if rule.equal
        }
        self._scopes: dict[str, set[tuple[Scope, ...]]] = {}
        for rule in rules:
            for name in self._holding.get(rule.name, ()):
                self._scopes.setdefault(name, set()).add(rule.equal_scopes)
        self._by_key: dict[str, dict[tuple[Scope, ...], FiringByKey]] = {}
        for name in self._scopes:
            self._begin_by_key(name, ())

    def _begin_by_key(self, name: str, open_: Collection[Incident]) -> None:
        found = {scopes: FiringByKey(scopes, open_) for scopes in self._scopes.get(name, ())}
        self._by_key[name] = found

    def __bool__(self) -> bool:
        return bool(self._firing)

    def begin(self, alerts: Iterable[Alert]) -> None:
        """Begin with what fires now; all that was taken before is forgotten."""
        for alert in alerts if self._firing else ():
            if alert.rule.name in self._firing:
                self._firing[alert.rule.name] = Firing(alert.open.values())
                self._begin_by_key(alert.rule.name, alert.open.values())

    def take(self, rule: Rule, changed: Sequence[Incident]) -> None:
        """Note what a rule found, in the order of seconds."""
        if changed and rule.name in self._firing:
            self._firing[rule.name].take(changed)
            for each in self._by_key.get(rule.name, {}).values():
                each.take(changed)

    def held_back(self, rule: Rule, second: int) -> HeldBack:
        """Return a function that tells for whom a rule opens no incident, as another one fires."""
        if not any(self._firing[name].at(second) for name in rule.unless):
            return nobody
        if not rule.equal:
            return _everybody
        scopes = rule.equal_scopes
        firing = [self._by_key[name][scopes] for name in self._holding[rule.name]]

        def is_held_back(subject: Subject) -> bool:
            key = _key(subjects_by_scope(subject, rule.scopes), scopes)
            return any(each.at(key, second) for each in firing)

        return is_held_back

    def turns(self, rules: Iterable[Rule], first: int, last: int) -> list[int]:
        """Return the seconds from `first` to `last` in which a verdict of `rules` may change.

        These are those in which a rule that they name begins or ceases to fire.
        """
        found: set[int] = set()
        for rule in rules:
            for name in rule.all_ if rule.equal else rule.depends_on:
                found.update(self._firing[name].turns(first, last))
            for name in self._holding.get(rule.name, ()):
                found.update(self._by_key[name][rule.equal_scopes].turns(first, last))
        return sorted(found)

    def measurement(self, rule: Rule, second: int) -> Measurement:
        """Return how many of the rules that a rule combines fire in a second."""
        fire = [name for name in rule.all_ if self._firing[name].at(second)]
        if len(fire) < len(rule.all_):
            missing = [name for name in rule.all_ if name not in fire]
            return Measurement(float(len(fire)), 0, basis=f"{_listed(missing)} not firing")
        counts = [len(self._firing[name].open_at(second)) for name in fire]
        named = [
            name if count == 1 else f"{name} ({count:,})"
            for name, count in zip(fire, counts, strict=True)
        ]
        return Measurement(float(len(fire)), 0, basis=f"{_listed(named)} firing")

    def judge(self, alert: Alert, second: int) -> list[Incident]:
        """Judge a rule that combines others at a second; return the incidents that changed."""
        rule = alert.rule
        alert.held_back = self.held_back(rule, second)
        changed = alert.judge(second, {None: self.measurement(rule, second)})
        return [self._with_parts(alert, each, second) for each in changed]

    def _with_parts(self, alert: Alert, incident: Incident, second: int) -> Incident:
        """Return an incident that fired just now with the incidents that it is made of."""
        if not incident.firing or incident.parts:
            return incident
        parts = [
            Part(each.id, each.rule, each.subject)
            for name in alert.rule.all_
            for each in self._firing[name].open_at(second)
        ]
        found = alert.open[None] = replace(incident, parts=tuple(parts[:MAX_PARTS]))
        return found


class TogetherEvaluator:
    """Judges a rule that combines others over stretches of slots of `bucket_size` seconds."""

    def __init__(self, rule: Rule, bucket_size: int, together: Together) -> None:
        self.alert = Alert(rule)
        self._size = bucket_size
        self._together = together

    def judge(self, begin: int, end: int) -> list[Incident]:
        """Judge the slots after `begin` up to `end`; return the incidents that changed."""
        first, last = (begin + 2) * self._size - 1, (end + 1) * self._size - 1
        turns = self._together.turns([self.alert.rule], first, last)
        changed: list[Incident] = []
        second = first
        while second <= last:
            changed += self._together.judge(self.alert, second)
            following = turns[bisect_right(turns, second) :][:1] or [last + 1]
            due = self.alert.due()
            if due is not None:  # the first slot that ends then or later
                ends = -(-(due + 1) // self._size) * self._size - 1
                following.append(max(second + self._size, ends))
            second = min(following)
        self.alert.whole = self._together.measurement(self.alert.rule, last)
        return changed


def layers(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return rules in layers: each names only rules of the layers before; there is no circle.

    Without rules that name others there is one layer. Names of rules that are not there are left
    out.
    """
    waiting = {rule.name: rule for rule in rules}
    found: list[list[Rule]] = []
    while waiting:
        layer = [rule for rule in waiting.values() if waiting.keys().isdisjoint(rule.depends_on)]
        if not layer:
            raise ValueError(f"rules name each other in a circle: {', '.join(waiting)}")
        for rule in layer:
            del waiting[rule.name]
        found.append(layer)
    return found


def _everybody(_subject: Subject) -> bool:
    return True


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
