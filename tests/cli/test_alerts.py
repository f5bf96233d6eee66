"""`logmon-tui alerts`: the history, chosen by options, as text, JSON and CSV."""

import csv
import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from logmon_tui.alerts.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.incident import Incident, SeverityChange
from logmon_tui.alerts.rule import Limit, Scope, Severity, Unit
from logmon_tui.alerts.silence import Silence
from logmon_tui.cli import main
from logmon_tui.cli.moments import moment
from logmon_tui.monitor import HTTPMonitor
from logmon_tui.state.location import default_state_file
from logmon_tui.state.store import StateStore
from tests.state.restarts import position_at
from tests.traffic import START, batch_of, hit, settings_of

Run = tuple[int, str, str]
RunCommand = Callable[..., Run]
LOG = "/var/log/access.log"
NOW = START + 86_400

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
OLD = Incident(
    id="0ld00000-aaaa",
    rule="traffic",
    title="High traffic",
    severity=CRITICAL,
    unit=Unit.RATE,
    subject=None,
    triggered_at=START,
    threshold=10.0,
    hits=1_440,
    value=12.0,
    peak=15.5,
    message="High traffic generated an alert - hits = 1440",
    recovered_at=START + 133,
    recovery="High traffic recovered",
    window=120,
    peak_at=START + 60,
    changes=(SeverityChange(START, WARNING), SeverityChange(START + 30, CRITICAL)),
    acknowledged_at=START + 45.5,
    note="=deploy",
    labels=(("team", "web"),),
)
CLIENT = replace(
    OLD,
    id="c11e0000-bbbb",
    rule="ddos",
    title="Noisy client",
    scope=Scope.CLIENT,
    subject=b"=1\x1b[2J\xff",
    triggered_at=START + 3_600,
    recovered_at=START + 3_601,
    changes=(SeverityChange(START + 3_600, CRITICAL),),
    acknowledged_at=None,
    note="",
    labels=(),
    message="Noisy client =1",
    limits=(Limit(WARNING, 5.0, 5.0), Limit(CRITICAL, 11.0, 9.0)),
)
STORM = replace(
    OLD,
    id="5702f000-cccc",
    rule="error_rate",
    title="High error rate",
    severity=WARNING,
    unit=Unit.SHARE,
    threshold=0.05,
    value=0.071,
    peak=0.098,
    triggered_at=START + 7_200,
    recovered_at=None,
    recovery="",
    peak_at=None,
    changes=(),
    acknowledged_at=None,
    note="",
    labels=(),
    message="High error rate generated an alert",
    evidence=Evidence(
        before=10,
        now=30,
        movers=((Kind.PATH, (Mover(b"/\xff", 1, 21, 1.0),)),),
        samples=(b"a \x1b line",),
        since=START + 7_000,
        start=START + 7_100,
        step=1,
        values=(None, 0.071),
    ),
)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> RunCommand:
    """Run the command in this process, away from the user's own state and settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    clock = SimpleNamespace(time=lambda: float(NOW))
    monkeypatch.setattr(sys.modules["logmon_tui.cli.alerts"], "time", clock)

    def call(*arguments: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["logmon-tui", "alerts", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


def kept(
    file: Path,
    *logs: str,
    incidents: tuple[Incident, ...] = (OLD, CLIENT, STORM),
    silence: Silence | None = None,
) -> Any:
    """Return an open store whose file holds `incidents`."""
    monitor = HTTPMonitor(settings_of(alert_window=10), journal=True)
    monitor.feed(batch_of([hit(START + n) for n in range(10)]), 0.0)
    monitor.tick(0.0, START)
    monitor.judge.adopt(incidents)
    if silence is not None:
        monitor.judge.silence(silence)
    store = StateStore(file, logs)
    store.save({log: position_at(1) for log in logs}, monitor, 0.0, START)
    assert store.problem == ""
    return store


@pytest.fixture
def listed(run: RunCommand) -> Callable[..., list[str]]:
    """Return the ids, shortened, that the command lists."""
    kept(default_state_file([LOG]), LOG).close()

    def call(*arguments: str) -> list[str]:
        code, out, error = run("--output", "json", *arguments, LOG)
        assert (code, error) == (0, "")
        return [each["id"][:3] for each in json.loads(out)]

    return call


def test_text_tells_all_of_it_the_newest_first_also_while_it_is_watched(run: RunCommand) -> None:
    store = kept(default_state_file([LOG]), LOG)
    code, out, error = run(LOG)
    store.close()
    assert (code, error) == (0, "")
    assert out == (
        "Alerts: 3, 1 firing\n"
        "\n"
        "! High error rate\n"
        "    id            5702f000, rule error_rate\n"
        "    began         2026-11-21 14:00:00 UTC, warning\n"
        "    ended         still firing\n"
        "    value         7.1% of 1,440 hits at first\n"
        "    threshold     5.0%\n"
        "    peak          9.8%\n"
        "    message       High error rate generated an alert\n"
        "\n"
        "✓ Noisy client: =1\\x1b[2J\\xff\n"
        "    id            c11e0000, rule ddos\n"
        "    began         2026-11-21 13:00:00 UTC, critical\n"
        "    ended         2026-11-21 13:00:01 UTC, after 1 s\n"
        "    value         12.0/s of 1,440 hits at first\n"
        "    threshold     5.0/s warning, 11.0/s critical\n"
        "    peak          15.5/s at 2026-11-21 12:01:00 UTC\n"
        "    message       Noisy client =1\n"
        "\n"
        "✓ High traffic\n"
        "    id            0ld00000, rule traffic\n"
        "    began         2026-11-21 12:00:00 UTC, warning → critical 12:00:30\n"
        "    ended         2026-11-21 12:02:13 UTC, after 2 m 13 s\n"
        "    value         12.0/s of 1,440 hits at first\n"
        "    threshold     10.0/s\n"
        "    peak          15.5/s at 2026-11-21 12:01:00 UTC\n"
        "    message       High traffic generated an alert - hits = 1440\n"
        "    acknowledged  2026-11-21 12:00:45 UTC\n"
        "    note          =deploy\n"
        "    labels        team=web\n"
    )


def test_what_fired_when_the_watch_ended_is_not_said_to_fire_still(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    out = run(LOG)[1]
    as_of = "firing as of 2026-11-21 12:00:00 UTC, not being watched\n"
    assert out.startswith(f"Alerts: 3, 1 {as_of}")
    assert f"    ended         {as_of}" in out
    assert "still" not in out
    storm, *_ = json.loads(run("--output", "json", LOG)[1])
    assert (storm["state"], storm["watched"]) == ("firing", False)


def test_what_is_about_to_end_and_what_is_silenced_is_told(run: RunCommand) -> None:
    ending = replace(STORM, recovering_since=START + 7_300)
    silence = Silence(START, NOW + 60, rule="error_rate")
    store = kept(default_state_file([LOG]), LOG, incidents=(OLD, ending), silence=silence)
    lines = run(LOG)[1].splitlines()
    assert "    ended         still recovering since 2026-11-21 14:01:40 UTC" in lines
    assert lines.count("    silenced      nobody is notified of it") == 1
    states = [
        (each["state"], each["silenced"], each["watched"])
        for each in json.loads(run("--output", "json", LOG)[1])
    ]
    assert states == [("recovering", True, True), ("recovered", False, True)]
    rows = csv.DictReader(io.StringIO(run("--output", "csv", LOG)[1]))
    states = [(row["state"], row["silenced"], row["watched"]) for row in rows]
    assert states == [("recovering", "true", "true"), ("recovered", "false", "true")]
    store.close()


def test_json_has_the_keys_of_a_report_and_all_that_is_kept_besides(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    _, out, _ = run("--output", "json", LOG)
    assert "\x1b" not in out
    storm, client, old = json.loads(out)
    assert old == {
        "id": "0ld00000-aaaa",
        "rule": "traffic",
        "severity": "critical",
        "scope": "all",
        "subject": None,
        "triggered_at": "2026-11-21T12:00:00Z",
        "recovered_at": "2026-11-21T12:02:13Z",
        "hits": 1440,
        "value": 12.0,
        "peak": 15.5,
        "peak_at": "2026-11-21T12:01:00Z",
        "message": "High traffic generated an alert - hits = 1440",
        "changes": [
            {"at": "2026-11-21T12:00:00Z", "severity": "warning"},
            {"at": "2026-11-21T12:00:30Z", "severity": "critical"},
        ],
        "labels": {"team": "web"},
        "state": "recovered",
        "silenced": False,
        "watched": False,
        "recovery": "High traffic recovered",
        "title": "High traffic",
        "unit": "req/s",
        "threshold": 10.0,
        "limits": [],
        "window": 120,
        "acknowledged_at": "2026-11-21T12:00:45Z",
        "note": "=deploy",
        "evidence": None,
    }
    assert client["threshold"] == 11.0
    assert client["limits"][0] == {"severity": "warning", "threshold": 5.0, "recovery": 5.0}
    assert (client["scope"], client["subject"]) == ("client", "=1\x1b[2J\\xff")
    assert (storm["recovered_at"], storm["acknowledged_at"]) == (None, None)
    assert storm["evidence"] == {
        "before": 10,
        "now": 30,
        "sampled": False,
        "since": "2026-11-21T13:56:40Z",
        "movers": {"path": [{"key": "/\\xff", "before": 1, "now": 21, "share": 1.0}]},
        "samples": ["a \x1b line"],
        "start": "2026-11-21T13:58:20Z",
        "step": 1,
        "values": [None, 0.071],
    }


def test_csv_is_a_row_each_and_no_spreadsheet_takes_it_for_a_formula(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    _, out, _ = run("--output", "csv", LOG)
    assert "\x1b" not in out
    storm, client, old = csv.DictReader(io.StringIO(out))
    assert old == {
        "id": "0ld00000-aaaa",
        "rule": "traffic",
        "title": "High traffic",
        "scope": "all",
        "subject": "",
        "severity": "critical",
        "state": "recovered",
        "silenced": "false",
        "watched": "false",
        "changes": "warning@2026-11-21T12:00:00Z critical@2026-11-21T12:00:30Z",
        "triggered_at": "2026-11-21T12:00:00Z",
        "recovered_at": "2026-11-21T12:02:13Z",
        "seconds": "133",
        "hits": "1440",
        "unit": "req/s",
        "value": "12.0",
        "threshold": "10.0",
        "peak": "15.5",
        "peak_at": "2026-11-21T12:01:00Z",
        "acknowledged_at": "2026-11-21T12:00:45Z",
        "note": "'=deploy",
        "labels": "team=web",
        "message": "High traffic generated an alert - hits = 1440",
    }
    assert client["subject"] == "'=1\\x1b[2J\\xff"
    assert (storm["recovered_at"], storm["seconds"], storm["peak_at"]) == ("", "", "")


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], ["570", "c11", "0ld"]),
        (["--firing"], ["570"]),
        (["--rule", "ddos"], ["c11"]),
        (["--rule", "*r*", "--rule", "d?os"], ["570", "c11", "0ld"]),
        (["--rule", "rate"], []),
        (["--severity", "warning"], ["570", "0ld"]),
        (["--severity", "critical"], ["c11", "0ld"]),
        (["--scope", "client"], ["c11"]),
        (["--grep", "DEPLOY"], ["0ld"]),
        (["--grep", "client =1"], ["c11"]),
        (["--grep", "team=web"], ["0ld"]),
        (["--grep", "nothing of it"], []),
        (["--since", "23h"], ["570", "c11"]),
        (["--since", "82799s"], ["570", "c11"]),
        (["--since", "82798s"], ["570"]),
        (["--since", "2026-11-21T12:02:13Z"], ["570", "c11", "0ld"]),
        (["--since", "2026-11-21T12:02:14"], ["570", "c11"]),
        (["--until", "2026-11-21 14:00:00"], ["c11", "0ld"]),
        (["--until", "2026-11-21"], []),
        (["--since", "2026-11-21T12:30", "--until", "2026-11-21T13:30"], ["c11"]),
        (["--severity", "critical", "--rule", "t*", "--since", "2d"], ["0ld"]),
    ],
)
def test_options_choose(
    listed: Callable[..., list[str]], options: list[str], ids: list[str]
) -> None:
    assert listed(*options) == ids


def test_nothing_found_is_no_error(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG, incidents=()).close()
    assert run(LOG) == (0, "Alerts: 0, 0 firing\n", "")
    assert run("--output", "json", LOG) == (0, "[]\n", "")
    assert len(run("--output", "csv", LOG)[1].splitlines()) == 1


def test_a_time_that_ends_before_it_begins_is_refused(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    code, out, error = run("--since", "1h", "--until", "2h", LOG)
    assert (code, out) == (2, "")
    assert error == (
        "logmon-tui: nothing is between --since 2026-11-22T11:00:00Z "
        "and --until 2026-11-22T10:00:00Z; swap them\n"
    )


def test_several_logs_and_a_named_file_are_found(run: RunCommand, tmp_path: Path) -> None:
    kept(default_state_file(["/b.log", "/a.log"]), "/a.log", "/b.log").close()
    kept(tmp_path / "mine", LOG, incidents=(OLD,)).close()
    assert run("/a.log", "/b.log")[1].startswith("Alerts: 3,")
    assert run("--state", str(tmp_path / "mine"))[1].startswith("Alerts: 1,")


def test_without_a_state_one_line_says_so(run: RunCommand, tmp_path: Path) -> None:
    hint = "; `logmon-tui state show` lists the logs that have one\n"
    assert run() == (2, "", f"logmon-tui: no state is kept of /tmp/access.log{hint}")
    assert run("/a\x1b", "/b") == (2, "", f"logmon-tui: no state is kept of /a\\x1b, /b{hint}")
    gone = tmp_path / "gone"
    assert run("--state", str(gone)) == (2, "", f"logmon-tui: no state is kept of {gone}{hint}")


def test_what_is_no_state_is_told_in_one_line(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "s.sqlite"
    file.write_bytes(b"broken")
    code, out, error = run("--state", str(file))
    assert (code, out) == (2, "")
    assert error.startswith(f"logmon-tui: {file} is damaged: ")
    log = tmp_path / "a.log"
    log.write_bytes(b"a line\n")
    code, _, error = run("--state", str(log))
    assert code == 2
    assert "is no state of logmon-tui" in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--since", "yesterday"],
        ["--since", "2026-13-01"],
        ["--until", "-3h"],
        ["--until", ""],
        ["--severity", "bad"],
        ["--scope", "country"],
    ],
)
def test_wrong_choices_are_refused_in_one_line(run: RunCommand, options: list[str]) -> None:
    code, out, error = run(*options, LOG)
    assert (code, out, len(error.splitlines())) == (2, "", 1)
    assert options[0] in error


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90s", START - 90),
        ("2m", START - 120),
        ("2h", START - 7_200),
        ("3d", START - 259_200),
        ("1w", START - 604_800),
        ("2026-11-21", START - 43_200),
        ("2026-11-21T12:00", START),
        ("2026-11-21 12:00:00.5", START + 0.5),
        ("2026-11-21T14:00:00+02:00", START),
        ("20261121T120000Z", START),
    ],
)
def test_moments_are_utc(text: str, found: float) -> None:
    assert moment(text, START) == found


@pytest.mark.parametrize("text", ["h", "2 h", "2H", "-1d", "1.5h", "12:00", "٣d", "9" * 30 + "d"])
def test_what_is_no_moment_is_told_with_some_that_are(text: str) -> None:
    with pytest.raises(ValueError, match="is no moment such as 2h, 3d, 2026-11-22 or 2026-11-22T"):
        moment(text, START)
