"""`logmon-tui rules` checks rules, lists them, and tells what they would have found in a log."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pytest_snapshot.plugin import Snapshot as Expected

from logmon_tui.alerts.rules.shipped import shipped_rules
from logmon_tui.cli import cli
from logmon_tui.cli.rules import _lines
from logmon_tui.errors import UsageError
from tests.traffic import START

RULES = """\
threshold = 1000
error-rate = 0.9
ddos-threshold = 1000

[rules.api-errors]
metric = "share"
scope = "section"
status = "5xx"
window = 60
critical = 0.4
critical-recovery = 0.2
for = 30
keep-firing-for = 20
minimum-hits = 20

[rules.noisy]
title = "Noise"
metric = "hits"
scope = "client"
match = "10.9.*"
window = 10
warning = 30
critical = 45
message = "{subject} sent {hits} ({severity}, {labels}) at {time}"
labels = {team = "web"}

[rules.never]
metric = "hits"
critical = 1_000_000
"""


def run(*arguments: object, width: int | None = None) -> Result:
    environment = {
        "XDG_CONFIG_HOME": "/nonexistent",
        "COLUMNS": None if width is None else str(width),
    }
    return CliRunner().invoke(cli, ["rules", *map(str, arguments)], env=environment)


def line(second: int, client: str, path: str, status: int) -> str:
    time = datetime.fromtimestamp(START + second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{client} - - [{time}] "GET {path} HTTP/1.1" {status} 100 "-" "curl/8.5"\n'


@pytest.fixture
def expected(snapshot: Expected) -> Expected:
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    return snapshot


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Twelve minutes: /api fails in every other second of two, then a client is noisy for one."""
    lines = []
    for second in range(720):
        lines.append(line(second, f"10.0.0.{second % 50}", "/home", 200))
        if 300 <= second < 420:
            lines.append(
                line(second, f"10.0.0.{second % 50}", "/api/a", 500 if second % 2 else 200)
            )
        if 600 <= second < 660:
            lines += [line(second, "10.9.9.9", "/home", 200)] * 5
    path = tmp_path / "access.log"
    path.write_text("".join(lines))
    return path


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(RULES)
    return path


def at(second: int) -> str:
    return datetime.fromtimestamp(START + second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_log_with_a_known_story_is_told_to_the_second(log: Path, rules: Path) -> None:
    """Twenty hits of /api are there at 319, of which half failed; 30 s later it fires.

    At 460 less than twenty are left in the window, and 20 s later it ends. The peak comes just
    before that, when the window begins with a failure: 11 of 21.
    """
    result = run("test", "--output", "json", rules, log)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.output)
    assert (told["hits"], told["unparsed"]) == (720 + 120 + 300, 0)
    assert (told["first_hit"], told["last_hit"]) == (at(0), at(719))
    assert [(each["rule"], each["times"], each["seconds"]) for each in told["rules"]] == [
        ("traffic", 0, 0),
        ("error_rate", 0, 0),
        ("ddos", 0, 0),
        ("api-errors", 1, 131),
        ("noisy", 1, 57),
        ("never", 0, 0),
    ]
    assert [each["worst"] for each in told["rules"][3:]] == ["critical", "critical", None]
    errors, noise = told["incidents"]
    assert {key: errors[key] for key in errors if key not in {"id", "message", "recovery"}} == {
        "rule": "api-errors",
        "scope": "section",
        "subject": "/api",
        "severity": "critical",
        "worst": "critical",
        "triggered_at": at(349),
        "recovered_at": at(480),
        "seconds": 131,
        "hits": 50,
        "value": 0.5,
        "peak": 0.52381,
        "peak_at": at(458),
        "changes": [{"at": at(349), "severity": "critical"}],
    }
    assert errors["message"] == (
        "Api errors in /api generated an alert - share of 5xx = 50.0% "
        f"(above 40.0%, 50 hits in 1 min), triggered at {at(349)}"
    )
    assert errors["recovery"] == (
        "Api errors in /api recovered - share of 5xx = 0.0% (0 hits in 1 min), "
        f"recovered at {at(480)}"
    )
    assert (noise["subject"], noise["value"], noise["peak"]) == ("10.9.9.9", 35, 50)
    assert (noise["triggered_at"], noise["recovered_at"]) == (at(606), at(663))
    assert [(each["at"], each["severity"]) for each in noise["changes"]] == [
        (at(606), "warning"),
        (at(609), "critical"),
        (at(660), "warning"),
    ]
    # As it stood at the last change, since the trigger.
    assert noise["message"] == f"10.9.9.9 sent 45 (warning, team=web) at {at(606)}"


