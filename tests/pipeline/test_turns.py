"""When the pipeline makes pictures, and how it stops."""

from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.pipeline.source_factory import open_pipeline
from tests.pipeline.runs import START, FakeSource, Told, lines, running, wait_for
from tests.traffic import settings_of


class EndlessSource(FakeSource):
    """Always has another chunk."""

    def read(self) -> bytes:
        return lines(20)


class FakeClock:
    """Stands still but while a source waits; the wall clock goes along with it."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return START + self.now


class WaitingSource(FakeSource):
    """Hands over three lines at each read if it is `busy`, else once, for ten seconds."""

    def __init__(self, clock: FakeClock, *, busy: bool) -> None:
        super().__init__(*[lines(3)] * (200 if busy else 1), ends=False)
        self.clock = clock
        self.stop: Callable[[], None] = lambda: None

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        if self.clock.now >= 110:
            self.stop()


@pytest.mark.parametrize(("busy", "pictures"), [(True, range(19, 24)), (False, range(10, 13))])
def test_there_are_two_pictures_a_second_and_one_where_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, busy: bool, pictures: range
) -> None:
    clock = FakeClock()
    monkeypatch.setattr("logmon_tui.pipeline.pipeline.time", clock)
    source, told = WaitingSource(clock, busy=busy), Told()
    pipeline = Pipeline(settings_of(), [source], FormatSelector(), told.listener(0.5))
    source.stop = pipeline.stop
    pipeline.run()
    assert len(told.pictures) in pictures


def test_stopping_wakes_a_waiting_source_and_ends_the_run() -> None:
    source = FakeSource(lines(20), ends=False)
    told = Told()
    pipeline = Pipeline(settings_of(), [source], FormatSelector(), told.listener())
    with running(pipeline) as thread:
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == 20)
        assert thread.is_alive()
    assert source.closed


@pytest.mark.parametrize("headless", [True, False])
def test_stopping_ends_the_run_though_more_keeps_coming(
    headless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.pipeline.pipeline.DRAIN_SECONDS", 0.2)
    source, told = EndlessSource(), Told()
    pipeline = Pipeline(
        settings_of(), [source], FormatSelector(), told.listener(), headless=headless
    )
    with running(pipeline):
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits >= 20)
    assert source.closed


def test_before_reading_and_before_judging_what_is_more_urgent_has_its_turn() -> None:
    source, told, left = FakeSource(*[lines(10)] * 5), Told(), list[int]()
    listener = Listener(told.pictures.append, rest=lambda: left.append(len(source.chunks)))
    Pipeline(settings_of(), [source], FormatSelector(), listener, headless=True).run()
    assert left[:6] == [5, 4, 4, 3, 3, 2]


def test_without_a_screen_what_was_written_before_the_stop_is_counted() -> None:
    source = FakeSource(*[lines(10)] * 50)
    pipeline = Pipeline(settings_of(), [source], FormatSelector(), Told().listener(), headless=True)
    pipeline.stop()
    assert pipeline.run().ingest.hits == 500


def test_an_interval_that_ends_just_before_the_run_does_is_shown() -> None:
    told = Told()
    source = FakeSource(lines(20, START), lines(3, START + 12))
    last = Pipeline(
        settings_of(), [source], FormatSelector(), told.listener(3_600), headless=True
    ).run()
    assert (START + 9, 20) in {(picture.now.end, picture.now.hits) for picture in told.pictures}
    assert (last.now.hits, last.now.seconds) == (3, 3)


def test_windows_that_end_while_it_is_being_stopped_are_told_too() -> None:
    told = Told()
    chunks = [lines(20, START + 10 * number) for number in range(30)]
    pipeline = Pipeline(
        settings_of(),
        [FakeSource(*chunks, ends=False)],
        FormatSelector(),
        told.listener(3_600),
        headless=True,
    )
    pipeline.stop()
    pictures = [*told.pictures, pipeline.run()]
    windows = {each.now.end: each.now.hits for each in [*told.pictures, *pictures]}
    assert sum(windows.values()) == pictures[-1].ingest.hits == 600


def test_a_start_that_fails_gives_the_state_up_for_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, logs = tmp_path / "state.sqlite", [str(tmp_path / "access.log")]

    def fail(*_arguments: object) -> None:
        raise RuntimeError("no more threads")

    with monkeypatch.context() as patch:
        patch.setattr("logmon_tui.pipeline.source_factory._open_sources", fail)
        with pytest.raises(RuntimeError):
            open_pipeline(
                logs, settings_of(), FormatSelector(), Told().listener(), state_file=state
            )
    pipeline = open_pipeline(
        logs, settings_of(), FormatSelector(), Told().listener(), state_file=state
    )
    pipeline.stop()
    assert pipeline.run().saving.problem == ""
