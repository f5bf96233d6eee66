"""The rule host_silent: who is silent, and when silence says nothing."""

from pathlib import Path
from typing import Any

import pytest

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import ServerState
from logmon_tui.sources.base import Feed, ServerStatus, SourceState
from logmon_tui.state.state_file import StateFile
from tests.monitor.fleets import BROKER, World, of_server
from tests.traffic import START, hit, settings_of

A, B, C = b"eu/web1", b"eu/web2", b"us/web1"


def told(incidents: list[Incident]) -> list[tuple[bytes | None, bool]]:
    """Return what changed: the subject, and whether it fires."""
    assert {each.rule for each in incidents} <= {"host_silent"}
    return [(each.subject, each.firing) for each in incidents]


def test_it_fires_after_a_minute_of_silence_and_ends_with_the_first_word() -> None:
    world = World()
    world.beat(A, B)
    world.tick()
    assert not world.pass_time(60, A)
    (fired,) = world.pass_time(1, A)
    assert (fired.subject, fired.rule, fired.scope) == (B, "host_silent", "server")
    assert fired.triggered_at == START + 61
    assert fired.message == (
        "Host eu/web2 is silent: nothing heard since 12:00:00, triggered at 2026-11-21T12:01:01Z"
    )
    assert world.row(B).state is ServerState.SILENT
    assert not world.pass_time(100, A)
    (ended,) = world.pass_time(1, A, B)
    assert ended.recovered_at == START + 162
    assert ended.recovery == "Host eu/web2 is heard again, recovered at 2026-11-21T12:02:42Z"
    assert world.row(B).state is ServerState.LIVE
    assert [each.id for each in world.monitor.alerts.incidents.all()] == [fired.id]


