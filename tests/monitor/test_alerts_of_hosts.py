"""Alerts over the fleet, a site or a host, and of how many hosts they speak."""

import json

from logmon_tui.alerts.history.evidence_text import absent_text
from logmon_tui.alerts.model.evidence import Kind
from logmon_tui.alerts.model.incident import Hosts
from logmon_tui.alerts.rules.messages import whole_line
from logmon_tui.notify.message import Event, EventKind, Group, Message
from logmon_tui.reports.json_objects import incident_object
from logmon_tui.snapshot import ServerState
from logmon_tui.sources.base import SourceState
from logmon_tui.tui.alerts.incident_text import value_with_hits
from logmon_tui.tui.alerts.why_text import incident_lines
from tests.monitor.fleets import World, of_server
from tests.traffic import START, hit

A, B, C = b"eu/web1", b"eu/web2", b"us/web1"
RULE = {"metric": "rate", "critical": 1, "window": 10}


def test_a_host_and_a_site_are_subjects() -> None:
    by_host = {**RULE, "scope": "server"}
    by_site = {**RULE, "scope": "site", "critical": 3}
    of_one = {**RULE, "where": "site:us", "critical": 0.5}
    world = World(
        rules={"host": by_host, "site": by_site, "us": of_one, "ddos": {"enabled": False}}
    )
    world.beat(A, B, C)
    for name, count in ((A, 20), (B, 20), (C, 9)):
        world.feed(of_server(name, [hit(START)] * count))
    found = {(each.rule, each.subject): each for each in world.pass_time(3, A, B, C)}
    assert set(found) == {("host", A), ("host", B), ("site", b"eu"), ("us", None)}
    assert found["host", A].message.startswith("Host on eu/web1 generated an alert - rate = 2.0/s")
    assert found["site", b"eu"].message.startswith("Site at eu generated an alert - rate = 4.0/s")


def test_why_it_fired_names_the_host_that_moved() -> None:
    world = World(threshold=1, alert_window=10)
    world.beat(A, B)
    world.feed(of_server(A, [hit(START)] * 30))
    world.feed(of_server(B, [hit(START)] * 10))
    (fired,) = (each for each in world.pass_time(3, A, B) if each.rule == "traffic")
    assert fired.evidence is not None
    movers = dict(fired.evidence.movers)[Kind.SERVER]
    assert [(each.key, each.now, each.share) for each in movers] == [(A, 30, 0.75), (B, 10, 0.25)]


def test_while_hosts_are_stale_what_fires_says_of_how_many_it_speaks() -> None:
    world = World(threshold=1, alert_window=10)
    world.beat(A, B, C)
    world.beat(b"us/old", ended=True)  # it is expected to say nothing
    world.pass_time(20, A, B)
    assert world.monitor.snapshot(world.now, world.wall).alerts.hosts == Hosts(2, 3)
    world.feed(of_server(A, [hit(START + 20)] * 40))
    (fired,) = (each for each in world.pass_time(3, A, B) if each.rule == "traffic")
    assert fired.hosts == Hosts(2, 3)
    assert fired.message == (
        "High traffic generated an alert - hits = 40, triggered at 2026-11-21T12:00:20Z"
    )
    assert whole_line(fired) == f"{fired.message}; of 2 of 3 hosts"
    message = Message(Group((Event(EventKind.FIRED, fired),)))
    assert message.line == f"critical: {fired.message}; of 2 of 3 hosts"
    (event,) = json.loads(message.json())["events"]
    assert event["hosts"] == {"heard": 2, "known": 3}
    assert incident_object(fired, "")["hosts"] == {"heard": 2, "known": 3}
    assert world.monitor.alerts.incidents.all()[0].hosts == Hosts(2, 3)
    recovered = [each for each in world.pass_time(20, A, B, C) if not each.firing]
    assert {whole_line(each) for each in recovered} == {each.recovery for each in recovered}


def test_while_all_are_live_nothing_is_said() -> None:
    world = World(threshold=1, alert_window=10)
    world.beat(A, B)
    world.pass_time(5, A, B)
    assert world.monitor.snapshot(world.now, world.wall).alerts.hosts is None
    world.feed(of_server(A, [hit(START + 5)] * 40))
    (fired,) = (each for each in world.pass_time(3, A, B) if each.rule == "traffic")
    assert fired.hosts is None
    assert "hosts" not in incident_object(fired, "")


def test_in_a_backlog_no_host_counts_as_stale() -> None:
    world = World(threshold=1, alert_window=10)
    world.beat(A, B)
    world.now, world.wall = world.now + 50, world.wall + 50  # what is read now was said then
    world.source = SourceState.CATCHING_UP
    world.tick()
    assert {world.row(name).state for name in (A, B)} == {ServerState.CATCHING_UP}
    assert world.row(A).figures.rate is None
    assert world.monitor.snapshot(world.now, world.wall).alerts.hosts is None
    world.source = SourceState.LIVE
    world.pass_time(2, A)
    assert world.row(B).state is ServerState.STALE
    assert world.monitor.snapshot(world.now, world.wall).alerts.hosts == Hosts(1, 2)


def test_messages_of_silence_stand_alone() -> None:
    world = World()
    world.beat(A, B)
    (fired,) = world.pass_time(70, A)
    assert whole_line(fired) == fired.message
    assert Message(Group((Event(EventKind.FIRED, fired),))).line == f"critical: {fired.message}"
    (ended,) = world.pass_time(1, A, B)
    assert whole_line(ended) == f"Host silent: {ended.recovery}"


def test_a_silent_host_is_told_without_hits_and_window() -> None:
    world = World()
    world.beat(A, B)
    (fired,) = world.pass_time(70, A)
    assert fired.of_silence
    assert fired.evidence is None
    assert absent_text(fired) == "A host that says nothing has no lines that could tell why."
    assert value_with_hits(fired) == "61.0 s"
    text = "\n".join(line.plain for line in incident_lines(fired, world.wall, 80, 8))
    assert "Host eu/web2 is silent: nothing heard since" in text
    assert "window" not in text
    assert "0 hits" not in text


def test_what_fires_and_ends_in_one_tick_is_told_as_it_is_kept() -> None:
    world = World(threshold=1, alert_window=5)
    world.beat(A, B)
    world.pass_time(20, A)
    world.feed(of_server(A, [hit(START + 20)] * 40))
    world.now, world.wall = world.now + 20, world.wall + 20
    world.beat(A)
    world.tick()
    told = [each for each in world.changed if each.rule == "traffic"]
    assert [each.firing for each in told] == [True, False]
    assert {each.hosts for each in told} == {Hosts(1, 2)}
    assert told[-1] in world.monitor.alerts.incidents.all()
