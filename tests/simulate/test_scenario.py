"""The scenario: each alert fires and recovers once a round."""

from collections import Counter
from itertools import pairwise

import pytest

from logmon_tui.simulate.scenario import PHASES, Scenario
from logmon_tui.simulate.simulator import (
    Simulator,
)
from tests.simulate.start import START

# --- scenario ------------------------------------------------------------------------------


Crossing = tuple[str, int, bool]


def crossings(simulator: Simulator, scenario: Scenario, seconds: int) -> list[Crossing]:
    """Judge each second by plain sums over its window; returns (rule, second, fired)."""
    window = scenario.alert_window
    hits: list[Counter[bytes]] = []
    errors: list[int] = []
    active: set[str] = set()
    found: list[Crossing] = []
    for second in range(seconds):
        parsed = [line.split(b" ") for line in simulator.lines(START + second, second)]
        hits.append(Counter(part[0] for part in parsed))
        errors.append(sum(part[8][:1] == b"5" for part in parsed))
        by_host: Counter[bytes] = Counter()
        for counter in hits[-window:]:
            by_host.update(counter)
        total = by_host.total()
        now = set()
        if total / window > scenario.threshold:
            now.add("traffic")
        if total >= 20 and sum(errors[-window:]) / total > 0.05:
            now.add("errors")
        over = scenario.ddos_threshold * window
        now |= {f"ddos {host.decode()}" for host, n in by_host.items() if n > over}
        found += [(rule, second, True) for rule in sorted(now - active)]
        found += [(rule, second, False) for rule in sorted(active - now)]
        active = now
    return found


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(alert_window=10),
        Scenario(alert_window=20),
        Scenario(alert_window=15, threshold=40, ddos_threshold=10),
        Scenario(alert_window=12, threshold=100, ddos_threshold=3),
    ],
    ids=str,
)
def test_in_one_round_each_alert_fires_and_recovers_once_and_no_other_does(
    scenario: Scenario, seed: int
) -> None:
    length = round(scenario.seconds)
    found = crossings(Simulator(seed=seed, scenario=scenario), scenario, length)
    assert [(rule, fired) for rule, _, fired in found] == [
        ("traffic", True),
        ("traffic", False),
        ("errors", True),
        ("errors", False),
        ("ddos 203.0.113.66", True),
        ("ddos 203.0.113.66", False),
    ]


def test_with_a_window_of_ten_seconds_a_round_is_two_minutes() -> None:
    assert Scenario(alert_window=10).seconds == pytest.approx(120)


def test_rounds_repeat_without_alerts_between_them() -> None:
    scenario = Scenario(alert_window=10)
    found = crossings(Simulator(seed=5, scenario=scenario), scenario, 360)
    assert len(found) == 18
    assert all(a[2] != b[2] for a, b in pairwise(found)), "no two alerts at once"


def test_every_phase_has_its_turn_in_order() -> None:
    scenario = Scenario(alert_window=10)
    names = [scenario.phase(elapsed).name for elapsed in range(120)]
    turns = [name for name, before in zip(names, ["", *names], strict=False) if name != before]
    assert turns == [phase.name for phase in PHASES]


def test_the_storm_hits_one_section_only() -> None:
    scenario = Scenario(alert_window=10)
    simulator = Simulator(seed=5, scenario=scenario)
    failing = [
        line.split(b" ")[6]
        for second in range(120)
        for line in simulator.lines(START + second, second)
        if line.split(b" ")[8][:1] == b"5"
    ]
    assert len(failing) > 20
    assert all(path.startswith(b"/api/") for path in failing)
