"""The pipeline on fake sources: it reads them to the end, survives faults, and tells."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.errors import SourceError
from logmon_tui.formats.delimited.delimited_parser import DelimitedParser
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.naming import named_format
from logmon_tui.monitor.commands import SetThreshold
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.sources.file_part import FilePart
from tests.pipeline.runs import START, FakeSource, Told, lines, run_to_the_end, running, wait_for
from tests.traffic import settings_of


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


def test_a_log_that_cannot_be_read_is_told_in_a_line_that_fits_a_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.pipeline.pipeline.RETRY_SECONDS", 0.05)
    folder = os.open(tmp_path, os.O_RDONLY)
    part = FilePart(folder, "/var/log/access.log", 0, 9)
    os.close(folder)
    with pytest.raises(SourceError) as caught:
        part.read()
    part.close()
    told = Told()
    last = run_to_the_end(FakeSource(lines(3), caught.value, lines(4), name="a.log"), told=told)
    assert last.ingest.hits == 7
    problem = "/var/log/access.log: cannot be read: Is a directory; check its disk or network"
    assert {each.ingest.failure for each in told.pictures} == {"", f"{problem}; trying again"}


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
    assert source.closed


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


def test_a_given_format_is_used_for_every_source() -> None:
    combined = b'::1 - - [21/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"\n'
    sources = [FakeSource(lines(3)), FakeSource(combined * 2)]
    log_format = named_format("common")
    last = Pipeline(
        settings_of(), sources, FormatSelector(log_format), Told().listener(), headless=True
    ).run()
    assert (last.ingest.hits, last.ingest.unparsed) == (3, 2)
    assert last.ingest.first_unparsed is not None


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
