"""What the API shows: the objects of `--output json`, of the hits that were asked for."""

import json
from typing import Any

import pytest
from starlette.applications import Starlette

from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.filters.language import parsed
from logmon_tui.monitor.commands import SetFilter, ShowMoment
from logmon_tui.reports.history import HistoryContext, history_json
from logmon_tui.reports.json import Live, watch_json
from logmon_tui.reports.registry import Layout
from tests.traffic import START, hit, measured_batch_of
from tests.web.api_runs import (
    END,
    MARKS,
    SECONDS,
    MonitorEngine,
    application,
    feed,
    got,
    monitor_of,
    settings,
)

SHARED = (
    *("time", "window", "hits", "bytes", "rate", "status", "sections", "hosts"),
    *("response_time", "total_time", "upstream_time", "bytes_in"),
)
"""The keys that an answer shares with a line of `watch --output json`."""

SETTINGS = settings()
ENGINE = MonitorEngine(monitor_of(SETTINGS))


@pytest.fixture
def app() -> Starlette:
    return application(ENGINE, SETTINGS)


@pytest.mark.parametrize("top", [1, 3, 1_000])
async def test_the_snapshot_is_what_a_watch_prints(app: Starlette, top: int) -> None:
    picture = ENGINE.picture()
    begin = picture.now.end - picture.now.seconds
    changed = [each for each in picture.alerts.incidents if each.changed_at > begin]
    line = watch_json(picture, changed, top, [MARKS[1]])
    assert await got(app, "/snapshot", {"top": top}) == json.loads(line)


async def test_the_snapshot_tells_incidents_and_marks_of_its_window() -> None:
    given = settings(stats_interval=160)
    engine = MonitorEngine(monitor_of(given))
    (line,) = Live(Layout(5)).interval(engine.picture(), None)
    found = await got(application(engine, given), "/snapshot")
    assert (
        found["marks"]
        == json.loads(line)["marks"]
        == [{"at": iso_time(END - 3), "text": "cache off"}]
    )
    changes = [each["recovered_at"] or each["changes"][-1]["at"] for each in found["alerts"]]
    assert changes == sorted(changes)
    assert len(changes) > 2


@pytest.mark.parametrize("interval", [5, 20])
async def test_a_query_is_what_the_watch_printed_of_the_same_moment(interval: int) -> None:
    given = settings(stats_interval=interval)
    engine = MonitorEngine(monitor_of(given, whole_intervals=True))
    app = application(engine, given)
    compared = 0
    for line in printed(interval):
        asked = {"end": line["time"], "window": line["window"], "top": 5}
        found = await got(app, "/query", asked)
        assert found["known"] == "hits"
        assert {key: found[key] for key in SHARED} == {key: line[key] for key in SHARED}
        compared += line["hits"] > 0
    assert compared > 150 / interval


def printed(interval: int) -> list[dict[str, Any]]:
    """Return the lines that a watch without a screen prints of the same traffic."""
    monitor = monitor_of(settings(stats_interval=interval), whole_intervals=True, seconds=0)
    live = Live(Layout(5))
    lines: list[str] = []
    end = 0
    for second in range(SECONDS):
        feed(monitor, range(second, second + 1))
        picture = monitor.snapshot(second, START + second)
        if picture.now.seconds and picture.now.end != end:
            end = picture.now.end
            lines += live.interval(picture, None)
    return [json.loads(line) for line in lines]


async def test_a_query_of_a_filter_and_of_rankings(app: Starlette) -> None:
    asked = {"where": "status:5xx", "window": SECONDS, "dimension": ["paths", "methods"]}
    found = await got(app, "/query", asked)
    assert found["filter"] == {"where": "status:5xx"}
    assert found["status"] == {"500": 120, "503": 40}
    assert found["paths"][0]["path"] == "/<script>alert(1)</script>\\xff\x1b[2J"
    assert found["paths"][0]["hits"] == 120
    assert [row["method"] for row in found["methods"]] == ["GET"]
    assert "hosts" not in found


async def test_a_query_without_a_filter_is_of_the_hits_of_the_settings() -> None:
    given = settings(where="path:/b")
    app = application(MonitorEngine(monitor_of(given)), given)
    assert (await got(app, "/query"))["hits"] == 10
    assert (await got(app, "/query", {"where": ""}))["hits"] == 20
    assert (await got(app, "/snapshot"))["filter"] == {"where": "path:/b"}


async def test_a_query_with_single_requests(app: Starlette) -> None:
    found = await got(app, "/query", {"order": "newest", "top": 3, "window": 60})
    newest = [each["time"] for each in found["requests"]]
    assert newest == [iso_time(END), iso_time(END), iso_time(END - 1)]
    assert found["requests"][0]["path"] == "/b"
    slowest = (await got(app, "/query", {"order": "slowest", "window": 60}))["requests"]
    times = [each["response_time"] for each in slowest]
    assert times == sorted(times, reverse=True)
    assert times[0] == found["response_time"]["max"]


