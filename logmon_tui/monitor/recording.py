"""Recording: hands the minutes of a watch that are over to an archive. Pure."""

from collections.abc import Mapping

from logmon_tui.config.past import DEFAULTS
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import OWN_DIMENSIONS
from logmon_tui.history.archive import Archive, NoArchive
from logmon_tui.history.backlog import Later, at_once
from logmon_tui.history.recorder import Recorder, RecorderState
from logmon_tui.metrics.aggregator import RING
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.dirty_buckets import BucketKey
from logmon_tui.monitor.saved import MonitorState


class Recording:
    """Records the past in `archive`, as the settings say; without one, or if they do not, nothing.

    Public attributes: the `recorder` of the open minutes; the `archive`; whether it `records`.
    Minutes that begin before the second `own_since` have no keys of the settings' own fields.
    `later` may have batches of a backlog counted meanwhile.
    """

    def __init__(self, settings: Settings, archive: Archive | None, later: Later = at_once) -> None:
        past = settings.past
        self._own_fields = settings.own_fields
        self.recorder = Recorder(settings.bucket_size, past or DEFAULTS, later)
        self.records = archive is not None and past is not None
        self.archive = NoArchive() if archive is None or past is None else archive
        self.own_since = 0

    def hand_over(self, newest: int) -> None:
        """Hand the archive the minutes that are over; `newest` is the newest second of a hit."""
        slices = self.recorder.take()
        if slices:
            self.archive.take(slices, newest)

    def take_over(self, state: RecorderState | None) -> None:
        """Go on recording after another run, whose recorder stood at `state`."""
        if state is not None and state.over is not None:
            self.recorder.take_over(state.over)

    def restore(
        self,
        state: MonitorState,
        minutes: Mapping[int, MetricsBucket],
        buckets: Mapping[BucketKey, MetricsBucket],
        newest: int,
    ) -> None:
        """Go on recording; `minutes` and `buckets`, the aggregator's, are as saved.

        `newest` is the newest second of a hit.
        """
        if not self.records:
            self.recorder.discard(minutes)
            return
        self.own_since = state.own_since
        if state.own != self._own_fields:
            for bucket in minutes.values():
                bucket.drop_keys(OWN_DIMENSIONS)
            self.own_since = newest + 1
        ring = {start: bucket for (tier, start), bucket in buckets.items() if tier == RING}
        self.recorder.restore(state.recorder, minutes, ring)
