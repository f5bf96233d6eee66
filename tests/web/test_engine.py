"""A server asks a running pipeline, from another thread."""

import asyncio

import pytest

from logmon_tui.filters.language import parsed
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.snapshot import Question
from logmon_tui.web.engine import Engine
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
