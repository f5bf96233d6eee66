"""`logmon-tui alerts` as text: a table, one incident in full, ids and states."""

import csv
import io
import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from pytest_snapshot.plugin import Snapshot as Expected

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.state.location import default_state_file
from tests.cli.alerts.history import CLIENT, LOG, NOW, OLD, STORM, RunCommand, kept
from tests.traffic import START


@pytest.fixture
def expected(snapshot: Expected) -> Expected:
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    return snapshot


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