async def test_more_rows_than_the_screen_has() -> None:
    given = settings(top=0)
    monitor = monitor_of(given, seconds=1)
    paths = [hit(START + 1, path=b"/many/%d" % number) for number in range(300)]
    monitor.feed(measured_batch_of(paths), 1)
    app = application(MonitorEngine(monitor), given)
    for top, rows in ((100, 100), (250, 250), (1_000, 302), (None, 302)):
        asked = {"window": 300, "dimension": "paths", **({} if top is None else {"top": top})}
        assert len((await got(app, "/query", asked))["paths"]) == rows


async def test_a_window_that_is_longer_than_hits_are_kept_is_made_of_minutes(
    app: Starlette,
) -> None:
    for window, known in ((3_000, "minutes"), (7_200, "hours")):
        found = await got(app, "/query", {"window": window})
        assert found["known"] == known
        assert found["hits"] == 2 * SECONDS + 3 * 40
        assert found["status"] == {"200": 360, "500": 120, "503": 40}


async def test_an_end_that_is_still_to_come_is_now(app: Starlette) -> None:
    now = await got(app, "/query", {"window": 60, "end": iso_time(END)})
    assert await got(app, "/query", {"window": 60, "end": iso_time(END + 3_600)}) == now


async def test_a_graph(app: Starlette) -> None:
    found = await got(app, "/graph", {"step": 20, "columns": 10})
    assert found["start"] == iso_time(START)
    assert [each["hits"] for each in found["columns"]] == [40, 40, 40, 100, 100, 40, 40, 40, 40, 40]
    assert found["columns"][3]["status"] == {"2xx": 20, "5xx": 80}
    errors = await got(app, "/graph", {"step": 20, "columns": 10, "where": "status:500"})
    assert errors["filtered"]
    assert [each["hits"] for each in errors["columns"]] == [0, 0, 0, 60, 60, 0, 0, 0, 0, 0]
    earlier = await got(app, "/graph", {"step": 60, "columns": 2, "end": iso_time(START)})
    assert earlier["columns"][0] is None


async def test_incidents_are_those_of_the_command(app: Starlette) -> None:
    alerts = ENGINE.latest.alerts
    context = HistoryContext(float(END), alerts.silences, watched=True, saved_at=None)
    everything = json.loads(history_json(alerts.incidents, context))
    found = await got(app, "/incidents")
    assert found["found"] == len(everything) > 2
    by_id = {each["id"]: each for each in everything}
    for each in found["incidents"]:
        whole = by_id[each["id"]]
        assert each == {key: value for key, value in whole.items() if key != "evidence"}
        assert await got(app, f"/incidents/{each['id']}") == whole
        assert await got(app, f"/incidents/{each['id'][:8]}") == whole
    assert any(each["evidence"]["samples"] is not None for each in everything)
    times = [each["triggered_at"] for each in found["incidents"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("asked", "rules"),
    [
        ({"rule": "ddos"}, ["ddos"]),
        ({"rule": ["ddos", "error_*"]}, ["ddos", "error_rate"]),
        ({"scope": "client", "severity": "critical"}, ["ddos"]),
        ({"grep": "10.9.9"}, ["ddos"]),
        ({"firing": "true"}, []),
        ({"until": iso_time(START)}, []),
        ({"since": iso_time(END)}, []),
        ({"since": "1d", "rule": "ddos"}, ["ddos"]),
    ],
    ids=str,
)
async def test_incidents_are_chosen_as_by_the_command(
    app: Starlette, asked: dict[str, Any], rules: list[str]
) -> None:
    found = await got(app, "/incidents", asked)
    assert sorted({each["rule"] for each in found["incidents"]}) == rules


async def test_the_newest_incidents_and_how_many_there_are(app: Starlette) -> None:
    everything = await got(app, "/incidents")
    newest = await got(app, "/incidents", {"top": 1})
    assert newest == {"incidents": everything["incidents"][:1], "found": everything["found"]}


async def test_marks(app: Starlette) -> None:
    told = [{"at": iso_time(each.second), "text": each.text} for each in MARKS]
    assert await got(app, "/marks") == {"marks": told, "found": 2}
    assert await got(app, "/marks", {"top": 1}) == {"marks": told[1:], "found": 2}
    since = iso_time(MARKS[1].second)
    assert await got(app, "/marks", {"since": since}) == {"marks": told[1:], "found": 1}
    assert await got(app, "/marks", {"until": since}) == {"marks": told[:1], "found": 1}


async def test_before_the_first_hit_everything_is_answered() -> None:
    given = settings()
    app = application(MonitorEngine(monitor_of(given, seconds=0)), given)
    assert (await got(app, "/snapshot"))["time"] is None
    assert (await got(app, "/query", {"window": 7_200, "end": "-1h"}))["hits"] == 0
    assert (await got(app, "/graph"))["columns"] == []
    assert (await got(app, "/incidents")) == {"incidents": [], "found": 0}
    assert (await got(app, "/health"))["status"] == "catching up"


async def test_a_screen_that_shows_something_else_changes_no_answer() -> None:
    given = settings()
    engine = MonitorEngine(monitor_of(given))
    app = application(engine, given)
    paths = ("/snapshot", "/query?window=60", "/graph", "/incidents")
    before = [await got(app, path) for path in paths]
    engine.post(SetFilter(parsed("path:/nothing")))
    engine.post(ShowMoment(START + 30, 10))
    assert engine.latest.now.hits == 0
    assert [await got(app, path) for path in paths] == before
