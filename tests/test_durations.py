"""Durations are read as people write them, wherever the settings have seconds."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.alerts.rules.objectives import read_objectives
from logmon_tui.cli import cli
from logmon_tui.config.settings_file import read_settings_file
from logmon_tui.durations import read_seconds, seconds_in
from logmon_tui.errors import RuleError, TargetError, UsageError
from logmon_tui.notify.registry import read_targets
from tests.alerts.tables import rules_of

UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 300),
        ("5min", 300),
        ("1h30m", 5_400),
        ("1.5h", 5_400),
        ("2d", 172_800),
        ("500ms", 0.5),
        ("0s", 0),
        ("0.1s", 0.1),
    ],
)
def test_a_duration(text: str, seconds: float) -> None:
    assert seconds_in(text) == seconds
    assert isinstance(seconds_in(text), int) is (seconds == int(seconds))


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(sorted(UNITS))), min_size=1))
def test_any_duration_is_the_sum_of_its_parts(parts: list[tuple[int, str]]) -> None:
    text = "".join(f"{number}{unit}" for number, unit in parts)
    assert seconds_in(text) == pytest.approx(sum(number * UNITS[unit] for number, unit in parts))


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5M", "1,5h", "5m ", "5m\n", "٣s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds_in(text)
    assert read_seconds(text) == text


def test_durations_in_rules() -> None:
    table = {"metric": "change", "against": "baseline", "critical": 3}
    times = {"window": "5m", "baseline": "1h", "for": "90s", "keep_firing_for": "2m"}
    rule = rules_of(own={**table, **times, "renotify": "1h30m"})["own"]
    found = (rule.window, rule.baseline, rule.for_, rule.keep_firing_for, rule.renotify)
    assert found == (300, 3_600, 90, 120, 5_400)


def test_thresholds_of_seconds_may_be_durations() -> None:
    table = {"metric": "response_time", "warning": "300ms", "critical": "1.5s"}
    rule = rules_of(own={**table, "critical_recovery": "1s"})["own"]
    assert (rule.warning, rule.critical, rule.critical_recovery) == (0.3, 1.5, 1)
    assert rules_of(host_silent={"critical": "5m"})["host_silent"].critical == 300
    with pytest.raises(RuleError, match="critical: is a duration, but the rule measures req/s"):
        rules_of(own={"metric": "rate", "critical": "5m"})


@pytest.mark.parametrize(
    ("key", "value"), [("window", "5x"), ("window", "2d"), ("for", "500ms"), ("critical", "fast")]
)
def test_what_is_no_duration_of_a_rule_is_refused(key: str, value: str) -> None:
    with pytest.raises(RuleError, match=rf"rules.own.{key}: must be .*not '{value}'"):
        rules_of(own={"metric": "rate", "critical": 5, key: value})


def test_durations_in_objectives_and_targets() -> None:
    (objective,) = read_objectives({"shop": {"objective": 0.99, "renotify": "1h"}})
    assert objective.renotify == 3_600
    script: dict[str, Any] = {"type": "command", "command": ["/bin/true"]}
    found = read_targets({"script": {**script, "group-wait": "1m", "timeout": "500ms"}})
    target: Any = found["script"]
    assert (target.group_wait, target.timeout) == (60, 0.5)
    with pytest.raises(
        TargetError, match='expected a number of seconds from 0 to 300, such as 3 or "1m"'
    ):
        read_targets({"script": {**script, "group_wait": "1h"}})


def test_durations_in_settings(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        'alert-window = "5m"\nstats_interval = "30s"\nbucket-size = "2s"\n'
        '[fleet]\nstale_after = "1m"\nsilent_after = "1h"\n'
    )
    settings = read_settings_file(file).settings
    found = (settings.alert_window, settings.stats_interval, settings.bucket_size)
    assert found == (300, 30, 2)
    assert (settings.fleet.stale_after, settings.fleet.silent_after) == (60, 3_600)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('\nalert-window = "5"', ':2: alert_window: must be whole seconds, such as 300 or "5m"'),
        ('[fleet]\nstale_after = "soon"', ":2: fleet.stale_after: must be whole seconds"),
        ('alert-window = "2d"', ":1: alert_window: expected a whole number of at most 86,400"),
        ('alert-window = "1.5s"', ":1: alert_window: expected a whole number"),
    ],
)
def test_what_is_no_duration_of_a_setting_is_refused(
    tmp_path: Path, text: str, problem: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as error:
        read_settings_file(file)
    assert str(error.value).startswith(f"{file}{problem}")


def run(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["rules", "list", *options], env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_durations_in_options(tmp_path: Path) -> None:
    config = tmp_path / "empty.toml"
    config.write_text("")
    code, output = run("--config", str(config), "--alert-window", "5m", "--bucket-size", "10s")
    assert code == 0
    assert "rate above 10.0/s (critical) over 5 min" in output
    assert run("--config", str(config), "--alert-window", "300") == (0, output)
    for wrong, why in (
        ("soon", "'soon' is no duration, such as 300 or 5m."),
        ("1500ms", "'1500ms' is not a whole number of seconds."),
        ("2d", "172800 is not in the range 1<=x<=86400."),
    ):
        code, output = run("--config", str(config), "--alert-window", wrong)
        assert code == 2
        assert why in output
