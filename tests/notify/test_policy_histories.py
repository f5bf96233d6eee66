"""Random histories of incidents are told by rules of their own."""

from collections import defaultdict
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.history.silence import Silence, silenced
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.notify.target import wants
from tests.effort import examples
from tests.notify.examples import START
from tests.notify.policy_world import FIRED, FIRING, RECOVERED, RENOTIFY, Key, World, world

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
    st.sampled_from(["", "", "!rule:traffic", "subject:/a,-", "severity:critical,rule:errors"]),
)
def test_random_histories_are_told_as_promised(
    history: list[tuple[str, Key, float, bool]],
    group_wait: float,
    per_minute: int,
    severity: Severity,
    where: str,
) -> None:
    each = world(group_wait=group_wait, per_minute=per_minute, severity=severity, where=where)
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
