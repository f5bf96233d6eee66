"""Bad requests, and too many or too large ones, are told as problems; nothing else happens."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.escape import printable
from logmon_tui.snapshot import Ingest, Question, Snapshot
from logmon_tui.web.api import asking
from logmon_tui.web.api.call import MAX_BODY
from logmon_tui.web.engine import Engine
from tests.web.api_runs import MonitorEngine, application, client_of, got, monitor_of, settings

SETTINGS = settings()
ENGINE = MonitorEngine(monitor_of(SETTINGS))
APP = application(ENGINE, SETTINGS)
WITHOUT_PAST = {"history": {"enabled": False}}


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/snapshot?top=0", 400, "top: expected a whole number of at least 1, not '0'"),
        ("/snapshot?top=1001", 400, "top: expected a whole number of at most 1,000, not '1001'"),
        ("/snapshot?tpo=1", 400, "tpo is not known; did you mean top? known are top"),
        ("/health?x", 400, "x is not known"),
        ("/query?window=abc", 400, "window: expected a whole number, not 'abc'"),
        ("/query?window=-5", 400, "window: expected a whole number of at least 1, not '-5'"),
        ("/query?window=99999999", 400, "expected a whole number of at most 34,560,000"),
        ("/query?window=1&window=2", 400, "window: is given twice; leave one out"),
        ("/query?order=fast", 400, "'fast' is not known; known are newest, slowest, largest"),
        ("/query?where=status:5xy", 422, "where: "),
        ("/query?where=" + "x" * 1_001, 400, "where: its length is at most 1000"),
        ("/query?where=@nothing", 422, "where: "),
        ("/query?end=soon", 422, "end: 'soon' is no moment such as -2h, 14:00"),
        ("/query?end=1970-01-01", 422, "end: nothing is kept of that time; give one since"),
        ("/query?end=0001-01-01", 422, "end: nothing is kept of that time"),
        ("/query?window=3456000", 422, "window: no more than 35 d 00 h are kept of the past"),
        ("/query?dimension=pahts", 422, "dimension: pahts is not known; did you mean paths?"),
        ("/query?dimension=", 400, "dimension: its length is at least 1"),
        (
            "/query?" + "&".join(["dimension=paths"] * 11),
            400,
            "dimension: its length is at most 10",
        ),
        ("/graph?columns=1001", 400, "columns: expected a whole number of at most 1,000"),
        ("/graph?step=0", 400, "step: expected a whole number of at least 1"),
        ("/graph?step=86400&columns=1000", 422, "columns: no more than 35 d 00 h are kept"),
        ("/graph?order=newest", 400, "order is not known"),
        ("/incidents?rule=ddso", 422, "rule: ddso: no rule is called so; did you mean ddos?"),
        ("/incidents?severity=bad", 400, "severity: 'bad' is not known; known are warning, crit"),
        ("/incidents?scope=x", 400, "scope: 'x' is not known; known are all, section, path"),
        ("/incidents?firing=perhaps", 400, "firing: expected true or false, not 'perhaps'"),
        ("/incidents?since=1h&until=2h", 422, "since: nothing is between it and until; swap"),
        ("/incidents?since=tomorrow", 422, "since: 'tomorrow' is no moment such as 2h"),
        ("/incidents?since=999999999w", 422, "since: "),
        ("/incidents/ffffffff", 404, "id: no incident has such an id; /api/v1/incidents lists"),
        ("/incidents/abc", 400, "id: abc does not look like one"),
        ("/incidents/%2e%2e%2fetc", 404, "Not Found"),
        ("/marks?until=x", 422, "until: 'x' is no moment"),
        ("/nothing", 404, "Not Found"),
        ("/snapshot/", 404, "Not Found"),
        ("/", 404, "Not Found"),
    ],
)
async def test_a_bad_request_is_told(path: str, status: int, told: str) -> None:
    answer = await got(APP, path, status=status)
    assert told in answer["detail"]
    assert answer.keys() == {"title", "status", "detail"}
    assert "\n" not in answer["detail"]


async def test_hostile_values_come_back_in_plain_characters() -> None:
    answer = await got(APP, "/query", {"dimension": "\x1b[2J\u202e<b>" + "x" * 80}, status=422)
    assert answer["detail"].isprintable()
    assert answer["detail"].isascii()
    answer = await got(APP, "/query", {"\x1b[2J" + "x" * 5_000: "1"}, status=400)
    assert len(answer["detail"]) < 200
    assert answer["detail"].isprintable()


async def test_a_wrong_method_names_the_right_ones() -> None:
    async with client_of(APP) as client:
        answer = await client.request("PATCH", "/marks")
        assert answer.status_code == 405
        assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))
        assert answer.headers["content-type"] == "application/problem+json"
        head = await client.head("/snapshot")
        assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"text": "x"}', "text/plain", 415),
        (b'{"text": "x"}', "", 415),
        (b'{"text": "x"', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"", "application/json", 400),
        (b"null", "application/json", 400),
        (b"[" * 4_000, "application/json", 400),
        (b'{"text": NaN}', "application/json", 400),
        (b'{"text": 1e999}', "application/json", 400),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b'{"text": "' + b"x" * MAX_BODY + b'"}', "application/json", 413),
        (b" " * (MAX_BODY + 1), "application/json", 413),
    ],
)
async def test_a_bad_body_is_told(body: bytes, kind: str, status: int) -> None:
    async with client_of(APP) as client:
        headers = {"content-type": kind}
        for path in ("/marks", "/silences"):
            answer = await client.post(path, content=body, headers=headers)
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
    assert ENGINE.posted == []


async def test_a_body_of_unknown_length_is_bounded() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 1_000

    async with client_of(APP) as client:
        headers = {"content-type": "application/json"}
        answer = await client.post("/marks", content=endless(), headers=headers)
    assert answer.status_code == 413


async def test_without_a_past_only_the_hits_of_the_last_minutes_are_asked_for() -> None:
    given = settings(**WITHOUT_PAST)
    app = application(ENGINE, given)
    assert (await got(app, "/query", {"window": 900}))["known"] == "hits"
    answer = await got(app, "/query", {"window": 901}, status=422)
    assert answer["detail"] == "window: no more than 15 m 00 s are kept of the past; ask for less"


class Slow(Engine):
    """An engine that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.may_answer = asyncio.Event()
        self.asked = asyncio.Semaphore(0)

    async def ask(self, question: Question) -> Snapshot:
        self.asked.release()
        await self.may_answer.wait()
        return Snapshot()