def test_the_same_is_told_as_text(log: Path, rules: Path) -> None:
    lines = run("test", rules, log).output.splitlines()
    day = at(0)[:10]
    assert lines[0] == f"{log}: 1,140 hits, {day} 12:00:00 to {day} 12:11:59 UTC"
    assert lines[2:4] == [
        f"✓ {day} 12:05:49  api-errors  /api  critical  for 2 m 11 s",
        "    50.0% at first, peak 52.4% at 12:07:38",
    ]
    assert f"✓ {day} 12:10:06  noisy  10.9.9.9  critical  for 57 s" in lines
    assert "    35 hits at first, peak 50 hits at 12:10:09" in lines
    assert [" ".join(each.split()) for each in lines[-6:]] == [
        "traffic nothing",
        "error_rate nothing",
        "ddos nothing",
        "api-errors once, 2 m 11 s in all, worst critical",
        "noisy once, 57 s in all, worst critical",
        "never nothing",
    ]


def test_a_log_in_which_nothing_fires_says_so(log: Path, rules: Path) -> None:
    rules.write_text("threshold = 1000\nerror-rate = 0.9\nddos-threshold = 1000")
    result = run("test", rules, log)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "nothing would have fired"
    assert json.loads(run("test", "--output", "json", rules, log).output)["incidents"] == []


def test_what_still_fires_at_the_end_of_a_log_is_told_so(log: Path, rules: Path) -> None:
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:500]))
    output = run("test", rules, log).output
    assert "12:05:49  api-errors  /api  critical  for 50 s, not recovered" in output


def test_signs_tell_what_still_fires_and_how_bad_it_is_then(log: Path, rules: Path) -> None:
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-60]))
    signs = [line[0] for line in run("test", rules, log).output.splitlines() if " noisy " in line]
    assert signs == ["▲"]
    rules.write_text(RULES.replace("critical = 45", "critical = 5000"))
    signs = [line[0] for line in run("test", rules, log).output.splitlines() if " noisy " in line]
    assert signs == ["!"]


def test_an_option_is_nearer_than_the_file(log: Path, rules: Path) -> None:
    """More than 90 hits are in the window from 330 to 449, and from 606 to 713."""
    output = run("test", "--threshold", "1.5", "--alert-window", "60", rules, log).output
    assert [each for each in output.splitlines() if each.startswith("traffic ")] == [
        "traffic     2 times, 3 m 46 s in all, worst critical"
    ]


def test_hostile_subjects_are_shown_and_not_obeyed(log: Path, rules: Path) -> None:
    """The format's own escapes are no way around: a client host is whatever stands there."""
    log.write_bytes(line(0, "\x1b]0;x\x07[a]", "/", 200).encode() * 50)
    rules.write_text('[rules.all]\nmetric = "hits"\nscope = "client"\ncritical = 5\nfor = 0\n')
    output = run("test", rules, log).output
    assert "\\x1b]0;x\\x07[a]" in output
    assert "\x1b" not in output


def test_check_tells_each_rule_on_a_line(rules: Path) -> None:
    result = run("check", rules)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[-1] == f"{rules}: ok, 6 rules on, 6 off"
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
    assert [each.split()[:2] for each in lines[:4]] == [
        ["on", "traffic"],
        ["on", "error_rate"],
        ["on", "ddos"],
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
    assert [line[:5].strip() for line in lines if not line.startswith(" ")][:4] == [
        *("on", "on", "on", "off")
    ]


@pytest.mark.parametrize("width", [60, 80])
def test_rules_fitted_to_a_terminal(expected: Expected, width: int) -> None:
    expected.assert_match("\n".join(_lines(shipped_rules(120)[:3], width)), f"rules-{width}.txt")


@pytest.mark.parametrize("width", [40, 80])
def test_what_would_have_fired_is_broken_between_words(
    log: Path, rules: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(log.parent)
    output = run("test", rules, log.name, width=width).output
    assert max(map(len, output.splitlines())) <= width
    assert output.split() == run("test", rules, log.name).output.split()


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
    assert lines[-1] == f"{rules}: ok, 3 rules on, 6 off, 1 target of notifications"
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
