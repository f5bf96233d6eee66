"""The notifier, from incidents to servers; and a pipeline that feeds it."""

import time
from pathlib import Path

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.notify.notifier import Notifier
from logmon_tui.notify.policy import Moment
from logmon_tui.notify.registry import read_targets
from logmon_tui.notify.worker import RetryPolicy
from tests.notify.examples import incident, wait_for
from tests.notify.sinks import HttpSink

QUICK = RetryPolicy(tries=4, shortest=0.01, longest=0.02)


def notifier(*urls: str, **more: object) -> Notifier:
    tables = {f"t{n}": {"type": "webhook", "url": url, **more} for n, url in enumerate(urls)}
    return Notifier(read_targets(tables), {"traffic": 10}, ("access.log",), QUICK)


def moment(now: float, *open_: Incident, changed: tuple[Incident, ...] = ()) -> Moment:
    return Moment(now, time.time(), changed or open_, open_)


def test_each_target_is_told_and_a_dead_one_disturbs_no_other(http_sink: HttpSink) -> None:
    each = notifier("http://127.0.0.1:1/", http_sink.url, group_wait=0)
    each.post(moment(0.0, incident()))
    wait_for(lambda: each.statuses()[1].sent == 1)
    wait_for(lambda: each.statuses()[0].dropped == 1)
    dead, live = each.statuses()
    assert (dead.name, dead.kind, dead.problem) == ("t0", "webhook", "Connection refused")
    assert (live.problem, live.sent) == ("", 1)
    assert http_sink.bodies[0]["logs"] == ["access.log"]
    assert http_sink.bodies[0]["host"]
    each.close()


def test_closing_sends_what_waits_for_company(http_sink: HttpSink) -> None:
    each = notifier(http_sink.url, group_wait=300)
    each.post(moment(time.monotonic(), incident()))
    assert http_sink.requests == []
    each.close(20)
    assert http_sink.events() == [("fired", "traffic")]


def test_closing_sends_nothing_of_a_backlog(http_sink: HttpSink) -> None:
    each = notifier(http_sink.url, group_wait=0)
    each.post(moment(time.monotonic(), incident())._replace(hold=True))
    each.close(20)
    assert http_sink.requests == []


def test_closing_without_anything_told_is_quick() -> None:
    each = notifier("http://127.0.0.1:1/")
    began = time.monotonic()
    each.close()
    assert time.monotonic() - began < 2


def test_the_screens_own_targets_are_left_to_it() -> None:
    each = Notifier(read_targets({"b": {"type": "bell"}}), {})
    assert each.statuses() == ()
    each.close()


def test_a_target_whose_secret_is_missing_is_dead_and_says_why(
    tmp_path: Path, http_sink: HttpSink
) -> None:
    tables = {
        "pager": {"type": "webhook", "url": {"file": str(tmp_path / "none")}, "group_wait": 0},
        "hook": {"type": "webhook", "url": http_sink.url, "group_wait": 0},
    }
    each = Notifier(read_targets(tables), {})
    dead, live = each.statuses()
    assert (
        dead.problem
        == f"{tmp_path / 'none'}: cannot be read: No such file or directory; give another file"
    )
    assert live.problem == ""
    each.post(moment(0.0, incident()))
    wait_for(lambda: each.statuses()[0].dropped == 1 and each.statuses()[1].sent == 1)
    assert each.statuses()[0].problem == dead.problem
    each.close()


def test_while_another_watch_tells_each_target_says_so() -> None:
    each = notifier("http://127.0.0.1:1/")
    each.stands_back = True
    (status,) = each.statuses()
    assert status.problem == "another logmon-tui watches these logs and notifies"
    each.close()


def test_a_reload_leaves_equal_targets_alone_and_tells_new_ones_only_what_is_new(
    http_sink: HttpSink,
) -> None:
    tables = {"a": {"type": "webhook", "url": http_sink.url, "group_wait": 0}}
    each = Notifier(read_targets(tables), {"traffic": 10_000}, (), QUICK)
    first = incident()
    each.post(moment(0.0, first))
    wait_for(lambda: each.statuses()[0].sent == 1)
    more = {
        **tables,
        "b": {"type": "webhook", "url": f"{http_sink.url.rstrip('/')}/b", "group_wait": 0},
    }
    each.reload(read_targets(more), {"traffic": 10_000})
    each.post(moment(100.0, first))
    second = incident(rule="ddos", id="5702")
    each.post(moment(200.0, first, second, changed=(second,)))
    wait_for(lambda: [status.sent for status in each.statuses()] == [2, 1])
    assert [status.name for status in each.statuses()] == ["a", "b"]
    each.reload(read_targets({"b": more["b"]}), {"traffic": 10_000})
    assert [(status.name, status.sent) for status in each.statuses()] == [("b", 1)]
    each.reload({}, {})
    assert each.statuses() == ()
    each.close(20)
    told = [("fired", "ddos"), ("fired", "ddos"), ("fired", "traffic")]
    assert sorted(http_sink.events()) == told