async def test_no_more_than_some_questions_wait_at_a_time() -> None:
    engine = Slow()
    app = application(engine, SETTINGS)
    async with client_of(app) as client:
        waiting = [asyncio.create_task(client.get("/query")) for _ in range(asking.MAX_QUESTIONS)]
        for _ in waiting:
            await engine.asked.acquire()
        for path in ("/query", "/graph", "/snapshot"):
            refused = await client.get(path)
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "1"
        assert (await client.get("/incidents")).status_code == 200  # asks nothing
        engine.may_answer.set()
        assert {each.status_code for each in await asyncio.gather(*waiting)} == {200}
        assert (await client.get("/query")).status_code == 200


async def test_questions_of_clients_that_left_take_no_place() -> None:
    engine = Slow()
    app = application(engine, SETTINGS)
    async with client_of(app) as client:
        for _ in range(asking.MAX_QUESTIONS):
            task = asyncio.create_task(client.get("/query"))
            await engine.asked.acquire()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        engine.may_answer.set()
        assert (await client.get("/query")).status_code == 200


@pytest.mark.parametrize("error", [TimeoutError(), ZeroDivisionError("secret")])
async def test_a_watch_that_does_not_answer_is_told(error: Exception) -> None:
    class Failing(Engine):
        async def ask(self, question: Question) -> Snapshot:
            raise error

    app = application(Failing(lambda _: None), SETTINGS)
    status = 503 if isinstance(error, TimeoutError) else 500
    for path in ("/query", "/graph", "/snapshot"):
        answer = await got(app, path, status=status)
        assert "secret" not in str(answer)


async def test_health_tells_that_reading_fails() -> None:
    engine = Engine(lambda _: None)
    engine.latest = replace(ENGINE.latest, ingest=Ingest(failure="OSError: disk; trying again"))
    answer = await got(application(engine, SETTINGS), "/health", status=503)
    assert answer["detail"] == "reading fails: OSError: disk; trying again"


WORDS = st.one_of(
    st.text(max_size=20),
    st.integers(-5, 2_000).map(str),
    st.sampled_from(
        ["null", "true", "-1h", "2h", "1e3", "0x5", "paths", "status:5xx", "newest", "critical"]
    ),
)
NAMES = ("where", "window", "end", "dimension", "top", "order", "step", "columns", "since")
NAMES += ("until", "rule", "severity", "scope", "grep", "firing", "id", "no such")


@given(
    st.sampled_from(("snapshot", "query", "graph", "incidents", "marks", "silences", "health")),
    st.lists(st.tuples(st.sampled_from(NAMES), WORDS), max_size=4),
)
def test_whatever_is_asked_is_answered_or_told(path: str, asked: list[tuple[str, str]]) -> None:
    async def ask() -> Any:
        async with client_of(APP) as client:
            return await client.get(f"/{path}", params=asked)

    answer = asyncio.run(ask())
    assert answer.status_code in {200, 400, 422}, answer.text
    document = answer.json()
    if answer.status_code == 200:
        assert "title" not in document
    else:
        assert document["status"] == answer.status_code
        assert printable(document["detail"]) == document["detail"]
