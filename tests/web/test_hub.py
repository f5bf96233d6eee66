"""Viewers of the same picture cost one answer; slow ones miss some; there is room for so many."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from logmon_tui.filters.language import parsed
from logmon_tui.monitor.answers import MAX_REMEMBERED
from logmon_tui.snapshot import Ingest, Question, Snapshot
from logmon_tui.web import hub as hub_module
from logmon_tui.web.api.asking import MAX_QUESTIONS
from logmon_tui.web.engine import SHARE, Answer
from logmon_tui.web.hub import MAX_TOPICS, Hub, Viewer
from logmon_tui.web.problems import ProblemError


class Watch:
    """Answers with the number of answers so far."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.costs: dict[Question, float] = {}
        self.encoded = 0

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        cost = self.costs.get(question, 0.0)
        return Answer(Snapshot(ingest=Ingest(hits=len(self.asked))), cost)

    def encode(self, snapshot: Snapshot) -> bytes:
        self.encoded += 1
        return b"%d" % snapshot.ingest.hits


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "TICK_SECONDS", 0.02)


@asynccontextmanager
async def running(watch: Watch) -> AsyncIterator[Hub]:
    hub = Hub(watch.ask, watch.encode)
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def events(viewer: Viewer, count: int) -> list[bytes]:
    found: list[bytes] = []
    async for event in viewer.body_iterator:
        found.append(bytes(event))
        if len(found) == count:
            break
    return found


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is waited for does not tell
            await asyncio.sleep(0.001)


async def test_a_viewer_gets_when_to_come_back_and_then_numbered_pictures() -> None:
    async with running(Watch()) as hub:
        first, *rest = await events(hub.join(Question()), 4)
    assert first == b"retry: 2000\n\n"
    assert rest == [b"id: %d\nevent: picture\ndata: %d\n\n" % (each, each) for each in (1, 2, 3)]


async def test_many_viewers_of_one_question_cost_one_answer() -> None:
    watch = Watch()
    async with running(watch) as hub:
        viewers = [hub.join(Question()) for _ in range(80)]
        found = await asyncio.gather(*(events(each, 6) for each in viewers))
    assert len(watch.asked) <= 8
    assert watch.encoded <= 8
    assert {each[-1] for each in found} <= {
        b"id: %d\nevent: picture\ndata: %d\n\n" % (n, n) for n in (5, 6)
    }


async def test_distinct_questions_are_asked_each() -> None:
    watch = Watch()
    questions = [Question(), Question(parsed("status:5xx")), Question(seconds=60)]
    async with running(watch) as hub:
        await asyncio.gather(*(events(hub.join(each), 3) for each in questions))
    assert {*watch.asked} == {*questions}


async def test_nobody_is_asked_when_nobody_looks() -> None:
    watch = Watch()
    async with running(watch) as hub:
        await asyncio.sleep(0.1)
        assert not watch.asked
        viewer = hub.join(Question())
        await events(viewer, 3)
        hub.leave(viewer.topic)
        await until(lambda: not hub.topics)
        await asyncio.sleep(0.05)  # a question that was under way may end
        before = len(watch.asked)
        await asyncio.sleep(0.2)
        assert len(watch.asked) == before


async def test_a_slow_viewer_gets_only_the_newest_picture() -> None:
    watch = Watch()
    async with running(watch) as hub:
        body = hub.join(Question()).body_iterator
        await anext(body)
        assert await anext(body) == b"id: 1\nevent: picture\ndata: 1\n\n"
        await until(lambda: watch.encoded >= 5)
        newest = await anext(body)
        assert int(bytes(newest).split()[1]) >= 5


async def test_silence_is_broken_by_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.01)
    hub = Hub(Watch().ask, Watch().encode)  # it does not run
    found = await events(hub.join(Question()), 4)
    assert found[1:] == [b": still here\n\n"] * 3


async def test_there_is_room_for_so_many_viewers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MAX_VIEWERS", 3)
    hub = Hub(Watch().ask, Watch().encode)
    viewers = [hub.join(Question()) for _ in range(3)]
    with pytest.raises(ProblemError, match="there are 3 viewers already") as refused:
        hub.join(Question())
    assert refused.value.status_code == 503
    assert refused.value.headers == {"Retry-After": "10"}
    hub.leave(viewers[0].topic)
    hub.join(Question())


async def test_there_is_room_for_so_many_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MAX_TOPICS", 2)
    hub = Hub(Watch().ask, Watch().encode)
    first, _ = hub.join(Question(seconds=1)), hub.join(Question(seconds=2))
    with pytest.raises(ProblemError, match="2 different pictures already"):
        hub.join(Question(seconds=3))
    hub.join(Question(seconds=2))
    hub.leave(first.topic)
    hub.join(Question(seconds=3))


async def test_a_past_moment_is_asked_for_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PAST_SECONDS", 1_000.0)
    watch = Watch()
    past, present = Question(end=1_000), Question()
    async with running(watch) as hub:
        await asyncio.gather(events(hub.join(past), 2), events(hub.join(present), 5))
    assert watch.asked.count(past) == 1
    assert watch.asked.count(present) >= 4


async def test_what_costs_much_is_asked_less_often_and_the_rest_as_before() -> None:
    watch = Watch()
    dear, cheap = Question(seconds=600), Question()
    watch.costs = {dear: 0.3 * SHARE, cheap: 0.0}
    async with running(watch) as hub:
        await asyncio.gather(events(hub.join(dear), 2), events(hub.join(cheap), 21))
    assert watch.asked.count(cheap) >= 19
    assert watch.asked.count(dear) <= 3


@pytest.mark.parametrize(
    ("error", "detail"),
    [(TimeoutError(), b"the watch is busy"), (ZeroDivisionError("secret"), b"cannot be answered")],
)
@pytest.mark.parametrize("question", [Question(), Question(end=1_000)], ids=["present", "past"])
async def test_what_fails_is_told_and_asked_again(
    error: Exception, detail: bytes, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "PAST_SECONDS", 1_000.0)
    watch = Watch()
    ask = watch.ask

    def fail_once(question: Question) -> Awaitable[Answer]:
        if not watch.asked:
            watch.asked.append(question)
            raise error
        return ask(question)

    watch.ask = fail_once  # type: ignore[method-assign,assignment]
    async with running(watch) as hub:
        async with asyncio.timeout(30):
            _, problem, picture = await events(hub.join(question), 3)
    assert problem.startswith(b"id: 1\nevent: problem\ndata: {")
    assert detail in problem
    assert b"secret" not in problem
    assert picture == b"id: 2\nevent: picture\ndata: 2\n\n"


async def test_a_hub_that_closes_ends_all_streams() -> None:
    async with running(Watch()) as hub:
        bodies = [hub.join(Question(seconds=each)).body_iterator for each in (1, 2, 2)]
        for body in bodies:
            await anext(body)
        hub.close()
        async with asyncio.timeout(30):
            for body in bodies:
                assert len([event async for event in body]) <= 1


def test_no_picture_that_viewers_look_at_is_made_from_scratch_each_time() -> None:
    """With as many questions as there may be, and programs that ask as well."""
    assert MAX_TOPICS + MAX_QUESTIONS <= MAX_REMEMBERED
