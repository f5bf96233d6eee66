"""What a message to a target holds: which incidents, in which order and words."""

from logmon_tui.alerts.model.rule import Severity
from logmon_tui.notify.message import EventKind, Group
from logmon_tui.notify.policy import MAX_EVENTS
from tests.notify.policy_world import FIRED, RECOVERED, world


def test_in_a_message_what_fires_stands_before_what_recovered_the_worst_first() -> None:
    each = world(group_wait=3.0)
    for name in (b"/a", b"/b"):
        each.fire(("errors", name))
    each.steps(5)
    each.recover(("errors", b"/a"))
    each.fire(("errors", b"/c"), Severity.WARNING)
    each.recover(("errors", b"/b"))
    each.fire(("errors", b"/d"))
    each.steps(5)
    assert [(event.kind, event.incident.subject) for event in each.told[-1][1].events] == [
        (FIRED, b"/d"),
        (FIRED, b"/c"),
        (RECOVERED, b"/a"),
        (RECOVERED, b"/b"),
    ]


def test_of_what_recovered_and_fired_anew_the_fire_stands_first() -> None:
    each = world(group_wait=3.0)
    each.fire()
    each.steps(20)
    each.recover()
    each.fire()
    assert each.steps(5) == [("fired", "traffic"), ("recovered", "traffic")]
    first, second = (event.incident.id for event in each.told[-1][1].events)
    assert first != second


def test_of_a_storm_the_worst_are_told_and_the_others_counted() -> None:
    each = world(per_minute=1)
    for number in range(MAX_EVENTS + 30):
        severity = Severity.CRITICAL if number % 5 == 0 else Severity.WARNING
        each.fire(("ddos", b"10.0.0.%d" % number), severity)
    each.step()
    ((_, group),) = each.told
    assert (len(group.events), group.more) == (MAX_EVENTS, 30)
    assert {event.incident.subject for event in group.events} >= {b"10.0.0.0", b"10.0.0.45"}
    for key in list(each.open):
        each.recover(key)
    assert len(each.steps(61)) == MAX_EVENTS
    assert each.told[1][1].more == 0  # of those that were only counted nothing more


def test_that_it_fires_still_is_told_in_the_words_of_now() -> None:
    each = world()
    each.fire()
    each.fire(("busy", None))
    each.step()
    each.messages_now = {"2": "busy as never before"}
    each.step(900)
    said = [(event.kind, event.incident.message) for _, event in each.events]
    assert said[2:] == [(EventKind.FIRING, said[0][1]), (EventKind.FIRING, "busy as never before")]
    each.recover(("busy", None))
    each.step()
    assert each.events[-1][1].incident.message == said[1][1]


def subjects(group: Group) -> list[bytes | None]:
    return [event.incident.subject for event in group.events]


def test_each_group_has_a_message_and_a_wait_of_its_own() -> None:
    each = world(group_wait=5.0, group_by=("rule",))
    for number in range(3):
        each.fire(("ddos", b"10.0.0.%d" % number))
        each.steps(1)
    each.fire(("errors", b"/api"))
    each.steps(10)
    assert [(now, subjects(group)) for now, group in each.told] == [
        (6.0, [b"10.0.0.0", b"10.0.0.1", b"10.0.0.2"]),
        (9.0, [b"/api"]),
    ]


def test_groups_go_by_labels_and_by_severity() -> None:
    each = world(group_by=("label.team", "severity"))
    for number, (team, severity) in enumerate(
        (("web", Severity.CRITICAL), ("ops", Severity.CRITICAL), ("web", Severity.WARNING))
    ):
        each.fire(("errors", b"/%d" % number), severity)
        each.alter(("errors", b"/%d" % number), labels=(("team", team),))
        each.fire(("slow", b"/%d" % number), severity)
        each.alter(("slow", b"/%d" % number), labels=(("team", team),))
    each.step()
    assert [sorted(subjects(group)) for _, group in each.told] == [
        [b"/0", b"/0"],
        [b"/1", b"/1"],
        [b"/2", b"/2"],
    ]


def test_groups_share_the_messages_of_a_minute() -> None:
    each = world(per_minute=2, group_by=("subject",))
    for number in range(3):
        each.fire(("ddos", b"10.0.0.%d" % number))
    each.step()
    assert len(each.told) == 2
    each.fire(("errors", b"10.0.0.2"))
    each.steps(59)
    assert len(each.told) == 2
    each.steps(1)
    assert subjects(each.told[2][1]) == [b"10.0.0.2", b"10.0.0.2"]
