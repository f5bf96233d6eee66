"""When a target is told of what: examples, and random histories against rules of their own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.history.silence import Silence, silenced
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.notify.message import Event, EventKind, Group
from logmon_tui.notify.policy import MAX_EVENTS, Moment, Policy
from logmon_tui.notify.screen import Bell
from logmon_tui.notify.target import TargetSettings, wants
from tests.effort import examples
from tests.notify.examples import START, incident

FIRED, SEVERITY, FIRING, RECOVERED = list(EventKind)[:4]
RENOTIFY = {"traffic": 10, "errors": 25}
Key = tuple[str, bytes | None]


@dataclass
class World:
    """A policy, and all that happens around it; wall and monotonic time differ by START."""

    target: TargetSettings
    now: float = 0.0
    open: dict[Key, Incident] = field(default_factory=dict)
    changed: list[Incident] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    told: list[tuple[float, Group]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.policy = Policy(self.target, RENOTIFY)
        self.number = 0
        self.messages_now: dict[str, str] = {}

    def fire(self, key: Key = ("traffic", None), severity: Severity = Severity.CRITICAL) -> None:
        self.number += 1  # ids must differ within a second, too
        fired = incident(*key, START + int(self.now), id=f"{self.number}", severity=severity)
        self.open[key] = fired
        self.changed.append(fired)

    def recover(self, key: Key = ("traffic", None)) -> None:
        ended = replace(self.open.pop(key), recovered_at=START + int(self.now), recovery="over")
        self.changed.append(ended)

    def alter(self, key: Key = ("traffic", None), **changes: object) -> None:
        self.open[key] = replace(self.open[key], **changes)  # type: ignore[arg-type]

    def step(self, seconds: float = 0.0, *, hold: bool = False) -> list[tuple[str, str]]:
        """Let time pass; return kinds and rules of what is told then."""
        self.now += seconds
        wall = START + self.now
        changed, self.changed = self.changed, []
        moment = Moment(
            self.now,
            wall,
            changed,
            list(self.open.values()),
            tuple(self.silences),
            hold,
            messages_now=self.messages_now,
        )
        group = self.policy.step(moment)
        if group is None:
            return []
        self.told.append((self.now, group))
        return [(event.kind.value, event.incident.rule) for event in group.events]

    def steps(self, seconds: int) -> list[tuple[str, str]]:
        return [told for _ in range(seconds) for told in self.step(1.0)]

    def silence(self, seconds: float, rule: str | None = None) -> None:
        wall = START + self.now
        self.silences.append(Silence(wall, wall + seconds, rule))

    @property
    def events(self) -> list[tuple[float, Event]]:
        return [(now, event) for now, group in self.told for event in group.events]


def world(**given_settings: object) -> World:
    return World(Bell(**{"group_wait": 0.0, **given_settings}))  # type: ignore[arg-type]


def test_a_fire_and_its_recovery_are_told_once() -> None:
    each = world()
    each.fire()
    assert each.step() == [("fired", "traffic")]
    assert each.steps(3) == []
    each.recover()
    assert each.step() == [("recovered", "traffic")]
    assert each.steps(60) == []


def test_a_burst_within_the_wait_is_one_message_of_all() -> None:
    each = world(group_wait=3)
    each.fire()
    assert each.step() == []
    each.fire(("errors", b"/api"))
    assert each.step(2.9) == []
    assert each.step(0.1) == [("fired", "traffic"), ("fired", "errors")]


def test_a_fire_that_recovers_within_the_wait_is_told_with_its_recovery() -> None:
    each = world(group_wait=3)
    each.fire()
    each.step()
    each.recover()
    assert each.step(1) == []
    assert each.step(2) == [("fired", "traffic"), ("recovered", "traffic")]
    assert each.told[0][1].events[0].incident.firing


def test_what_fired_and_recovered_between_two_moments_is_not_told() -> None:
    each = world()
    each.fire()
    each.recover()
    each.fire(("errors", None))
    assert each.step() == [("fired", "errors")]
    assert each.steps(30) == [("firing", "errors")]


def test_a_flapping_rule_sends_one_pair_in_each_interval() -> None:
    each = world()
    for _ in range(20):
        each.fire()
        each.step(0.5)
        each.recover()
        each.step(0.5)
    assert [(now, event.kind) for now, event in each.events] == [
        (0.5, FIRED),
        (1.0, RECOVERED),
        (10.5, FIRED),
        (11.0, RECOVERED),
    ]


def test_what_is_critical_does_not_wait_for_a_warning_told_before_but_only_once() -> None:
    each = world()
    for severity in (Severity.WARNING, Severity.CRITICAL, Severity.CRITICAL):
        each.fire(severity=severity)
        each.step(0.5)
        each.recover()
        each.step(0.5)
    assert [(now, event.kind, event.incident.severity) for now, event in each.events] == [
        (0.5, FIRED, Severity.WARNING),
        (1.0, RECOVERED, Severity.WARNING),
        (1.5, FIRED, Severity.CRITICAL),
        (2.0, RECOVERED, Severity.CRITICAL),
    ]


def test_a_fire_within_the_interval_is_told_at_its_end_if_it_still_fires() -> None:
    each = world()
    each.fire()
    each.step()
    each.recover()
    each.step(1)
    each.fire()
    assert each.step() == each.steps(8) == []
    assert each.step(1) == [("fired", "traffic")]


def test_what_still_fires_is_told_again_each_interval_but_not_once_acknowledged() -> None:
    each = world()
    each.fire()
    each.step()
    assert each.steps(9) == []
    assert each.step(1) == [("firing", "traffic")]
    assert each.steps(10) == [("firing", "traffic")]
    each.alter(acknowledged_at=1.0)
    assert each.steps(30) == []
    each.recover()
    assert each.step() == [("recovered", "traffic")]


def test_a_worse_severity_is_told_at_once_a_milder_one_when_it_would_be_told_again() -> None:
    each = world()
    each.fire(severity=Severity.WARNING)
    each.step()
    for severity in (Severity.CRITICAL, Severity.WARNING) * 3:
        each.alter(severity=severity)
        each.step(1)
    assert [(event.kind, event.incident.severity) for _, event in each.events] == [
        (FIRED, Severity.WARNING),
        (SEVERITY, Severity.CRITICAL),
    ]
    assert each.steps(6) == [("severity", "traffic")]
    assert each.events[-1][1].incident.severity is Severity.WARNING


def test_nothing_silenced_is_told_until_the_silence_ends() -> None:
    each = world()
    each.silence(20, "traffic")
    each.fire()
    each.fire(("errors", None))
    assert each.step() == [("fired", "errors")]
    assert each.steps(19) == []
    assert each.step(1) == [("fired", "traffic")]


def test_what_recovers_while_silenced_is_never_told_unless_its_fire_was() -> None:
    each = world()
    each.fire()
    each.step()
    each.silence(5)
    each.fire(("errors", None))
    each.step(1)
    each.recover()
    each.recover(("errors", None))
    assert each.step(1) == []
    assert each.steps(10) == [("recovered", "traffic")]


def test_a_silence_that_begins_while_a_message_waits_holds_it_back() -> None:
    each = world(group_wait=3)
    each.fire()
    each.step()
    each.silence(60)
    assert each.steps(30) == []


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ((), ["ddos", "endpoint_slow", "endpoint_x"]),
        (("endpoint_*",), ["endpoint_slow", "endpoint_x"]),
        (("!ddos",), ["endpoint_slow", "endpoint_x"]),
        (("endpoint_*", "!endpoint_x"), ["endpoint_slow"]),
        (("!*",), []),
    ],
)
def test_rules_are_chosen_by_patterns(rules: tuple[str, ...], told: list[str]) -> None:
    each = world(rules=rules)
    for rule in ("ddos", "endpoint_slow", "endpoint_x"):
        each.fire((rule, None))
    assert [rule for _, rule in each.step()] == told
    assert [rule for rule in RENOTIFY if wants(each.target, incident(rule))] == (
        [] if rules and rules != ("!ddos",) else ["traffic", "errors"]
    )


def test_a_target_for_what_is_critical_hears_of_a_warning_once_it_is_critical() -> None:
    each = world(severity=Severity.CRITICAL)
    each.fire(severity=Severity.WARNING)
    assert each.steps(30) == []
    each.alter(severity=Severity.CRITICAL)
    assert each.step() == [("fired", "traffic")]


def test_what_a_backlog_holds_is_not_told_but_what_still_fires_at_its_end() -> None:
    each = world()
    for key in (("traffic", None), ("errors", None)):
        each.fire(key)
        assert each.step(1, hold=True) == []
    each.recover()
    assert each.step(1, hold=True) == []
    assert each.step(1) == [("fired", "errors")]


def test_what_a_former_run_told_is_not_told_anew_but_its_recovery_is() -> None:
    each = world()
    each.now = 100.0
    each.fire()
    each.changed.clear()
    each.policy.adopt(list(each.open.values()), each.now, START + each.now)
    assert each.steps(5) == []
    each.recover()
    assert each.step() == [("recovered", "traffic")]


def test_what_fires_when_another_run_is_taken_over_counts_as_told_and_nothing_else_does() -> None:
    """As long as another run tells the targets, what fires is adopted again and again."""
    each = world()
    each.fire(("errors", b"/old"))
    each.step(1, hold=True)
    each.policy.adopt(list(each.open.values()), each.now, START + each.now)
    each.recover(("errors", b"/old"))
    each.fire(("errors", b"/told"))
    each.step(1, hold=True)
    each.policy.adopt(list(each.open.values()), each.now, START + each.now)
    each.fire(("errors", b"/new"))
    each.step(0.25, hold=True)
    each.step()
    each.recover(("errors", b"/told"))
    each.step(1)
    assert [(event.kind, event.incident.subject) for _, event in each.events] == [
        (FIRED, b"/new"),
        (RECOVERED, b"/told"),
    ]


def test_in_a_message_what_fires_stands_before_what_recovered_the_worst_first() -> None:
    each = world(group_wait=3.0)
    for name in (b"/a", b"/b"):
        each.fire(("errors", name))
    each.steps(5)
    each.recover(("errors", b"/a"))
    each.fire(("errors", b"/c"), Severity.WARNING)
    each.recover(("errors", b"/b"))
    each.fire(("errors", b"/d"))
    each.steps(5)
    assert [(event.kind, event.incident.subject) for event in each.told[-1][1].events] == [
        (FIRED, b"/d"),
        (FIRED, b"/c"),
        (RECOVERED, b"/a"),
        (RECOVERED, b"/b"),
    ]


def test_of_what_recovered_and_fired_anew_the_fire_stands_first() -> None:
    each = world(group_wait=3.0)
    each.fire()
    each.steps(20)
    each.recover()
    each.fire()
    assert each.steps(5) == [("fired", "traffic"), ("recovered", "traffic")]
    first, second = (event.incident.id for event in each.told[-1][1].events)
    assert first != second


def test_what_ends_without_recovering_is_forgotten() -> None:
    each = world()
    each.fire()
    each.step()
    each.open.clear()
    assert each.steps(60) == []
    assert not each.policy._states


def test_of_a_storm_the_worst_are_told_and_the_others_counted() -> None:
    each = world(per_minute=1)
    for number in range(MAX_EVENTS + 30):
        severity = Severity.CRITICAL if number % 5 == 0 else Severity.WARNING
        each.fire(("ddos", b"10.0.0.%d" % number), severity)
    each.step()
    ((_, group),) = each.told
    assert (len(group.events), group.more) == (MAX_EVENTS, 30)
    assert {event.incident.subject for event in group.events} >= {b"10.0.0.0", b"10.0.0.45"}
    for key in list(each.open):
        each.recover(key)
    assert len(each.steps(61)) == MAX_EVENTS
    assert each.told[1][1].more == 0  # of those that were only counted nothing more


def test_messages_beyond_the_rate_become_one() -> None:
    each = world(per_minute=3)
    for number in range(10):
        each.fire(("errors", b"/%d" % number))
        each.step(1)
    assert [len(group.events) for _, group in each.told] == [1, 1, 1]
    each.steps(60)
    assert [(now, len(group.events)) for now, group in each.told[3:4]] == [(61.0, 10)]


KEYS: Sequence[Key] = (("traffic", None), ("errors", b"/a"), ("errors", b"/b"))
actions = st.tuples(
    st.sampled_from(["toggle", "toggle", "worse", "milder", "acknowledge", "silence", "blip"]),
    st.sampled_from(KEYS),
    st.sampled_from([0.0, 0.5, 1.0, 4.0, 9.0]),
    st.booleans(),
)


def act(each: World, action: str, key: Key) -> None:
    fires = key in each.open
    if action == "toggle" and fires:
        each.recover(key)
    elif action in {"toggle", "blip"} and not fires:
        each.fire(key, Severity.WARNING if each.number % 3 else Severity.CRITICAL)
        if action == "blip":
            each.recover(key)
    elif action in {"worse", "milder"} and fires:
        severity = Severity.CRITICAL if action == "worse" else Severity.WARNING
        each.alter(key, severity=severity)
    elif action == "acknowledge" and fires:
        each.alter(key, acknowledged_at=1.0)
    elif action == "silence":
        wall = START + each.now
        scope = None if key[1] is None else Scope.CLIENT
        each.silences.append(Silence(wall, wall + 17, key[0], scope, key[1]))


def check(each: World) -> None:
    """Hold everything told to what may be told at all."""
    fired: dict[str, float] = {}
    last: dict[Key, float] = defaultdict(lambda: -1e9)
    recovered: set[str] = set()
    worst: dict[Key, Severity] = {}
    for now, event in each.events:
        told = event.incident
        key = told.rule, told.subject
        assert not silenced(told, tuple(each.silences), START + now)
        if event.kind is FIRED:
            assert told.id not in fired
            worse = told.severity is Severity.CRITICAL and worst.get(key) is Severity.WARNING
            assert worse or now - last[key] >= RENOTIFY[told.rule]
            fired[told.id] = last[key] = now
            worst[key] = told.severity
        else:
            assert told.id in fired
            assert told.id not in recovered
            if told.severity is Severity.CRITICAL:
                worst[key] = Severity.CRITICAL
        if event.kind is RECOVERED:
            assert not told.firing
            recovered.add(told.id)
        else:
            assert told.firing
        if event.kind in {FIRED, FIRING}:
            assert not told.acknowledged
            assert wants(each.target, told)
    sent = [now for now, _ in each.told]
    most = each.target.per_minute
    assert all(late - early >= 60 for early, late in zip(sent, sent[most:], strict=False))


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(actions, max_size=60),
    st.sampled_from([0.0, 3.0]),
    st.sampled_from([2, 600]),
    st.sampled_from(Severity),
)
def test_random_histories_are_told_as_promised(
    history: list[tuple[str, Key, float, bool]],
    group_wait: float,
    per_minute: int,
    severity: Severity,
) -> None:
    each = world(group_wait=group_wait, per_minute=per_minute, severity=severity)
    for action, key, seconds, hold in history:
        each.now += 1 / 64  # no two things happen at once
        act(each, action, key)
        each.step(seconds, hold=hold and action == "blip")
    each.steps(150)
    check(each)
    told = {event.incident.id: event for _, event in each.events}  # the last of each
    for firing in each.open.values():
        if wants(each.target, firing) and not firing.acknowledged:
            assert told[firing.id].incident.severity is firing.severity
    firing_ids = {firing.id for firing in each.open.values()}
    for _, event in each.events:
        if event.incident.id not in firing_ids:
            assert told[event.incident.id].kind is RECOVERED
    for state in each.policy._states.values():
        assert (
            state.waiting is None
            or not wants(each.target, state.waiting)
            or (state.waiting.acknowledged)
        )


def test_that_it_fires_still_is_told_in_the_words_of_now() -> None:
    each = world()
    each.fire()
    each.fire(("busy", None))
    each.step()
    each.messages_now = {"2": "busy as never before"}
    each.step(900)
    said = [(event.kind, event.incident.message) for _, event in each.events]
    assert said[2:] == [(EventKind.FIRING, said[0][1]), (EventKind.FIRING, "busy as never before")]
    each.recover(("busy", None))
    each.step()
    assert each.events[-1][1].incident.message == said[1][1]
