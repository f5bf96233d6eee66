"""What was found and what users said of it survives a restart: the whole history of the alerts."""

import gzip
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.config.settings import Settings
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.state_file import StateFile
from logmon_tui.state.summary import History, history_of
from tests.state.restarts import LOG, Run
from tests.state.stores import Open
from tests.traffic import START, batch_of, hit, settings_of

VERSION_2 = Path(__file__).with_name("version_2.sqlite.gz")
"""A state as version 2 of it was written, of 80 hits: two incidents that fire, and a past one."""

EVIDENCE = Evidence(
    before=3,
    now=40,
    movers=((Kind.SECTION, (Mover(b"/\xff", 1, 20, 0.5),)), (Kind.STATUS, ())),
    samples=(b"a line", b"\x1b[2J"),
    since=START,
    start=START - 10,
    step=1,
    values=(None, 0.5),
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with a rule that has recovered twice and fires again."""
    run = Run(tmp_path / "s.sqlite", settings_of(threshold=1, alert_window=10))
    for second in (0, 30, 60):
        run.feed(batch_of([hit(START + second + n) for n in range(5) for _ in range(4)]), 0.0)
    run.tick(0.0, START)
    assert [each.firing for each in incidents(run, "traffic")] == [True, False, False]
    return run


def incidents(run: Run, rule: str) -> list[Incident]:
    return [each for each in run.monitor.alerts.incidents.all() if each.rule == rule]


def restart(run: Run) -> None:
    run.restart(0.0)
    run.monitor.count_downtime(0.0, START)


@pytest.mark.parametrize("saved_before", [True, False])
def test_acknowledgements_and_notes_survive(run: Run, *, saved_before: bool) -> None:
    """Those of past incidents, too, which else are written only once."""
    if saved_before:
        run.save(0.0, START)
    alerts = run.monitor.alerts
    for place, each in enumerate(incidents(run, "traffic")):
        alerts.incidents.acknowledge(each.id, START + place + 0.5)
        alerts.incidents.set_note(each.id, f"note {place} \u202e")
    before = alerts.incidents.all()
    assert [each.note for each in incidents(run, "traffic")] == [
        f"note {place} \u202e" for place in range(3)
    ]
    run.save(0.0, START)
    restart(run)
    assert run.monitor.alerts.incidents.all() == before
    first, second, _ = incidents(run, "traffic")
    assert (first.acknowledged_at, second.acknowledged_at) == (START + 0.5, START + 1.5)
    run.monitor.alerts.incidents.acknowledge(second.id, None)
    run.save(0.0, START)
    restart(run)
    assert [each.acknowledged for each in incidents(run, "traffic")] == [True, False, True]
    run.store.close()


def test_what_is_said_of_a_past_incident_changes_no_order(run: Run) -> None:
    run.save(0.0, START)
    before = [each.id for each in run.monitor.alerts.history.closed]
    assert len(before) > 1
    for each in before:
        run.monitor.alerts.incidents.set_note(each, "seen")
        run.save(0.0, START)
    restart(run)
    assert [each.id for each in run.monitor.alerts.history.closed] == before
    run.store.close()


def test_evidence_survives(run: Run) -> None:
    open_ = run.monitor.alerts.evaluator.alerts["traffic"].open
    ((subject, incident),) = open_.items()
    open_[subject] = replace(incident, evidence=EVIDENCE)
    run.save(0.0, START)
    restart(run)
    assert incidents(run, "traffic")[0].evidence == EVIDENCE
    run.store.close()


def test_silences_survive_and_end_by_themselves(run: Run) -> None:
    everything = Silence(START, START + 100)
    one = Silence(START, START + 50, rule="ddos", scope=Scope.CLIENT, subject=b"\xff::1")
    other = Silence(START, START + 70, rule="traffic")
    for each in (everything, one, other):
        run.monitor.alerts.silences.add(each)
    run.monitor.alerts.silences.end(other)
    run.save(0.0, START)
    restart(run)
    assert run.snapshot(0.0, START).alerts.silences == (one, everything)
    assert run.snapshot(0.0, START + 50.0).alerts.silences == (everything,)
    run.save(0.0, START + 50)
    restart(run)
    assert run.snapshot(0.0, START + 99.9).alerts.silences == (everything,)
    assert run.snapshot(0.0, START + 100).alerts.silences == ()
    run.store.close()


def test_the_severity_in_the_file_is_the_present_one(run: Run, tmp_path: Path) -> None:
    run.save(0.0, START)
    open_ = run.monitor.alerts.evaluator.alerts["traffic"].open
    ((subject, incident),) = open_.items()
    open_[subject] = replace(incident, severity=Severity.WARNING)
    run.save(0.0, START)
    run.store.close()
    with sqlite3.connect(run.file) as connection:
        query = "SELECT severity FROM incidents WHERE id = ?"
        assert connection.execute(query, (incident.id,)).fetchone() == ("warning",)
    connection.close()


def test_what_is_kept_is_bounded_with_and_without_a_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("alerts.history.incident_history", "state.tables"):
        monkeypatch.setattr(f"logmon_tui.{module}.KEPT_INCIDENTS", 3)
    run = Run(tmp_path / "s.sqlite", settings_of(threshold=1, alert_window=5))
    hits = [hit(START + 20 * burst) for burst in range(6) for _ in range(10)]
    run.feed(batch_of([*hits, hit(START + 200)]), 0.0)
    run.tick(0.0, START)
    history = run.monitor.alerts.history
    assert (len(history.closed), len(history.unsaved)) == (3, 3)
    kept = history.closed
    run.save(0.0, START)
    run.store.close()
    assert history_of(run.file).incidents == kept


@pytest.fixture
def version_2(tmp_path: Path) -> Path:
    file = tmp_path / "old.sqlite"
    file.write_bytes(gzip.decompress(VERSION_2.read_bytes()))
    file.chmod(0o600)
    return file


def told(incidents: list[Incident] | tuple[Incident, ...]) -> list[tuple[Any, ...]]:
    return [
        (
            each.rule,
            each.triggered_at - START,
            each.recovered_at and each.recovered_at - START,
            each.scope,
            each.changes,
            each.acknowledged_at,
            each.note,
            each.evidence,
        )
        for each in incidents
    ]


PAST = ("traffic", 2, 12, Scope.ALL, (), None, "", None)
FIRING = [
    ("traffic", 35, None, Scope.ALL, (), None, "", None),
    ("error_rate", 39, None, Scope.ALL, (), None, "", None),
]


def test_the_history_of_a_state_of_version_2_is_read_before_it_is_upgraded(
    version_2: Path,
) -> None:
    before = version_2.read_bytes()
    history = history_of(version_2)
    past, *firing = told(history.incidents)
    assert history == History(history.incidents, (), None)
    assert (past, sorted(firing, key=lambda each: each[1])) == (PAST, FIRING)
    assert version_2.read_bytes() == before


def test_a_state_of_version_2_is_gone_on_from(version_2: Path, opened: Open) -> None:
    store = opened(version_2)
    assert (store.problem, store.note) == ("", "the saved state was upgraded from version 2")
    given = settings_of(threshold=1, alert_window=10, ddos_threshold=3)
    monitor = loaded(store, given)
    assert told(monitor.alerts.history.closed) == [PAST]
    assert sorted(told(monitor.alerts.open), key=lambda each: each[1]) == FIRING
    picture = monitor.snapshot(0.0, START)
    assert (picture.ingest.hits, picture.ingest.status) == (80, ())
    assert picture.alerts.silences == ()
    monitor.alerts.incidents.set_note(monitor.alerts.history.closed[0].id, "of old")
    store.save({}, monitor, 0.0, START + 61)
    assert store.problem == ""
    store.close()
    assert [each.note for each in history_of(version_2).incidents if not each.firing] == ["of old"]


def loaded(store: StateFile, given: Settings) -> HTTPMonitor:
    saved = store.load()
    assert saved is not None
    assert saved.positions[LOG].opened[0].place.offset == 80
    monitor = HTTPMonitor(given, journal=True)
    monitor.restore(saved.monitor, 0.0)
    return monitor
