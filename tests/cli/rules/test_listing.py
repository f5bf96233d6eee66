"""`logmon-tui rules list` and `check` tell the rules there are, at any width."""

from pathlib import Path

import pytest
from pytest_snapshot.plugin import Snapshot as Expected

from logmon_tui.alerts.rules.shipped import shipped_rules
from logmon_tui.cli.rules import _lines
from tests.cli.rules.story import run


@pytest.fixture
def expected(snapshot: Expected) -> Expected:
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    return snapshot


def test_check_tells_each_rule_on_a_line(rules: Path) -> None:
    result = run("check", rules)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[-1] == f"{rules}: ok, 7 rules on, 6 off"
    told = {each.split()[1]: each for each in lines[:-1]}
    assert told["slow_endpoint"].startswith("off  ")
    assert "rate above 1,000/s (critical) over 2 min" in told["traffic"]
    assert told["api-errors"].startswith("on   ")
    assert told["api-errors"].endswith(
        "share of 5xx of each section above 40.0% (critical) over 1 min, for 30 s; "
        "ends at 20.0%; fires on for 20 s; given 20 hits"
    )
    assert "hits of each client like 10.9.* above 30 (warning) or 45 (critical)" in told["noisy"]


def test_list_tells_the_rules_there_are_with_their_present_thresholds() -> None:
    lines = run("list", "--threshold", "77").output.splitlines()
    assert [each.split()[:2] for each in lines[:5]] == [
        ["on", "traffic"],
        ["on", "error_rate"],
        ["on", "ddos"],
        ["on", "host_silent"],
        ["off", "endpoint_errors"],
    ]
    assert "rate above 77.0/s (critical) over 2 min" in lines[0]
    assert lines[-1].endswith(
        "traffic against the 1 h before below 0.1× (critical) over 2 min, for 1 min; "
        "ends at 0.3×; fires on for 1 min; given 600 hits before; no data keeps it"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_rules_are_listed_between_words_at_any_width(width: int) -> None:
    result = run("list", width=width)
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= width
    assert result.output.split() == run("list").output.split()
    assert [line[:5].strip() for line in lines if not line.startswith(" ")][:5] == [
        *("on", "on", "on", "on", "off")
    ]


@pytest.mark.parametrize("width", [60, 80])
def test_rules_fitted_to_a_terminal(expected: Expected, width: int) -> None:
    expected.assert_match("\n".join(_lines(shipped_rules(120)[:3], width)), f"rules-{width}.txt")
