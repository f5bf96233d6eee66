"""AlertManager.reload: other rules go on from what the former ones counted."""

import random
from typing import Any

import pytest

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.state_file import StateFile
from tests.state.restarts import LOG, assert_same, position_at, without_evidence
from tests.state.stores import Open
from tests.traffic import START, batch_of, settings_of, traffic_of

RULES: dict[str, dict[str, Any]] = {
    "busy": {"metric": "hits", "scope": "client", "window": 30, "critical": 40},
    "slow": {"metric": "share", "status": "5xx", "window": 20, "critical": 0.2, "for": 5},
}
SLO = {"shop": {"objective": 0.9}}


def given(**more: Any) -> Settings:
    return settings_of(threshold=3, alert_window=30, rules=RULES, slo=SLO, **more)


def run(reloads: dict[int, Settings], seed: int) -> tuple[HTTPMonitor, list[Incident]]:
    """Watch some minutes of traffic, and reload settings at some seconds of it."""
    hits = traffic_of([(0, 60, 4, 0.1, 0.5), (20, 90, 9, 0.4, 0.9), (40, 60, 2, 0.0, 0.1)], seed)
    monitor, changed = HTTPMonitor(given(), journal=True), []
    first = hits[0].second
    for second in range(first, hits[-1].second + 200):
        now = [each for each in hits if each.second == second]
        if now:
            monitor.feed(batch_of(now), float(second))
        changed += monitor.tick(float(second), float(second))
        if second - first in reloads:
            monitor.alerts.reload(reloads[second - first])
    return monitor, changed


@pytest.mark.parametrize("seed", range(4))
def test_the_same_settings_change_nothing(seed: int) -> None:
    plain, expected = run({}, seed)
    chance = random.Random(seed)
    again, found = run({chance.randrange(270): given() for _ in range(12)}, seed)
    assert without_evidence(found) == without_evidence(expected)
    assert expected
    assert_same(again, plain)
    assert again.alerts.picture(START).objectives == plain.alerts.picture(START).objectives


def test_evidence_is_there_right_after_a_reload() -> None:
    _, found = run(dict.fromkeys(range(270), given()), 1)
    explained = [each for each in found if each.firing and each.evidence is not None]
    assert explained
    _, plain = run({}, 1)
    first = next(each for each in plain if each.firing)
    same = next(each for each in found if each.id == first.id)
    assert first.evidence is not None
    assert same.evidence is not None
    assert (same.evidence.before, same.evidence.now) == (
        first.evidence.before,
        first.evidence.now,
    )


def test_a_rule_that_is_gone_ends_and_another_threshold_counts() -> None:
    other = settings_of(threshold=1_000, alert_window=30, rules={"busy": RULES["busy"]})
    monitor, found = run({100: other}, 2)
    assert not [
        each for each in found if each.rule == "traffic" and each.triggered_at > START + 130
    ]
    gone = [
        each for each in monitor.alerts.incidents.all() if each.recovery.endswith("longer there.")
    ]
    assert {each.rule for each in gone} <= {"slow", "slo.shop.1h", "slo.shop.6h", "slo.shop.3d"}
    assert all(each.recovered_at is not None for each in gone)


def test_a_threshold_by_key_stays_unless_another_is_configured() -> None:
    monitor, _ = run({}, 1)
    monitor.alerts.set_threshold(7)
    monitor.alerts.reload(given())
    assert monitor.alerts.picture(START).threshold == 7
    monitor.alerts.reload(settings_of(threshold=4, alert_window=30))
    state = monitor.alerts.picture(START)
    assert (state.threshold, state.configured) == (4, None)


def test_a_state_saved_after_a_reload_is_that_of_the_new_rules(opened: Open, file: Any) -> None:
    monitor, _ = run({}, 3)
    store = opened(file)
    store.save({LOG: position_at(1)}, monitor, 500.0, START + 500.0)
    other = settings_of(threshold=3, alert_window=60, rules={"busy": RULES["busy"]})
    monitor.alerts.reload(other)
    store.save({LOG: position_at(2)}, monitor, 501.0, START + 501.0)
    store.close()
    again = StateFile(file, [LOG])
    saved = again.load()
    again.close()
    assert saved is not None
    restored = HTTPMonitor(other, journal=True)
    restored.restore(saved.monitor, 501.0)
    assert_same(restored, monitor)
    rings = restored.alerts.evaluator.ring, monitor.alerts.evaluator.ring
    one, two = ({slot: ring.slot_counts(slot).keys() for slot in ring.slots} for ring in rings)
    assert one == two
    assert saved.monitor.hours == []
