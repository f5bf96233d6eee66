"""Sums that 64 bits cannot hold: the pipeline goes on, and no sum turns negative."""

import numpy as np

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.figures import MAX_SUM, TIME, largest
from logmon_tui.metrics.measuring import MAX_MEASURE
from logmon_tui.metrics.totals import LogTotals, counts_of
from logmon_tui.monitor.monitor import HTTPMonitor
from tests.traffic import START, settings_of


def slow(clients: int, hits: int) -> HitBatch:
    """Return hits of `clients` clients that all took as long as can be."""
    keys = [b"10.0.0.%d" % number for number in range(clients)]
    codes = np.arange(hits, dtype=np.int32) % clients
    return HitBatch(
        np.full(hits, START, dtype=np.int64),
        np.full(hits, 200, dtype=np.int64),
        np.full(hits, 10, dtype=np.int64),
        {Dimension.HOST: Column(keys, codes)},
        measures={Measure.RESPONSE_TIME: np.full(hits, MAX_MEASURE, dtype=np.int64)},
    )


def test_the_largest_of_sums_beyond_64_bits_are_found() -> None:
    sums = {b"%d" % number: 2**62 + 2**62 * number for number in range(50)}
    assert largest(sums, 2) == [(b"49", 2**62 * 50), (b"48", 2**62 * 49)]


def test_a_watch_shows_clients_whose_times_sum_up_beyond_64_bits() -> None:
    monitor = HTTPMonitor(settings_of())
    for number in range(8):
        monitor.feed(slow(40, 80_000), number / 10)
    monitor.tick(1.0, START + 1)
    rows = monitor.snapshot(1.0, START + 1).now.hosts.rows
    assert len(rows) == 40
    assert all(row.total_time is not None and row.total_time > 1e9 for row in rows)


def test_a_report_s_sums_of_time_stop_at_a_maximum() -> None:
    totals = LogTotals(None)
    for _ in range(5):
        totals.add(counts_of(slow(3, 30_000)))
    tally = totals.bucket().tallies[Dimension.HOST]
    assert set(tally.figures[TIME].by_key.values()) == {MAX_SUM}
