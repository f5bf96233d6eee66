"""What a jump to a past moment costs on a full archive, and how large that is: figures."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.parser import Parser
from logmon_tui.history.archive import HOUR, MINUTE
from logmon_tui.history.sums import sums_of
from logmon_tui.history.trimming import trim
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.grouping import summary_of
from logmon_tui.monitor.commands import ShowGraph, ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.snapshot import Known, Snapshot
from logmon_tui.state.archive import MemoryArchive
from logmon_tui.state.records import packed, packed_bucket
from tests.benchmarks.generator import Generator
from tests.benchmarks.shape import Shape
from tests.traffic import START, batch_at, settings_of

MINUTES, HOURS = 48 * 60, 35 * 24
BEGIN = START // HOUR * HOUR


def busy_bucket(keys: int) -> MetricsBucket:
    """Return a minute of 1,000 hits/s on 100,000 paths."""
    shape = Shape(60_000, rate=1_000.0, paths=100_000, spread=0.3)
    hits = Parser().parse(b"".join(Generator(shape).blocks()))
    times = np.random.default_rng(1).lognormal(10, 1.2, len(hits)).astype(np.int64)
    bucket = summary_of(replace(hits, measures={Measure.RESPONSE_TIME: times}), ALL_DIMENSIONS)
    trim(bucket, keys)
    return bucket


def full_archive() -> tuple[MemoryArchive, int]:
    """Return an archive that is full, and the bytes of its rows."""
    archive, size = MemoryArchive(), 0
    for width, count, keys in ((MINUTE, MINUTES, 50), (HOUR, HOURS, 100)):
        bucket = busy_bucket(keys)
        rows = {"history_keys": packed_bucket(bucket), "history_sums": packed(sums_of(bucket))}
        for table, data in rows.items():
            archive._stage.executemany(
                f"INSERT INTO {table} VALUES (?, ?, ?)",
                ((width, BEGIN - place * width, data) for place in range(1, count + 1)),
            )
            size += count * len(data)
    return archive, size


def test_jumps_on_a_full_archive(
    figure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, size = full_archive()
    monitor = HTTPMonitor(settings_of(), archive=archive)
    monitor.feed(batch_at(*[BEGIN] * 20), 0.0)
    monitor.tick(0.0, BEGIN)
    monkeypatch.setattr(HitStore, "since", None)  # as after a restart

    def timed(what: str) -> Snapshot:
        began = time.thread_time()
        picture = monitor.snapshot(0.0, BEGIN)
        figure(f"{what}: {(time.thread_time() - began) * 1e3:,.0f} ms of CPU")
        return picture

    figure(f"a full archive of a busy site: {size / 1e6:,.0f} MB of rows")
    timed("a picture of the present")
    for seconds, known in ((60, Known.MINUTES), (600, Known.MINUTES), (86_400, Known.HOURS)):
        monitor.past.moment = ShowMoment(BEGIN - 40_000, seconds)
        picture = timed(f"a jump to {seconds:,} s of the past")
        assert picture.moment is not None
        assert picture.moment.known is known
        assert picture.now.hits >= 60_000 * (seconds // 60 if known is Known.MINUTES else 1)
    monitor.past.moment = ShowMoment()
    for columns, step in ((MINUTES, MINUTE), (HOURS, HOUR)):
        monitor.past.graph = ShowGraph(columns, step)
        for again in ("", ", again"):
            monitor.feed(batch_at(*[BEGIN] * 20), 0.0)
            monitor._pictures._graphs._made = None
            graph = timed(f"a graph of {columns} columns of {step} s{again}").graph
            assert graph is not None
            assert sum(each is not None for each in graph.columns) == columns
