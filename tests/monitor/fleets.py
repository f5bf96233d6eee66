"""Servers for the tests: a monitor that hears some, and takes their hits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.formats.model.hit import Hit, Measure
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.origin import Origin
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Fleet, ServerRow
from logmon_tui.sources.base import Feed, ServerStatus, SourceState
from tests.traffic import START, batch_of, settings_of

BROKER = "nats://broker:4222"


def of_server(server: bytes, hits: Sequence[Hit], time: int = -1) -> HitBatch:
    """Return the batch of hits that one server wrote, each of which took `time` microseconds."""
    made = batch_of(hits)
    made = replace(made, lines=np.arange(len(hits)))
    if time >= 0:
        made = replace(made, measures={Measure.RESPONSE_TIME: np.full(len(hits), time)})
    site, _, _ = server.rpartition(b"/")
    return made.with_origins([Origin(server, site, len(hits))])


class World:
    """A monitor with a clock of its own; `wall` and monotonic time begin at START and at 1,000.

    `servers` are what the source called BROKER knows, in the state `source`. Each beat sets when a
    server was heard.
    """

    def __init__(self, monitor: HTTPMonitor | None = None, **given: Any) -> None:
        self.monitor = monitor or HTTPMonitor(settings_of(**given))
        self.now, self.wall = 1_000.0, float(START)
        self.source = SourceState.LIVE
        self.servers: dict[bytes, ServerStatus] = {}
        self.others: list[Feed] = []
        self.changed: list[Incident] = []

    def beat(self, *names: bytes, **fields: Any) -> None:
        """Hear these servers now."""
        for name in names:
            site, _, _ = name.rpartition(b"/")
            known = self.servers.get(name) or ServerStatus(name, site, None, self.now, beats=True)
            self.servers[name] = replace(known, heard=self.now, **fields)

    def pass_time(self, seconds: int, *beating: bytes) -> list[Incident]:
        """Let time pass, in which some servers beat each second; return what changed in it."""
        before = len(self.changed)
        for _ in range(seconds):
            self.now, self.wall = self.now + 1, self.wall + 1
            self.beat(*beating)
            self.tick()
        return self.changed[before:]

    def tick(self) -> None:
        feed = Feed(BROKER, self.source, tuple(self.servers.values()))
        self.monitor.hear([feed, *self.others])
        self.changed += self.monitor.tick(self.now, self.wall)

    def feed(self, batch: HitBatch) -> None:
        self.monitor.feed(batch, self.now)

    @property
    def fleet(self) -> Fleet:
        return self.monitor.snapshot(self.now, self.wall).fleet

    def row(self, name: bytes) -> ServerRow:
        (row,) = (row for row in self.fleet.servers if row.name == name)
        return row
