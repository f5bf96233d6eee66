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
from pytest_snapshot.plugin import Snapshot as Expected

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident, SeverityChange
from logmon_tui.alerts.model.rule import Limit, Scope, Severity, Unit
from logmon_tui.cli import alerts, main
from logmon_tui.cli.moments import moment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.location import default_state_file
from logmon_tui.state.state_file import StateFile
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
def expected(snapshot: Expected) -> Expected:
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    return snapshot


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> RunCommand:
    """Run the command in this process, away from the user's own state and settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COLUMNS", raising=False)
    clock = SimpleNamespace(time=lambda: float(NOW))
    monkeypatch.setattr(alerts, "time", clock)

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
    rules: dict[str, Any] | None = None,
) -> Any:
    """Return an open store whose file holds `incidents`, of a watch with `rules` of its own."""
    monitor = HTTPMonitor(settings_of(alert_window=10, rules=rules or {}), journal=True)
    monitor.feed(batch_of([hit(START + n) for n in range(10)]), 0.0)
    monitor.tick(0.0, START)
    monitor.alerts.adopt(incidents)
    if silence is not None:
        monitor.alerts.silences.add(silence)
    store = StateFile(file, logs)
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


def test_text_is_a_line_for_each_the_newest_first_also_while_it_is_watched(run: RunCommand) -> None:
    store = kept(default_state_file([LOG]), LOG)
    code, out, error = run(LOG)
    store.close()
    assert (code, error) == (0, "")
    assert out == (
        "Alerts: 3, 1 firing\n"
        "\n"
        "  id    triggered (UTC)        lasted   value    peak  rule        subject\n"
        "! 5702  2026-11-21 14:00:00    firing    7.1%    9.8%  error_rate\n"
        "▲ c11e  2026-11-21 13:00:00       1 s  12.0/s  15.5/s  ddos        =1\\x1b[2J\\xff\n"
        "▲ 0ld0  2026-11-21 12:00:00  2 m 13 s  12.0/s  15.5/s  traffic\n"
    )


def many(count: int) -> tuple[Incident, ...]:
    """Incidents of every kind, with subjects that differ at their end alone."""
    return tuple(
        replace(
            (STORM, CLIENT, OLD)[number % 3],
            id=f"{number * 0x01010101:08x}-aaaa",
            triggered_at=START + 60 * number,
            recovered_at=None if number % 6 == 0 else START + 60 * number + 4_000 * number,
            subject=None if number % 3 == 2 else b"/the/same/beginning/of/all/%d" % number,
        )
        for number in range(count)
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_table_fits_and_its_rows_stay_apart(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch, expected: Expected, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    kept(default_state_file([LOG]), LOG, incidents=many(12)).close()
    lines = run(LOG)[1].splitlines()
    assert max(map(len, lines)) <= width
    header, *rows = lines[lines.index("") + 1 :]
    assert len(rows) == 12
    assert len({row[header.index("rule") :] for row in rows if row[-7:] != "traffic"}) == 8
    assert all(row[0] in "!▲" and row[header.index("lasted") + len("lasted") - 1] for row in rows)
    expected.assert_match("\n".join(lines), f"alerts-{width}.txt")


@pytest.mark.parametrize("width", range(40, 81, 4))
def test_the_table_fits_where_no_incident_has_a_subject(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    only_traffic = tuple(each for each in many(12) if each.subject is None)
    kept(default_state_file([LOG]), LOG, incidents=only_traffic).close()
    lines = run(LOG)[1].splitlines()
    assert max(map(len, lines)) <= width
    assert lines[lines.index("") + 1].endswith("rule")


@pytest.mark.parametrize("width", [40, 80])
def test_one_is_told_in_full_by_the_beginning_of_its_id(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch, expected: Expected, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    store = kept(default_state_file([LOG]), LOG)
    told = "".join(f"{run('--id', each, LOG)[1]}\n" for each in ("5702", "C11E", "0ld00000-aaaa"))
    store.close()
    assert max(map(len, told.splitlines())) <= width
    expected.assert_match(told, f"incident-{width}.txt")


def test_one_by_its_id_is_one_object_and_one_row(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    (only,) = json.loads(run("--id", "c11", "--output", "json", LOG)[1])
    assert only["id"] == CLIENT.id
    assert len(run("--id", "c11", "--output", "csv", LOG)[1].splitlines()) == 2


def test_an_id_that_is_not_there_or_not_alone_is_refused(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG, incidents=many(12)).close()
    told = "no alert that is listed has an id that begins so; logmon-tui alerts lists them"
    assert run("--id", "ff", LOG) == (2, "", f"logmon-tui: --id ff: {told}\n")
    code, out, error = run("--id", "0", LOG)
    assert (code, out) == (2, "")
    assert error.startswith("logmon-tui: --id 0: so begin the ids of 12 alerts; give more of one")
    assert error.endswith(", 07070707-aaaa and 7 more\n")


def test_an_id_in_place_of_a_log_is_told_for_one(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    error = "no state is kept of 5702; if 5702 is the id of an alert, give it as --id 5702"
    assert run("5702") == (2, "", f"logmon-tui: {error}\n")


def test_ids_are_as_long_as_tells_all_in_the_history_apart(run: RunCommand) -> None:
    twin = replace(CLIENT, id="c11e0000-bbcc", triggered_at=START + 5)
    kept(default_state_file([LOG]), LOG, incidents=(OLD, CLIENT, twin)).close()
    listed = run("--rule", "traffic", LOG)[1].splitlines()[-1]
    assert listed.startswith("▲ 0ld00000-aaa  2026-11-21")
    assert run("--id", "c11e0000-bbc", LOG)[1].startswith("✓ Noisy client")


def test_a_rule_that_is_not_known_is_refused_with_those_that_are(
    run: RunCommand, tmp_path: Path
) -> None:
    former = replace(OLD, rule="gone", id="90e0")
    own = {"gone": {"metric": "rate", "critical": 5}}
    kept(default_state_file([LOG]), LOG, incidents=(OLD, former), rules=own).close()
    code, out, error = run("--rule", "trafic", LOG)
    assert (code, out, len(error.splitlines())) == (2, "", 1)
    assert (
        "--rule trafic: no rule is called so; did you mean traffic? known are traffic, error"
        in error
    )
    assert error.endswith("; in the history also gone\n")
    assert run("--rule", "gone", LOG)[1].startswith("Alerts: 1,")
    assert run("--rule", "slow_endpoint", LOG)[:2] == (0, "Alerts: 0, 0 firing\n")
    assert run("--rule", "traffic", "--rule", "nope*", LOG)[0] == 2
    file = tmp_path / "c.toml"
    file.write_text('[rules.own]\nmetric = "rate"\ncritical = 5\n')
    assert run("--rule", "own", LOG)[0] == 2
    assert run("--rule", "own", "--config", str(file), LOG)[0] == 0


def test_what_fired_when_the_watch_ended_is_not_said_to_fire_still(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    as_of = "firing as of 2026-11-21 12:00:00 UTC, not being watched\n"
    assert run(LOG)[1].startswith(f"Alerts: 3, 1 {as_of}")
    out = run("--id", "5702", LOG)[1]
    assert f"  ended         {as_of}" in out
    assert "still" not in out
    storm, *_ = json.loads(run("--output", "json", LOG)[1])
    assert (storm["state"], storm["watched"]) == ("firing", False)


def test_what_is_about_to_end_and_what_is_silenced_is_told(run: RunCommand) -> None:
    ending = replace(STORM, recovering_since=START + 7_300)
    silence = Silence(START, NOW + 60, rule="error_rate")
    store = kept(default_state_file([LOG]), LOG, incidents=(OLD, ending), silence=silence)
    assert "  recovering, silenced  " in run(LOG)[1]
    lines = run("--id", "5702", LOG)[1].splitlines()
    assert "  ended         still recovering since 2026-11-21 14:01:40 UTC" in lines
    assert lines.count("  silenced      nobody is notified of it") == 1
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
        (["--rule", "slow_endpoint"], []),
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
