"""The document for a browser: what it holds, and that what it says of a watch is the JSON's."""

import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.filters.language import parsed
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.reports.json import watch_json
from logmon_tui.snapshot import CountRow, Errors, Question, Ranking, Snapshot, Times
from logmon_tui.web.picture import MAX_MARKS, TOP, document, encoded
from logmon_tui.web.picture_incidents import MAX_INCIDENTS
from logmon_tui.web.picture_tables import EXTRA_ROWS, ROWS
from tests.hostile import PAYLOADS, harm, value
from tests.traffic import START, batch_of, hit, settings_of

SECONDS = 60
END = START + SECONDS - 1
WALL = float(END)


@cache
def fed() -> HTTPMonitor:
    """Return a monitor that has seen a minute, with errors that fired an alert."""
    monitor = HTTPMonitor(settings_of(), keeps_hits=True)
    for second in range(SECONDS):
        now = START + second
        hits = [
            hit(now, path=b"/a/%d" % (second % 7), status=500 if second % 9 == 0 else 200),
            hit(now, path=b"/b", host=b"10.0.0.%d" % (second % 5), status=404),
        ]
        monitor.feed(batch_of(hits), second)
        monitor.tick(second, now)
    return monitor


def answered(question: Question) -> Snapshot:
    return fed().answer(question, SECONDS - 1, END)


def test_it_has_the_object_of_the_json() -> None:
    snapshot = answered(Question(seconds=SECONDS))
    found = document(snapshot, WALL)["snapshot"]
    within = [each for each in snapshot.alerts.incidents if each.changed_at > END - SECONDS]
    assert within
    assert json.dumps(found) == watch_json(snapshot, within, TOP)


def test_its_tables_are_the_rankings_and_each_row_can_be_chosen() -> None:
    snapshot = answered(Question(seconds=30))
    tables = {each["name"]: each for each in document(snapshot, WALL)["tables"]}
    assert {"status", "sections", "paths", "hosts", "user_agents"} <= tables.keys()
    rows = tables["paths"]["rows"]
    assert [row["hits"] for row in rows] == [row.hits for row in snapshot.now.paths.rows]
    for name in ("status", "sections", "paths", "hosts", "user_agents", "methods"):
        for row in tables[name]["rows"]:
            narrowed = answered(Question(parsed(row["term"]), 30))
            assert narrowed.now.hits == row["hits"], row


def test_a_long_table_has_also_the_rows_that_lead_in_errors_and_time() -> None:
    many = [CountRow(b"/%d" % number, 1000 - number, 1) for number in range(99)]
    many[90] = many[90]._replace(errors=Errors(0, 9))
    many[91] = many[91]._replace(errors=Errors(9, 0))
    many[92] = many[92]._replace(times=Times(1, 9, 9, 9))
    snapshot = answered(Question())
    window = replace(snapshot.now, paths=Ranking(tuple(many), 99))
    tables = document(replace(snapshot, now=window), WALL)["tables"]
    (rows,) = (each["rows"] for each in tables if each["name"] == "paths")
    assert [row["key"] for row in rows[ROWS:]] == ["/90", "/91", "/92"]
    assert len(rows) <= ROWS + 3 * EXTRA_ROWS


def test_what_is_not_known_of_a_past_moment_is_not_claimed() -> None:
    snapshot = answered(Question(parsed("agent:curl"), 10, END - 30))
    assert snapshot.moment is not None
    limited = replace(snapshot, moment=snapshot.moment._replace(answered=("paths",)))
    found = document(limited, WALL)
    assert found["scope"]["moment"]["answered"] == ["paths"]
    assert next(each for each in found["tables"] if each["name"] == "status")["rows"] == []


def test_its_graph_may_end_elsewhere_than_the_window() -> None:
    found = document(answered(Question(seconds=10, end=END - 40, columns=60, graph_end=END)), WALL)
    assert found["scope"]["end"] == END - 40
    assert found["graph"]["start"] == START
    assert sum(column[1] for column in found["graph"]["columns"]) == 2 * SECONDS
    alone = document(answered(Question(seconds=10, end=END - 40, columns=60)), WALL)
    assert alone["graph"]["start"] + 59 == END - 40


def test_its_columns_tell_hits_and_errors() -> None:
    columns = document(answered(Question(columns=60)), WALL)["graph"]["columns"]
    errors = sum(second % 9 == 0 for second in range(SECONDS))
    assert [sum(each[place] for each in columns) for place in (2, 3)] == [SECONDS, errors]


def test_an_incident_says_why_and_whether_anybody_is_told() -> None:
    snapshot = answered(Question())
    (first, *_) = document(snapshot, WALL)["incidents"]
    incident = snapshot.alerts.incidents[0]
    assert (first["id"], first["firing"]) == (incident.id, incident.firing)
    assert first["why"]
    assert first["explained"][0]["title"] == "What rose"
    assert not first["silenced"]
    muted = replace(snapshot.alerts, silences=(Silence(WALL - 9, WALL + 9),))
    assert document(replace(snapshot, alerts=muted), WALL)["incidents"][0]["silenced"]


def test_its_lists_are_bounded() -> None:
    snapshot = answered(Question())
    many = tuple(
        replace(snapshot.alerts.incidents[0], id=str(number)) for number in range(MAX_INCIDENTS + 9)
    )
    marks = tuple(Mark(START + number, "x") for number in range(MAX_MARKS + 9))
    crowded = replace(snapshot, alerts=replace(snapshot.alerts, incidents=many), marks=marks)
    found = document(crowded, WALL)
    assert len(found["incidents"]) == MAX_INCIDENTS
    assert [mark["second"] for mark in found["marks"]] == [each.second for each in marks[9:]]


def test_before_the_first_hit_it_says_so() -> None:
    found = document(Snapshot(), WALL)
    assert not found["head"]["begun"]
    assert found["snapshot"]["time"] is None
    assert found["graph"] is None


@pytest.mark.parametrize("control", [False, True])
def test_it_tells_whether_the_watch_may_be_changed(*, control: bool) -> None:
    assert json.loads(encoded(Snapshot(), WALL, control=control))["control"] is control


_KEYS = st.binary(min_size=1, max_size=30) | st.sampled_from(
    [value(number, "path") for number in range(PAYLOADS)]
)


@given(st.lists(_KEYS, min_size=1, max_size=5, unique=True))
def test_any_key_is_spelt_out_and_can_be_chosen(keys: list[bytes]) -> None:
    ranking = Ranking(tuple(CountRow(key, 1, 1) for key in keys), len(keys))
    window = replace(
        Snapshot().now, paths=ranking, user_agents=ranking, hosts=ranking, bots=ranking
    )
    data = encoded(replace(Snapshot(), now=window), WALL)
    assert data.isascii()
    assert b"\n" not in data
    for table in json.loads(data)["tables"]:
        for row in table["rows"]:
            assert harm(row["key"].encode()) == set()
            if row["term"] is not None:
                assert harm(row["term"].encode()) == set()
                assert parsed(row["term"])
