"""The pipeline on fake sources: it reads them to the end, survives faults, and tells."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.delimited.delimited_parser import DelimitedParser
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.naming import named_format
from logmon_tui.monitor.commands import SetThreshold
from logmon_tui.pipeline.pipeline import Listener, Pipeline
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus
from tests.traffic import settings_of

START = 1_795_262_400


def lines(count: int, second: int = START, host: str = "10.0.0.1", status: int = 200) -> bytes:
    stamp = datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{host} - - [{stamp}] "GET /a/b HTTP/1.1" {status} 10\n'.encode() * count


class FakeSource:
    """Hands over `chunks`, one a read, raising those that are exceptions; then it ends or lives."""

    def __init__(self, *chunks: bytes | Exception, ends: bool = True, name: str = "fake") -> None:
        self.chunks = list(chunks)
        self.ends = ends
        self.name = name
        self.closed = False
        self.woken = threading.Event()

    def read(self) -> bytes:
        chunk = self.chunks.pop(0) if self.chunks else b""
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    def preamble(self) -> bytes:
        return b""

    def wait(self, seconds: float) -> None:
        self.woken.wait(seconds)
        self.woken.clear()

    def wake(self) -> None:
        self.woken.set()

    def position(self) -> None:
        return None

    def status(self) -> SourceStatus:
        state = SourceState.ENDED if self.ends and not self.chunks else SourceState.LIVE
        return SourceStatus(self.name, state)

    def close(self) -> None:
        self.closed = True


class EndlessSource(FakeSource):
    """Always has another chunk."""

    def read(self) -> bytes:
        return lines(20)


class Told:
    """Notes what a pipeline tells."""

    def __init__(self) -> None:
        self.pictures: list[Snapshot] = []
        self.incidents: list[Incident] = []

    def listener(self, every: float = 0.05) -> Listener:
        return Listener(self.pictures.append, self.incidents.extend, every)


def run_to_the_end(
    *sources: FakeSource, told: Told | None = None, settings: Settings | None = None
) -> Snapshot:
    listener = (told or Told()).listener()
    return Pipeline(
        settings or settings_of(), sources, FormatSelector(), listener, headless=True
    ).run()


@contextmanager
def running(pipeline: Pipeline) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=pipeline.run, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        pipeline.stop()
        thread.join(20)
    assert not thread.is_alive()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "the condition never came to hold"
        time.sleep(0.01)


def test_it_runs_until_every_source_has_ended_and_counts_each_line_once() -> None:
    sources = (
        FakeSource(lines(7), b"garbage\n", lines(5, START + 1), name="first"),
        FakeSource(*[lines(1, START + 1, "10.0.0.2")] * 30, name="second"),
        FakeSource(name="empty"),
    )
    # An interval so long that none ends before the sources do, however slow the machine is.
    last = run_to_the_end(*sources, settings=settings_of(stats_interval=3_600))
    assert (last.ingest.hits, last.ingest.bytes, last.ingest.unparsed) == (42, 420, 1)
    assert last.ingest.formats == ("common",)
    assert last.now.hits == 42
    assert {row.key: row.hits for row in last.now.hosts.rows} == {
        b"10.0.0.1": 12,
        b"10.0.0.2": 30,
    }
    assert [status.name for status in last.sources] == ["first", "second", "empty"]
    assert all(source.closed for source in sources)


@pytest.mark.parametrize("count", [1, 2, 9])
def test_a_log_of_a_few_lines_is_in_the_last_picture(count: int) -> None:
    last = run_to_the_end(FakeSource(lines(count)))
    assert (last.ingest.hits, last.now.hits) == (count, count)


def test_alerts_are_told_as_they_come_and_stand_in_the_last_picture() -> None:
    told = Told()
    settings = settings_of(alert_window=10, threshold=5, ddos_threshold=100)
    last = run_to_the_end(
        FakeSource(lines(60), lines(20, START + 30)), told=told, settings=settings
    )
    assert [(each.rule, each.firing) for each in told.incidents] == [
        ("traffic", True),
        ("traffic", False),
    ]
    assert [each.recovered_at for each in last.alerts.incidents] == [START + 10]


def test_a_source_that_raises_once_is_shown_and_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logmon_tui.pipeline.pipeline.RETRY_SECONDS", 0.05)
    told = Told()
    last = run_to_the_end(FakeSource(lines(20), ValueError("disk\x1b gone"), lines(3)), told=told)
    failures = {picture.ingest.failure for picture in told.pictures}
    assert any("ValueError: disk" in failure for failure in failures)
    assert last.ingest.failure == ""
    assert (last.ingest.hits, last.now.hits) == (23, 23)


def fail_on_poison(monkeypatch: pytest.MonkeyPatch, *methods: str) -> None:
    """Let methods of the columnar parser raise for a chunk that holds a line `poison`."""

    def poisoned(method: Callable[..., HitBatch]) -> Callable[..., HitBatch]:
        def parse(self: DelimitedParser, chunk: bytes) -> HitBatch:
            if b"poison\n" in chunk:
                raise RuntimeError("poisoned")
            return method(self, chunk)

        return parse

    monkeypatch.setattr("logmon_tui.pipeline.pipeline.RETRY_SECONDS", 0.05)
    for name in methods:
        monkeypatch.setattr(DelimitedParser, name, poisoned(getattr(DelimitedParser, name)))


@pytest.mark.parametrize("every", [0.0, 3_600.0])
def test_a_parser_that_raises_is_shown_with_its_log_and_loses_no_hit(
    every: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_on_poison(monkeypatch, "parse")
    told = Told()
    source = FakeSource(lines(20), lines(5) + b"poison\n" + lines(6), lines(3), name="a.log")
    last = Pipeline(
        settings_of(), [source], FormatSelector(), told.listener(every), headless=True
    ).run()
    failures = {picture.ingest.failure for picture in told.pictures}
    assert "a.log: RuntimeError: poisoned; trying again" in failures
    assert (last.ingest.hits, last.ingest.unparsed, last.ingest.failure) == (34, 1, "")


def test_a_chunk_on_which_every_parser_fails_is_counted_as_unparsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fail_on_poison(monkeypatch, "parse", "parse_by_lines")
    last = run_to_the_end(FakeSource(lines(20), lines(4) + b"poison\n", lines(3)))
    assert (last.ingest.hits, last.ingest.unparsed) == (23, 5)


def test_a_listener_that_has_gone_ends_the_run() -> None:
    def gone(_picture: Snapshot) -> None:
        raise BrokenPipeError

    source = FakeSource(lines(1), ends=False)
    with pytest.raises(BrokenPipeError):
        Pipeline(settings_of(), [source], FormatSelector(), Listener(gone), headless=True).run()


def test_a_threshold_set_from_another_thread_is_judged_from_the_next_second_on() -> None:
    told = Told()
    second = int(time.time()) - 2
    source = FakeSource(lines(50, second), ends=False)
    settings = settings_of(threshold=10, ddos_threshold=100, alert_window=120)
    pipeline = Pipeline(settings, [source], FormatSelector(), told.listener())
    with running(pipeline):
        wait_for(lambda: told.pictures and told.pictures[-1].alerts.hits == 50)
        assert told.incidents == []
        log_time = told.pictures[-1].log_time
        pipeline.commands.post(SetThreshold(0.1))
        wait_for(lambda: told.incidents)
    assert log_time is not None
    fired = told.incidents[0]
    assert (fired.rule, fired.threshold, fired.hits) == ("traffic", 0.1, 50)
    assert fired.triggered_at >= int(log_time)
    assert told.pictures[-1].alerts.threshold == 0.1


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


def test_a_given_format_is_used_for_every_source() -> None:
    combined = b'::1 - - [21/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"\n'
    sources = [FakeSource(lines(3)), FakeSource(combined * 2)]
    log_format = named_format("common")
    last = Pipeline(
        settings_of(), sources, FormatSelector(log_format), Told().listener(), headless=True
    ).run()
    assert (last.ingest.hits, last.ingest.unparsed) == (3, 2)
    assert last.ingest.first_unparsed is not None


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


def test_seconds_that_another_log_has_not_reached_are_not_judged() -> None:
    """Else what fires would recover in the part of its backlog that is not read yet."""
    busy = [lines(4_000, START + 25 * number) for number in range(40)]
    quiet = b"".join(lines(1, START + second) for second in range(1_000))

    class Backfill(FakeSource):
        def status(self) -> SourceStatus:
            state = SourceState.CATCHING_UP if self.chunks else SourceState.ENDED
            return SourceStatus(self.name, state)

    told = Told()
    sources = [Backfill(quiet), Backfill(*busy)]
    settings = settings_of(threshold=10, ddos_threshold=10_000, alert_window=30)
    Pipeline(settings, sources, FormatSelector(), told.listener(), headless=True).run()
    assert [incident.firing for incident in told.incidents] == [True]


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
