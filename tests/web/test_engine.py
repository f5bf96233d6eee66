"""A server asks a running pipeline, from another thread."""

import asyncio
import time

import pytest

from logmon_tui.filters.language import parsed
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor.commands import Ask
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.snapshot import Known, Question, Snapshot
from logmon_tui.web.engine import SHARE, Engine
from tests.pipeline.runs import START, FakeSource, Told, lines, running, wait_for
from tests.traffic import settings_of


def pipeline(told: Told) -> Pipeline:
    source = FakeSource(lines(30), lines(12, START + 1, status=500), ends=False)
    listener = told.listener()
    return Pipeline(
        settings_of(), [source], FormatSelector(), listener, headless=True, answers=True
    )


def test_questions_are_answered_by_the_thread_that_counts() -> None:
    told = Told()
    watch = pipeline(told)
    engine = Engine(watch.commands.post)

    async def ask() -> list[int]:
        errors = Question(parsed("status:5xx"), 60)
        answers = await asyncio.gather(engine.ask(errors), engine.ask(Question(seconds=60)))
        return [each.now.hits for each in answers]

    with running(watch):
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == 42)
        assert asyncio.run(ask()) == [12, 42]


def test_the_past_is_known_without_a_state_and_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HitStore.__init__, "__defaults__", (1,))  # no room for old hits
    told = Told()
    later = START + 2 * 3_600
    source = FakeSource(lines(30), lines(12, later), lines(1, later + 60), ends=False)
    watch = Pipeline(
        settings_of(), [source], FormatSelector(), told.listener(), headless=True, answers=True
    )
    engine = Engine(watch.commands.post)

    async def ask(end: int) -> Snapshot:
        return await engine.ask(Question(seconds=60, end=end))

    with running(watch):
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == 43)
        wait_for(lambda: asyncio.run(ask(START + 59)).now.hits == 30)
        found = asyncio.run(ask(START + 59))
    assert found.moment is not None
    assert found.moment.known is Known.MINUTES


def test_what_cannot_be_answered_is_told_and_the_pipeline_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Told()
    watch = pipeline(told)
    engine = Engine(watch.commands.post)
    with running(watch):
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == 42)
        with pytest.raises(ZeroDivisionError):
            asyncio.run(engine.ask(Question(columns=10, step=0)))
        assert asyncio.run(engine.ask(Question(seconds=60))).now.hits == 42


def test_a_pipeline_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("logmon_tui.web.engine.ANSWER_SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        asyncio.run(Engine(lambda _: None).ask(Question()))


def test_answers_take_no_more_than_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logmon_tui.web.engine.SAVED_SECONDS", 0.1)
    answered: list[float] = []

    def post(command: Ask) -> None:
        answered.append(time.monotonic())
        command.reply(Snapshot(), 0.02)

    async def ask() -> None:
        engine = Engine(post)  # type: ignore[arg-type]  # only questions are asked
        for _ in range(4):
            await engine.ask(Question())

    asyncio.run(ask())
    # The first is free, and what is saved up pays for some of the second.
    assert answered[-1] - answered[0] >= 3 * 0.02 / SHARE - 0.2


def test_a_question_that_could_not_be_paid_for_in_time_is_refused_at_once() -> None:
    engine = Engine(lambda command: command.reply(Snapshot(), 60.0))  # type: ignore[union-attr]

    async def ask() -> None:
        await engine.ask(Question())
        await engine.ask(Question())

    with pytest.raises(TimeoutError):
        asyncio.run(ask())


def test_viewers_do_not_wait_for_programs() -> None:
    """A program has used up the share of the next 15 seconds."""
    engine = Engine(lambda command: command.reply(Snapshot(), 1.0))  # type: ignore[union-attr]

    async def ask() -> None:
        await engine.ask(Question())
        with pytest.raises(TimeoutError):
            await engine.ask(Question())
        await engine.answer(Question())

    asyncio.run(ask())


def test_programs_wait_for_viewers() -> None:
    """So that all of them together take no more than the share."""
    engine = Engine(lambda command: command.reply(Snapshot(), 1.0))  # type: ignore[union-attr]

    async def ask() -> None:
        await engine.answer(Question())
        with pytest.raises(TimeoutError):
            await engine.ask(Question())

    asyncio.run(ask())
