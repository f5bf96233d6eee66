"""Whole, long logs: read quickly, with the same incidents as judging every second."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.sources.base import SourceState, SourceStatus
from tests.pipeline.runs import START, FakeSource, Told, lines, running, wait_for
from tests.traffic import settings_of


def test_a_whole_log_is_caught_up_with_as_if_each_second_had_been_watched(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    day = START - 86_400
    newest = range(START - 50, START + 1_000, 2)
    log.write_bytes(
        b"".join(
            lines(30, day + second, status=500 if second > 100 else 200) for second in range(300)
        )
        + b"".join(lines(1, second) for second in newest)
    )
    wanted = [("traffic", day, False), ("error_rate", day + 106, False), ("ddos", day, False)]
    told, again = Told(), Told()
    given = settings_of(from_start=True, threshold=1, ddos_threshold=1)
    state = tmp_path / "state"
    pipeline = open_pipeline([str(log)], given, FormatSelector(), told.listener(), state_file=state)
    with running(pipeline):
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == 9_525)
        wait_for(lambda: told.pictures[-1].saving and told.pictures[-1].saving.saved_at)
    last = told.pictures[-1]
    found = sorted((each.rule, each.firing) for each in last.alerts.incidents)
    assert found == sorted((rule, firing) for rule, _, firing in wanted)
    assert {each.id for each in told.incidents} == {each.id for each in last.alerts.incidents}
    # The log's time goes on until the state is saved, and the graph's ten minutes with it.
    shown = {*newest} & {*range(last.traffic.start, last.traffic.start + 600)}
    assert len(last.traffic.seconds) == 600
    assert sum(map(sum, last.traffic.seconds)) == len(shown) > 200, "the graph is whole"
    pipeline = open_pipeline(
        [str(log)], given, FormatSelector(), again.listener(), state_file=state
    )
    with running(pipeline):
        wait_for(lambda: again.pictures)
    assert again.pictures[-1].ingest.hits == 9_525
    assert len(again.pictures[-1].alerts.incidents) == len(wanted)


class LongSource(FakeSource):
    """Is behind until all of its chunks are read."""

    def status(self) -> SourceStatus:
        state = SourceState.CATCHING_UP if self.chunks else SourceState.LIVE
        return SourceStatus(self.name, state)


def test_nothing_is_judged_before_the_first_chunk_of_a_long_log_is_counted() -> None:
    told = Told()
    chunks = [lines(600, START + 60 * number) for number in range(8)]
    sources = (FakeSource(lines(20, START + 3_600), ends=False), LongSource(*chunks, ends=False))
    given = settings_of(threshold=4, alert_window=60, ddos_threshold=1_000)
    pipeline = Pipeline(given, sources, FormatSelector(named_format("common")), told.listener())
    with running(pipeline):
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == 4_820)
        wait_for(lambda: not any("parser" in thread.name for thread in threading.enumerate()))
        wait_for(lambda: any(not each.firing for each in told.incidents))
    found = {(each.rule, each.triggered_at) for each in told.incidents}
    assert found == {("traffic", START)}, "the threads have ended, and no incident is missed"


def test_freed_memory_is_kept_while_a_backlog_is_read_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, told, left = LongSource(*[lines(30)] * 5, ends=False), Told(), list[int]()

    @contextmanager
    def noted() -> Iterator[None]:
        left.append(len(source.chunks))
        yield
        left.append(len(source.chunks))

    monkeypatch.setattr("logmon_tui.pipeline.pipeline.memory_kept", noted)
    pipeline = Pipeline(settings_of(), [source], FormatSelector(), told.listener())
    pipeline.begin_backlog(START)
    assert left == [5]
    with running(pipeline):
        wait_for(lambda: len(left) == 2)
    assert left == [5, 0]


def test_a_threshold_set_while_a_backlog_is_read_is_judged_by() -> None:
    monitor = HTTPMonitor(settings_of(threshold=1_000, ddos_threshold=1_000))
    parser = Parser(named_format("common"))
    monitor.begin_backlog(START + 86_400)
    changed: list[Incident] = []
    for number in range(20):
        if number == 10:
            monitor.alerts.set_threshold(2)
        monitor.feed(parser.parse(lines(600, START + 60 * number)), 1.0)
        changed += monitor.tick(1.0, 1.0)
    assert [each.rule for each in changed] == ["traffic"]
    assert START + 300 < changed[0].triggered_at <= START + 600
