"""What is wrong with rules is told in one line, with its place."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from logmon_tui.cli import cli
from logmon_tui.errors import UsageError
from tests.cli.rules.story import run


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[rules.api]\nmetric = 'speed'", ":2: rules.api.metric: 'speed' is not known"),
        ("[rules.api]\nmetric = 'rate'", ":1: rules.api: needs critical or warning"),
        (
            "bucket-size = 7\nalert-window = 70\nrules.slow_endpoint.enabled = true",
            ":3: rules.slow_endpoint.for: 60 is not a multiple of --bucket-size 7",
        ),
        ("[rules", ":1: not valid TOML: expected "),
        ("threshold = 0", ":1: threshold: "),
    ],
)
@pytest.mark.parametrize("command", ["check", "test"])
def test_a_wrong_file_is_one_line_with_its_place(
    command: str, rules: Path, text: str, told: str
) -> None:
    rules.write_text(text)
    result = run(command, rules, *(["access.log"] if command == "test" else []))
    assert isinstance(result.exception, UsageError)
    assert str(result.exception).startswith(f"{rules}{told}")
    assert "\n" not in str(result.exception)


@pytest.mark.parametrize("command", ["check", "test"])
def test_windows_that_are_no_whole_buckets_are_told(command: str, rules: Path) -> None:
    rules.write_text("alert-window = 5\nbucket-size = 2")
    result = run(command, rules, *(["access.log"] if command == "test" else []))
    assert str(result.exception).startswith("--alert-window 5 is not a multiple")


def test_a_rule_that_no_option_fits_stops_report_and_watch_too(rules: Path, log: Path) -> None:
    rules.write_text("rules.error_rate.warning = 0.04")
    for command in (["report"], ["watch", "--output", "text"]):
        words = [*command, "--config", str(rules), "--error-rate", "0.03", str(log)]
        result = CliRunner().invoke(cli, words)
        told = str(result.exception)
        assert told.startswith(f"{rules}:1: rules.error_rate.warning: critical 0.03 must be above")
        assert told.endswith("; critical is --error-rate (from the command line)")


LIMITS = [
    ("traffic", "threshold", 15, 22),
    ("error_rate", "error-rate", 0.1, 0.3),
    ("ddos", "ddos-threshold", 4, 6),
]
"""A rule, the option that is its critical threshold, a warning above its default, one that fits."""


@pytest.mark.parametrize("layer", ["option", "environment", "file"])
@pytest.mark.parametrize("limit", LIMITS)
def test_a_warning_is_compared_with_what_is_set_in_the_end(
    rules: Path, layer: str, limit: tuple[str, str, float, float]
) -> None:
    rule, option, warning, critical = limit
    text = f"[rules.{rule}]\nwarning = {warning}\n"
    words, environment = ["rules", "check"], {"XDG_CONFIG_HOME": "/nonexistent"}
    if layer == "option":
        words += [f"--{option}", str(critical)]
    elif layer == "environment":
        environment[f"LOGMON_{option.upper().replace('-', '_')}"] = str(critical)
    else:
        text = f"{option} = {critical}\n{text}"
    rules.write_text(text)
    result = CliRunner().invoke(cli, [*words, str(rules)], env=environment)
    assert (result.exit_code, result.exception) == (0, None)


@pytest.mark.parametrize(
    ("layer", "origin"),
    [
        ("default", "its default"),
        ("option", "from the command line"),
        ("environment", "from LOGMON_THRESHOLD in the environment"),
        ("file", "from {file}:2"),
    ],
)
def test_what_a_warning_contradicts_is_told_with_where_it_comes_from(
    rules: Path, layer: str, origin: str
) -> None:
    head = "top = 5\nthreshold = 12\n" if layer != "default" else ""
    rules.write_text(f"{head}[rules.traffic]\nwarning = 15")
    words, environment = ["rules", "check"], {"XDG_CONFIG_HOME": "/nonexistent"}
    if layer == "option":
        words += ["--threshold", "14"]
    elif layer == "environment":
        environment["LOGMON_THRESHOLD"] = "13"
    critical = {"default": 10, "option": 14, "environment": 13, "file": 12}[layer]
    told = str(CliRunner().invoke(cli, [*words, str(rules)], env=environment).exception)
    line = rules.read_text().splitlines().index("warning = 15") + 1
    assert told == (
        f"{rules}:{line}: rules.traffic.warning: critical {critical} must be above warning 15, "
        f"the milder one; critical is --threshold ({origin.format(file=rules)})"
    )


def test_commands_without_thresholds_do_not_compare_with_them(rules: Path) -> None:
    rules.write_text("[rules.traffic]\nwarning = 15")
    result = CliRunner().invoke(cli, ["notify", "list", "--config", str(rules)])
    assert result.exit_code == 0


def test_check_takes_the_options_that_a_watch_would_run_with(rules: Path) -> None:
    rules.write_text("rules.traffic.warning = 5")
    assert run("check", rules).exit_code == 0
    assert "5.0/s (warning) or 50.0/s (critical)" in run("check", "--threshold", 50, rules).output
    told = str(run("check", "--threshold", 2, rules).exception)
    assert told.startswith(f"{rules}:1: rules.traffic.warning: critical 2 must be above warning 5")
    assert told.endswith("; critical is --threshold (from the command line)")


def test_check_looks_at_the_targets_too_but_not_for_their_secrets(rules: Path) -> None:
    pager = '[notify.pager]\ntype = "webhook"\nurl = {env = "NO_SUCH_SECRET"}\n'
    rules.write_text(pager)
    lines = run("check", rules).output.splitlines()
    assert lines[-1] == f"{rules}: ok, 4 rules on, 6 off, 1 target of notifications"
    rules.write_text(f"{pager}[maintenance.night]\nwhen = 'daily 02:00-03:00'\n")
    lines = run("check", rules).output.splitlines()
    assert lines[-1].endswith(", 1 target of notifications, 1 maintenance window")
    for wrong, told in (
        ("severity = 'high'", ":4: notify.pager.severity: "),
        ("rules = ['trafic']", ":4: notify.pager.rules: no rule matches 'trafic'; did you mean tr"),
    ):
        rules.write_text(pager + wrong)
        assert str(run("check", rules).exception).startswith(f"{rules}{told}")


def test_files_that_are_not_there_are_named(rules: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for words in (["check", missing], ["test", missing, rules], ["test", rules, missing]):
        result = run(*words)
        assert isinstance(result.exception, UsageError)
        assert str(missing) in str(result.exception)
        assert "--config" not in str(result.exception)
    assert "LOG" in run("test", rules).output
