"""Two monitors for the tests: one runs on, the other is saved and goes on in another run."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import FilePosition, Identity, LogPosition, Place
from logmon_tui.state.state_file import StateFile
from tests.metrics.test_bucket import figures_content, measured_content
from tests.traffic import batch_of

LOG = "/var/log/access.log"


def position_at(offset: int) -> LogPosition:
    return LogPosition(
        opened=(FilePosition(Identity(7, 2**63 + 1), Place(offset, b"head", b"mark")),)
    )


def unparsed(*lines: bytes) -> HitBatch:
    kept = tuple(UnparsedLine(line, "no hit") for line in lines)
    return replace(
        batch_of([]),
        unparsed_after=np.zeros(len(lines), dtype=np.int64),
        unparsed_lines=kept,
        first_unparsed=kept[0],
        tail=lines,
    )


class Run:
    """A monitor that stops and starts: each `restart` is another run on the same state file."""

    def __init__(self, file: Path, given: Settings, *, whole: bool = False) -> None:
        self.file, self.given, self.whole = file, given, whole
        self.uptime = 0.0  # what the monotonic clock showed when this run began to count
        self.offset = 0  # of what was fed
        self._begin()

    def _begin(self) -> None:
        self.store = StateFile(self.file, [LOG])
        self.monitor = HTTPMonitor(self.given, whole_intervals=self.whole, journal=True)

    def now(self, now: float) -> float:
        return self.uptime + now

    def feed(self, batch: HitBatch, now: float) -> None:
        self.monitor.feed(batch, self.now(now))
        self.offset += len(batch) + batch.unparsed

    def tick(self, now: float, wall: float) -> list[Any]:
        return list(self.monitor.tick(self.now(now), wall))

    def save(self, now: float, wall: float) -> None:
        self.store.save({LOG: position_at(self.offset)}, self.monitor, self.now(now), wall)
        assert self.store.problem == ""
        assert self.store.saved_at == wall

    def restart(self, now: float, *, uptime: float = 0.0) -> int:
        """Go on from what was saved last; return where, as the number of lines fed."""
        self.store.close()
        self._begin()
        self.uptime = uptime
        saved = self.store.load()
        assert (self.store.problem, self.store.note) == ("", "")
        self.offset = 0
        if saved is not None:
            self.offset = saved.positions[LOG].opened[0].place.offset
            self.monitor.restore(saved.monitor, self.now(now))
        return self.offset

    def snapshot(self, now: float, wall: float) -> Snapshot:
        return self.monitor.snapshot(self.now(now), wall)


def plain(value: Any) -> Any:
    """Return a value with all that is in it as dicts and lists, which compare field by field."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def shown(snapshot: Snapshot) -> dict[str, Any]:
    """Return all that a monitor's picture shows and a restart keeps, as plain values."""
    found: dict[str, Any] = plain(snapshot)
    del found["tail"], found["ingest"]["formats"]
    for incident in found["alerts"]["incidents"]:
        del incident["evidence"]
    return found


def without_evidence(incidents: Iterable[Incident]) -> list[Incident]:
    """Return `incidents` without what is known of the hits just before a restart: none of them."""
    return [replace(each, evidence=None) for each in incidents]


def assert_same(one: HTTPMonitor, other: HTTPMonitor) -> None:
    """Check that both hold the same buckets and the same incidents."""
    first, second = one.alerts, other.alerts
    assert without_evidence(first.incidents.all()) == without_evidence(second.incidents.all())
    assert without_evidence(first.history.closed) == without_evidence(second.history.closed)
    assert without_evidence(first.open) == without_evidence(second.open)
    assert buckets_of(one) == buckets_of(other)


def buckets_of(monitor: HTTPMonitor) -> dict[tuple[int, int], Any]:
    """Return every bucket as plain values."""
    found = {key: monitor.counts.bucket(key) for key in monitor.counts.bucket_keys()}
    return {key: contents(bucket) for key, bucket in found.items() if bucket is not None}


def contents(bucket: MetricsBucket) -> Any:
    tallies = {
        dimension: (
            tally.hits,
            tally.bytes,
            tally.other_hits,
            tally.other_bytes,
            tally.sketch and tally.sketch.serialize_compact(),
            figures_content(tally),
        )
        for dimension, tally in bucket.tallies.items()
    }
    plain = (bucket.hits, bucket.bytes, bucket.largest, bucket.detail, bucket.status)
    measured = bucket.measured and measured_content(bucket.measured)
    return plain, tallies, bucket.sizes.counts, measured


def disturbed(hits: Sequence[Hit], chance: random.Random) -> list[tuple[int, Hit]]:
    """Return `hits` with the second each is written in, and wrong and late ones among them."""
    found = []
    for each in hits:
        found.append((each.second, each))
        if chance.random() < 0.03:
            ahead = chance.choice((61, 90, 10**6))
            found.append((each.second, each._replace(second=each.second + ahead)))
        if chance.random() < 0.05:
            ago = chance.choice((1, 30, 100, 5_000))
            found.append((each.second, each._replace(second=each.second - ago)))
    return found
