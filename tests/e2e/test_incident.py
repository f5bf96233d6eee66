"""A scripted incident on nginx's log: all that is told of it, by whom ever, is what was sent.

What must have happened is worked out once more, from the lines of the log, in `incident_log.py`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from logmon_tui.config.settings import Panel
from logmon_tui.config.settings_file import read_settings_file
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.tui.alerts.incident_window import IncidentWindow
from logmon_tui.tui.app import LogmonApp
from tests.e2e.incident import FAILING, LOAD_TEST, NOISY, WINDOW, Story, tell
from tests.e2e.incident_log import Course, Hit, Key, hits_of, rules, second_of, within
from tests.e2e.servers import NGINX
from tests.tui.screens import screen_text, until, until_shown, until_still

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NGINX, reason="nginx is not installed"),
]

PHASES: tuple[tuple[Key, ...], ...] = (
    (("traffic", None), ("ddos", LOAD_TEST)),
    (("error_rate", None), ("endpoint_errors", "/api")),
    (("ddos", NOISY),),
    (("traffic_drop", None),),
)
SILENCED = ("ddos", LOAD_TEST)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return tell(tmp_path_factory.mktemp("incident"))


@pytest.fixture(scope="module")
def hits(story: Story) -> list[Hit]:
    return hits_of(story.log)


def key_of(incident: dict[str, Any]) -> Key:
    return incident["rule"], incident["subject"]


@pytest.fixture(scope="module")
def history(story: Story) -> dict[Key, dict[str, Any]]:
    """What `alerts` lists, the earliest first."""
    listed = story.printed_by("alerts", "--state", str(story.state))[::-1]
    by_key = {key_of(incident): incident for incident in listed}
    assert len(by_key) == len(listed), "each fired once"
    return by_key


# What is told of it


def test_the_watch_ends_in_order_and_has_counted_every_request(
    story: Story, hits: list[Hit]
) -> None:
    assert story.ended == (0, "")
    assert Counter((hit.client, hit.path, hit.status) for hit in hits) == story.sent
    last = story.lines[-1]
    assert (last["total_hits"], last["total_unparsed"]) == (story.sent.total(), 0)
    assert sum(line["hits"] for line in story.lines) == story.sent.total()
    assert last["ingest"]["late"] == last["ingest"]["future"] == 0


def test_a_report_of_the_log_counts_every_request(story: Story) -> None:
    report = story.printed_by("report", "--top", "0", str(story.log))
    clients, statuses = Counter(), Counter()
    for (client, _, status), count in story.sent.items():
        clients[client] += count
        statuses[str(status)] += count
    assert report["hits"] == story.sent.total()
    assert report["status"] == statuses
    assert {row["host"]: row["hits"] for row in report["hosts"]} == clients


def test_each_incident_fires_once_in_its_phase_and_recovers(
    history: dict[Key, dict[str, Any]],
) -> None:
    left = list(history)
    for phase in PHASES:
        assert set(left[: len(phase)]) == set(phase)
        del left[: len(phase)]
    assert not left
    assert all(incident["recovered_at"] for incident in history.values())


@pytest.mark.parametrize("key", [key for phase in PHASES for key in phase], ids=str)
def test_an_incident_is_what_the_lines_of_the_log_make_it(
    key: Key, hits: list[Hit], history: dict[Key, dict[str, Any]]
) -> None:
    course = rules(hits)[key].course(hits)
    told = history[key]
    assert course == Course(
        second_of(told["triggered_at"]),
        second_of(told["recovered_at"]),
        pytest.approx(told["value"], abs=1e-6),
        told["hits"],
        pytest.approx(told["peak"], abs=1e-6),
    )


def test_the_error_storm_becomes_critical_when_the_log_says_so(
    hits: list[Hit], history: dict[Key, dict[str, Any]]
) -> None:
    told = history["endpoint_errors", "/api"]
    rule = rules(hits)["endpoint_errors", "/api"]
    critical = rule._replace(threshold=0.4, recovery=0.2).course(hits)
    changes = {each["severity"]: second_of(each["at"]) for each in told["changes"]}
    assert changes["critical"] == critical.triggered
    first = told["changes"][0]
    assert second_of(first["at"]) == second_of(told["triggered_at"])
    assert first["severity"] == ("warning" if len(changes) == 2 else "critical")


def test_the_lines_of_json_told_the_same_as_the_history(
    story: Story, history: dict[Key, dict[str, Any]]
) -> None:
    told = [alert for line in story.lines for alert in line["alerts"]]
    last = {alert["id"]: alert for alert in told}
    assert [key_of(alert) for alert in last.values()] == list(history)
    for alert in last.values():
        kept = history[key_of(alert)]
        assert alert == {**{name: kept[name] for name in alert}, "message": kept["recovery"]}


def test_replaying_the_log_finds_what_was_found_live(
    story: Story, history: dict[Key, dict[str, Any]]
) -> None:
    config = ("--config", str(story.settings))
    reported = story.printed_by("report", *config, str(story.log))["alerts"]
    replayed = story.printed_by("rules", "test", str(story.settings), str(story.log))["incidents"]
    for found in (reported, replayed):
        assert {key_of(each) for each in found} == set(history)
        for each in found:
            kept = history[key_of(each)]
            same = (name for name in each if name in kept and name != "why")  # known live alone
            assert each == {**each, **{name: kept[name] for name in same}}


# Who was told


def test_the_webhook_hears_of_each_incident_once_but_not_of_what_is_silenced(
    story: Story, history: dict[Key, dict[str, Any]]
) -> None:
    events = [event for body in story.posted for event in body["events"]]
    heard = {key: [each["event"] for each in events if key_of(each) == key] for key in history}
    assert heard.pop(SILENCED) == []
    grew_worse = history["endpoint_errors", "/api"]["changes"][0]["severity"] == "warning"
    storm = ["fired", *(["severity"] if grew_worse else []), "recovered"]
    assert heard.pop(("endpoint_errors", "/api")) == storm
    assert set(map(tuple, heard.values())) == {("fired", "recovered")}


def test_the_webhook_is_told_what_the_history_keeps(
    story: Story, history: dict[Key, dict[str, Any]]
) -> None:
    assert {(*body["logs"], body["more"]) for body in story.posted} == {(str(story.log), 0)}
    for event in (event for body in story.posted for event in body["events"]):
        kept = history[key_of(event)]
        same = ["id", "title", "unit", "hits", "value", "window", "triggered_at"]
        if event["event"] == "recovered":
            same += ["recovered_at", "peak"]
            assert event["message"] == kept["recovery"]
        else:
            assert event["recovered_at"] is None
            assert event["message"].startswith(kept["message"])
        assert {name: event[name] for name in same} == {name: kept[name] for name in same}
        of_severity = {"warning": 0.1, "critical": 0.4}
        storm = event["rule"] == "endpoint_errors"
        assert event["threshold"] == (
            of_severity[event["severity"]] if storm else kept["threshold"]
        )
        assert event["labels"] == ({"team": "shop"} if storm else {})


def test_a_command_hears_only_of_the_critical_rules_that_it_is_for(
    story: Story, history: dict[Key, dict[str, Any]]
) -> None:
    bodies = map(json.loads, story.script.read_text().splitlines())
    heard = [(event["event"], key_of(event)) for body in bodies for event in body["events"]]
    wanted = [key for key in history if key[0] != "ddos"]
    assert Counter(heard) == Counter(
        (told, key) for key in wanted for told in ("fired", "recovered")
    )


# What Prometheus read


def test_prometheus_reads_what_was_sent(story: Story) -> None:
    page = story.pages["end"]
    statuses = Counter()
    for (*_, status), count in story.sent.items():
        statuses[f"{status // 100}xx", str(status)] += count
    name = "logmon_hits_by_status_total"
    assert {key[1:]: value for key, value in page.items() if key[0] == name} == statuses
    assert page["logmon_hits_total",] == story.sent.total()
    assert page["logmon_unparsed_lines_total",] == page["logmon_late_hits_total",] == 0
    sent = sum(int(line.split()[9]) for line in story.log.read_text().splitlines())
    assert page["logmon_response_bytes_total",] == sent
    assert page["logmon_source_position_bytes", str(story.log)] == story.log.stat().st_size


def test_prometheus_reads_which_rules_fire_and_how_many_messages_went_out(story: Story) -> None:
    for rule in ("traffic", "endpoint_errors", "ddos", "traffic_drop"):
        page = story.pages[rule]
        assert page["logmon_alert_firing", rule] >= 1
        assert page["logmon_incidents", "no", "critical"] >= 1
    end = story.pages["end"]
    assert {value for key, value in end.items() if key[0] == "logmon_alert_firing"} == {0}
    sent = "logmon_notifications_sent_total"
    assert end[sent, "webhook", "hook"] == len(story.posted)
    assert end[sent, "command", "script"] == len(story.script.read_text().splitlines())
    assert end["logmon_silences",] == 1


# Why it fired


def counted(hits: Sequence[Hit], name: str) -> Counter[str]:
    return Counter(str(getattr(hit, name)) for hit in hits)


def test_the_evidence_of_the_storm_names_what_was_sent(
    hits: list[Hit], history: dict[Key, dict[str, Any]]
) -> None:
    told = history["endpoint_errors", "/api"]
    at = second_of(told["triggered_at"])
    failed = [hit for hit in hits if hit.section == "/api" and hit.status >= 500]
    now, before = within(failed, at), within(failed, at - WINDOW)
    evidence = told["evidence"]
    assert (evidence["before"], evidence["now"]) == (len(before), len(now))
    assert (evidence["since"], evidence["sampled"]) == (None, False)
    kinds = {"section": "section", "path": "path", "status": "status", "client": "client"}
    for kind, name in kinds.items():
        was, is_ = counted(before, name), counted(now, name)
        assert evidence["movers"][kind] == [
            {
                "key": key,
                "before": was[key],
                "now": count,
                "share": pytest.approx((count - was[key]) / (len(now) - len(before)), abs=1e-6),
            }
            for key, count in is_.most_common()
        ]
    assert [row["key"] for row in evidence["movers"]["path"]] == [FAILING]
    assert len(evidence["samples"]) == 5
    assert set(evidence["samples"]) <= {hit.line for hit in now}


@pytest.mark.parametrize(
    ("key", "client"), [(("traffic", None), LOAD_TEST), (("ddos", NOISY), NOISY)], ids=str
)
def test_the_evidence_of_loud_traffic_names_its_client(
    key: Key, client: str, hits: list[Hit], history: dict[Key, dict[str, Any]]
) -> None:
    at = second_of(history[key]["triggered_at"])
    top = history[key]["evidence"]["movers"]["client"][0]
    count = counted(within(hits, at), "client")[client]
    assert (top["key"], top["before"], top["now"]) == (client, 0, count)


def test_the_evidence_keeps_what_was_measured_second_by_second(
    hits: list[Hit], history: dict[Key, dict[str, Any]]
) -> None:
    told = history["traffic", None]
    start, values = second_of(told["evidence"]["start"]), told["evidence"]["values"]
    assert start <= second_of(told["triggered_at"]) - WINDOW
    assert start + len(values) > second_of(told["triggered_at"])
    for second, value in enumerate(values, start):
        assert value == len(within(hits, second)) / WINDOW


async def test_the_why_window_of_another_run_shows_the_storm(
    story: Story, hits: list[Hit], history: dict[Key, dict[str, Any]]
) -> None:
    told = history["endpoint_errors", "/api"]
    settings = read_settings_file(story.settings).settings
    engine = PipelineThread([str(story.log)], settings, FormatSelector(), state_file=story.state)
    app = LogmonApp(engine, settings, name_of_log=str(story.log))
    async with app.run_test(size=(120, 60)) as pilot:
        await until_shown(app, "Endpoint errors")
        app.dashboard.panels[Panel.ALERTS].focus()
        await pilot.press("slash", *"endpoint", "enter")
        await until_shown(app, "1 of ")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, IncidentWindow))
        await until_still(app)
        shown = screen_text(app)
    for text in shown_of(told):
        assert text in shown, f"{text}\n{shown}"


def shown_of(told: dict[str, Any]) -> Iterator[str]:
    """Yield what the window must say."""
    yield "Endpoint errors /api"
    yield told["id"]
    yield f"{100 * told['value']:.1f} % of {told['hits']} hits"
    yield f"{told['evidence']['before']} → {told['evidence']['now']} hits"
    for row in told["evidence"]["movers"]["client"]:
        yield row["key"]
        yield f"{row['before']} → {row['now']:>6}"
    yield FAILING
    yield from (line[:80] for line in told["evidence"]["samples"])