def test_of_a_silence_that_began_another_day_it_says_the_day() -> None:
    world = World(rules={"host_silent": {"critical": 86_000}}, fleet={"silent_after": 86_000})
    world.beat(A)
    world.pass_time(1, B)
    for _ in range(86_000 // 4 + 5):  # no pause
        world.now, world.wall = world.now + 4, world.wall + 4
        world.beat(B)
        world.tick()
    (fired,) = world.changed
    assert "nothing heard since 12:00:00, triggered at 2026-11-22T" in fired.message


def test_a_server_that_was_listed_but_never_heard_fires_too() -> None:
    world = World()
    world.servers[A] = ServerStatus(A, b"eu", beats=True)
    assert told(world.pass_time(70, B)) == [(A, True)]


def test_servers_that_do_not_beat_or_have_ended_never_fire() -> None:
    world = World()
    world.beat(A, beats=False)
    world.beat(B)
    world.beat(B, ended=True)
    assert not world.pass_time(300, C)
    assert world.row(A).state is ServerState.STALE
    assert world.row(B).state is ServerState.GONE


def test_a_silent_server_that_ends_recovers() -> None:
    world = World()
    world.beat(A)
    assert told(world.pass_time(70, B)) == [(A, True)]
    world.beat(A, ended=True)
    (ended,) = world.pass_time(1, B)
    assert ended.recovery.startswith("Host eu/web1 said that it ends, recovered at 2026")


def test_a_forgotten_server_recovers_and_disappears() -> None:
    world = World()
    world.beat(A)
    world.pass_time(70, B)
    for _ in range(86_400 // 4):
        world.now, world.wall = world.now + 4, world.wall + 4
        world.beat(B)
        world.tick()
    assert told(world.changed) == [(A, True), (A, False)]
    assert "Host eu/web1 is no longer known, recovered" in world.changed[-1].recovery
    assert [row.name for row in world.fleet.servers] == [B]


def test_a_broker_that_is_down_is_one_trouble_and_not_one_for_each_host() -> None:
    world = World()
    world.beat(A, B, C)
    world.pass_time(5, A, B, C)
    world.source = SourceState.FAILED
    (fired,) = world.pass_time(70)
    assert fired.subject == BROKER.encode()
    assert fired.message == (
        f"{BROKER} is silent: nothing heard of its 3 hosts since 12:00:06, "
        "triggered at 2026-11-21T12:01:07Z"
    )
    assert world.row(A).state is ServerState.STALE
    assert not world.pass_time(600)
    world.source = SourceState.LIVE
    (ended,) = world.pass_time(1, A, B)
    assert ended.recovery.startswith(f"{BROKER} is heard again, recovered at ")
    assert not world.pass_time(58, A, B)  # only now the silence of the third counts
    assert told(world.pass_time(5, A, B)) == [(C, True)]


def test_a_host_that_was_silent_before_the_broker_went_stays_so() -> None:
    world = World()
    world.beat(A, B)
    assert told(world.pass_time(70, A)) == [(B, True)]
    world.source = SourceState.WAITING
    assert told(world.pass_time(100)) == [(BROKER.encode(), True)]
    world.source = SourceState.LIVE
    assert told(world.pass_time(30, A)) == [(BROKER.encode(), False)]
    assert told(world.pass_time(1, A, B)) == [(B, False)]


def test_another_broker_that_is_down_hides_no_silence() -> None:
    world = World()
    world.beat(A, B)
    there = tuple(ServerStatus(b"far/%d" % n, b"far", beats=True) for n in range(2))
    world.others = [Feed("nats://far:4222", SourceState.FAILED, there)]
    assert set(told(world.pass_time(70, A))) == {(b"nats://far:4222", True), (B, True)}


def test_a_source_of_one_server_is_judged_as_that_server() -> None:
    """An ssh source: it is the server that cannot be reached."""
    world = World()
    status = ServerStatus(b"web9", heard=world.now, beats=True, message="connection refused")
    world.others = [Feed("web9:/a.log", SourceState.FAILED, (status,))]
    assert told(world.pass_time(70, A, B)) == [(b"web9", True)]
    row = world.row(b"web9")
    assert (row.state, row.message) == (ServerState.FAILED, "connection refused")


def test_reading_a_backlog_is_no_silence() -> None:
    world = World()
    world.beat(A, B)
    world.source = SourceState.CATCHING_UP
    assert not world.pass_time(200)
    world.source = SourceState.LIVE
    assert not world.pass_time(60, A)
    assert told(world.pass_time(5, A)) == [(B, True)]


@pytest.mark.parametrize(("passed", "by_wall"), [(500.0, 500.0), (0.5, 500.0), (0.5, -500.0)])
def test_after_a_pause_of_this_program_silence_counts_anew(passed: float, by_wall: float) -> None:
    """It was stopped, or the machine slept, or its clock was set."""
    world = World()
    world.beat(A, B)
    world.pass_time(30, A, B)
    world.now, world.wall = world.now + passed, world.wall + by_wall
    world.tick()
    assert not world.changed
    assert not world.pass_time(59, A)
    assert told(world.pass_time(5, A)) == [(B, True)]


def test_an_incident_lasts_over_a_pause() -> None:
    world = World()
    world.beat(A, B)
    assert told(world.pass_time(70, A)) == [(B, True)]
    world.now, world.wall = world.now + 500, world.wall + 500
    assert not world.pass_time(30, A)
    assert told(world.pass_time(1, A, B)) == [(B, False)]


def test_at_most_max_incidents_fire_at_once() -> None:
    world = World(rules={"host_silent": {"max_incidents": 3}})
    names = [b"web%d" % number for number in range(10)]
    world.beat(*names)
    assert len(world.pass_time(70, A)) == 3
    (status,) = (
        each
        for each in world.monitor.snapshot(world.now, world.wall).alerts.rules
        if each.rule == "host_silent"
    )
    assert (status.firing, status.suppressed) == (3, 7)
    first = {subject for subject, _ in told(world.changed)}
    changed = told(world.pass_time(2, A, *first))
    assert {subject for subject, fires in changed if not fires} == first
    assert len({subject for subject, fires in changed if fires} - first) == 3  # there is room


@pytest.mark.parametrize(
    ("rules", "fleet", "after"),
    [
        ({}, {"silent_after": 30}, 30),
        ({"host_silent": {"critical": 90}}, {}, 90),
        ({"host_silent": {"warning": 20, "critical": 200}}, {}, 20),
        ({"host_silent": {"for": 25}}, {"silent_after": 10}, 35),
        ({"far": {"metric": "silence", "scope": "server", "critical": 5, "match": "eu/*"},
          "host_silent": {"enabled": False}}, {}, 5),
    ],
)  # fmt: skip
def test_the_rule_can_be_changed(rules: Any, fleet: Any, after: int) -> None:
    world = World(rules=rules, fleet=fleet)
    world.beat(A, B)
    assert not world.pass_time(after, A)
    assert [each.subject for each in world.pass_time(2, A)] == [B]


def test_switched_off_it_is_silent_itself() -> None:
    world = World(rules={"host_silent": {"enabled": False}})
    world.beat(A, B)
    assert not world.pass_time(200, A)
    assert world.row(B).state is ServerState.STALE


def test_labels_acknowledgements_and_notes_are_those_of_any_incident() -> None:
    world = World(rules={"host_silent": {"labels": {"team": "web"}}})
    world.beat(A, B)
    (fired,) = world.pass_time(70, A)
    assert fired.labels == (("team", "web"),)
    world.monitor.alerts.incidents.acknowledge(fired.id, world.wall)
    world.monitor.alerts.incidents.set_note(fired.id, "rebooting")
    (ended,) = world.pass_time(1, A, B)
    assert (ended.acknowledged, ended.note) == (True, "rebooting")


def test_a_watch_of_files_shows_no_such_rule() -> None:
    world = World()
    world.servers = {}
    world.feed(HitBatch.concat([of_server(A, [hit(START)])], [1]))
    monitor = HTTPMonitor(settings_of())
    assert "host_silent" not in {each.rule for each in monitor.snapshot(0, START).alerts.rules}


def saved(world: World, file: Path) -> None:
    store = StateFile(file, ["a.log"])
    store.save({}, world.monitor, world.now, world.wall)
    assert not store.problem
    store.close()


def restarted(file: Path, world: World, pause: float) -> World:
    """Return a world of another run, `pause` seconds later, whose monotonic clock began anew."""
    store = StateFile(file, ["a.log"])
    loaded = store.load()
    store.close()
    assert loaded is not None
    found = World(HTTPMonitor(settings_of()))
    found.now, found.wall = 17.0, world.wall + pause
    found.monitor.restore(loaded.monitor, found.now)
    return found


def test_after_a_restart_a_server_that_never_speaks_again_is_known_and_fires(
    tmp_path: Path,
) -> None:
    world = World()
    world.beat(A, B)
    world.feed(of_server(A, [hit(START)] * 20))
    world.pass_time(20, A, B)
    saved(world, tmp_path / "state")
    after = restarted(tmp_path / "state", world, 3_600)
    assert not after.pass_time(59, A)
    assert after.row(B).quiet == pytest.approx(3_600 + 59, abs=1.5)
    (fired,) = after.pass_time(5, A)
    assert fired.subject == B
    assert "nothing heard since 12:00:20, triggered" in fired.message


def test_after_a_restart_a_silent_server_fires_on(tmp_path: Path) -> None:
    world = World()
    world.beat(A, B)
    world.feed(of_server(A, [hit(START)] * 20))
    (fired,) = world.pass_time(70, A)
    saved(world, tmp_path / "state")
    after = restarted(tmp_path / "state", world, 10)
    assert not after.pass_time(30, A)
    (ended,) = after.pass_time(1, A, B)
    assert ended.id == fired.id
    assert not ended.firing


def test_a_broker_that_is_away_after_a_restart_is_the_one_trouble(tmp_path: Path) -> None:
    world = World()
    world.beat(A, B)
    world.feed(of_server(A, [hit(START)] * 20))
    world.pass_time(5, A, B)
    saved(world, tmp_path / "state")
    after = restarted(tmp_path / "state", world, 10)
    after.source = SourceState.WAITING
    assert told(after.pass_time(300)) == [(BROKER.encode(), True)]
