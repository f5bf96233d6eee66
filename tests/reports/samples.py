"""A small log with everything in it, and what the engine makes of it."""

import numpy as np
from msgspec.structs import replace

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import UNKNOWN, Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.snapshot import Report, Snapshot

MINUTE = "09/May/2018:16:00"
SETTINGS = Settings(threshold=2, alert_window=10, ddos_threshold=2, stats_interval=10)


def line(second: int, request: str, status: int, size: int, host: str = "10.0.0.1") -> bytes:
    """One combined line in the sample's minute."""
    text = f'{host} - james [{MINUTE}:{second:02} +0000] "{request}" {status} {size} "-" "curl/8"\n'
    return text.encode()


def sample_log() -> bytes:
    """Quiet, a burst by one client that fires two alerts, errors, and lines that are no hits."""
    quiet = [line(second, "GET /report HTTP/1.0", 200, 123) for second in range(0, 10, 2)]
    burst = [line(12, f"GET /api/user?n={n} HTTP/1.0", 200, 1000 + n) for n in range(30)]
    errors = [line(13, "POST /pages/create HTTP/1.0", 503, 12, "10.0.0.2") for _ in range(4)]
    odd = [
        b"no log line\n",
        b"\n",
        line(30, "-", 408, 0, "::1"),
        line(40, "GET / HTTP/1.1", 304, 0),
    ]
    return b"".join(quiet + burst + errors + odd)


def sample_report(settings: Settings = SETTINGS) -> Report:
    """The report of the sample."""
    builder = ReportBuilder(settings)
    builder.feed(Parser().parse(sample_log()))
    return builder.finish()


def measured_batch() -> HitBatch:
    """The sample as from a format that also brings times, bytes in, virtual hosts and TLS.

    Hits take a millisecond more one after the other; every third tells no upstream time, and of
    the section `/report` no hit tells anything.
    """
    batch = Parser().parse(sample_log())
    numbers = np.arange(len(batch), dtype=np.int64)
    silent = batch.columns[Dimension.PATH].codes == batch.columns[Dimension.PATH].codes[0]
    upstream = np.where(numbers % 3 == 0, UNKNOWN, 500 * numbers)
    measures = {
        Measure.RESPONSE_TIME: np.where(silent, UNKNOWN, 1_000 * numbers),
        Measure.UPSTREAM_TIME: np.where(silent, UNKNOWN, upstream),
        Measure.BYTES_IN: np.where(silent, UNKNOWN, 700),
    }
    half = (numbers % 2).astype(np.int32)
    brought = {
        Dimension.VIRTUAL_HOST: Column([b"shop.example", b"=1+\x1b[2J"], half),
        Dimension.TLS: Column([b"TLSv1.3", b"TLSv1.2"], half),
    }
    return replace(batch, columns={**batch.columns, **brought}, measures=measures)


def measured_report() -> Report:
    """The report of the sample with measures."""
    builder = ReportBuilder(SETTINGS)
    builder.feed(measured_batch())
    return builder.finish()


def measured_snapshot() -> Snapshot:
    """The monitor's picture of the sample with measures."""
    monitor = HTTPMonitor(SETTINGS, whole_intervals=True)
    monitor.feed(measured_batch(), now=0.0)
    monitor.tick(now=18.0, wall=0.0)
    return monitor.snapshot(now=18.0, wall=0.0)


def sample_snapshot() -> Snapshot:
    """The monitor's picture of the sample's burst, at 16:00:19."""
    monitor = HTTPMonitor(SETTINGS, whole_intervals=True)
    burst = b"".join(sample_log().splitlines(keepends=True)[:41])
    monitor.feed(Parser().parse(burst), now=0.0)
    monitor.tick(now=8.0, wall=0.0)
    return monitor.snapshot(now=8.0, wall=0.0)
