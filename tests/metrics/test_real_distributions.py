"""Sizes and hosts as real servers see them: quantiles within 1 %, distinct hosts within 2 %."""

import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.parser import Parser
from logmon_tui.metrics.aggregator import BUCKET_KEYS, MetricsAggregator
from logmon_tui.monitor.window_view import sizes_view
from tests.traffic import batch_of, hit

REAL_LOGS = os.environ.get("LOGMON_REAL_LOGS")
BASE = 1_000_000
SHARES = (0.5, 0.95)


def crowd(seed: int, *, seconds: int, a_second: int) -> HitBatch:
    """Return hits of Zipf-like clients with log-normal sizes, now and then a late one."""
    chance = np.random.default_rng(seed)
    hits = []
    for second in range(seconds):
        hosts = chance.zipf(1.2, a_second) % 200_000
        sizes = chance.lognormal(8.5, 1.8, a_second).astype(np.int64)
        late = np.where(chance.random(a_second) < 0.02, chance.integers(1, 40, a_second), 0)
        hits += [
            hit(BASE + max(0, second - each), host=b"10.%d" % host, size=size)
            for host, size, each in zip(hosts.tolist(), sizes.tolist(), late.tolist(), strict=True)
        ]
    return batch_of(hits)


class Truth:
    """Every host and size of each second, as plain sets and lists."""

    def __init__(self) -> None:
        self.hosts: defaultdict[int, set[bytes]] = defaultdict(set)
        self.sizes: defaultdict[int, list[int]] = defaultdict(list)

    def take(self, batch: HitBatch) -> None:
        hosts = batch.columns[Dimension.HOST]
        names = [hosts.values[code] for code in hosts.codes.tolist()]
        for second, host, size in zip(
            batch.seconds.tolist(), names, batch.sizes.tolist(), strict=True
        ):
            self.hosts[second].add(host)
            self.sizes[second].append(size)


def check_windows(batch: HitBatch, *, rows: int, lengths: tuple[int, ...]) -> bool:
    """Slide windows over the batch, `rows` hits at a time, and compare each with exact counts.

    Returns whether any window had more hosts in a second than are kept.
    """
    aggregator, truth = MetricsAggregator(), Truth()
    windows = [aggregator.window(length) for length in lengths]
    overflowed = False
    for start in range(0, len(batch), rows):
        part = batch.select(np.arange(start, min(start + rows, len(batch))))
        aggregator.add(part)
        truth.take(part)
        second = max(truth.hosts)
        for window in windows:
            window.advance(max(second, window.end or 0))
            covered = range(window.end - window.slots + 1, window.end + 1)
            hosts = set().union(*(truth.hosts[each] for each in covered if each in truth.hosts))
            sizes = [size for each in covered for size in truth.sizes.get(each, ())]
            found = sizes_view(window.total, window.largest.size)
            expected = np.quantile(np.array(sizes), SHARES, method="inverted_cdf").tolist()
            assert [found.p50, found.p95] == pytest.approx(expected, rel=0.01)
            assert found.max == max(sizes)
            assert window.distinct(Dimension.HOST) == pytest.approx(len(hosts), rel=0.02)
            overflowed |= window.total.tallies[Dimension.HOST].other_hits > 0
        aggregator.settle(second)
    return overflowed


@pytest.mark.parametrize("a_second", [50, 3 * BUCKET_KEYS])
def test_figures_of_sliding_windows_are_as_exact_as_stated(a_second: int) -> None:
    batch = crowd(7, seconds=90, a_second=a_second)
    overflowed = check_windows(batch, rows=2 * a_second, lengths=(1, 10, 60))
    assert overflowed == (a_second > BUCKET_KEYS)


@pytest.mark.skipif(not REAL_LOGS, reason="LOGMON_REAL_LOGS names no folder of real logs")
def test_figures_of_a_real_log_are_as_exact_as_stated() -> None:
    log = Path(REAL_LOGS or "", "apache_combined_10k.log").read_bytes()
    batch = Parser(None).parse(log)
    in_order = batch.select(np.argsort(batch.seconds, kind="stable"))
    assert not check_windows(in_order, rows=200, lengths=(60, 3_600))
