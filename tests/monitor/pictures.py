"""A monitor that was fed, and its pictures."""

from collections.abc import Sequence

from logmon_tui.formats.model.hit import Hit
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Snapshot
from tests.traffic import START, batch_of, settings_of


def fed(hits: Sequence[Hit], **given_settings: float) -> HTTPMonitor:
    """Return a monitor that got all `hits` at the monotonic time 0."""
    monitor = HTTPMonitor(settings_of(**given_settings))
    monitor.feed(batch_of(hits), 0.0)
    return monitor


def picture(monitor: HTTPMonitor, now: float, wall: float = START) -> Snapshot:
    monitor.tick(now, wall)
    return monitor.snapshot(now, wall)
