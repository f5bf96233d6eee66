"""Which hits are counted, and which of them alerts judge, as the settings say. Pure."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.config.output import Output
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Dimension
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.totals import BatchCounts, counts_of
from logmon_tui.monitor.report_parts import PartCounts, part_counts
from logmon_tui.monitor.window_view import HitSums
from logmon_tui.snapshot import Chosen


def draws_charts(settings: Settings) -> bool:
    """Tell whether a report has charts, for which more is counted."""
    return settings.output == Output.HTML


class Ignoring:
    """Leaves out the hits that the settings ignore. Any thread may use it."""

    def __init__(self, settings: Settings) -> None:
        self._ignored = settings.ignored
        self._from_alerts = settings.ignore is not None and not settings.ignore.alerts

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """The dimensions that are looked at."""
        return frozenset() if self._ignored is None else self._ignored.dimensions

    @property
    def judged_dimensions(self) -> frozenset[Dimension]:
        """The dimensions that are looked at to choose what alerts judge."""
        return self.dimensions if self._from_alerts else frozenset()

    def shown(self, hits: HitBatch) -> HitBatch:
        """Return the hits that figures count; the same object if these are all."""
        ignored = None if self._ignored is None else self._ignored.mask(hits)
        return hits if ignored is None or not ignored.any() else hits.select(~ignored)

    def split(self, hits: HitBatch) -> tuple[HitBatch, HitBatch]:
        """Return the hits that figures count, and those that alerts judge: mostly all."""
        shown = self.shown(hits)
        return shown, shown if self._from_alerts else hits

    def judged(self, hits: HitBatch) -> HitBatch:
        """Return the hits that alerts judge."""
        return self.shown(hits) if self._from_alerts else hits


class SelectedCounts(msgspec.Struct, frozen=True):
    """The sums over the selected hits of a batch, and how many of its hits are ignored.

    `all` are the sums over all of its hits.
    """

    all: HitSums
    sums: BatchCounts
    ignored: int
    parts: PartCounts


class Selection:
    """Selects the hits that a report counts. Any thread may use it."""

    def __init__(
        self, settings: Settings, since: int | None = None, until: int | None = None
    ) -> None:
        self.ignoring = Ignoring(settings)
        self.chosen = Chosen(settings.filter.text, since, until)
        self._filter = settings.filter
        self._static = settings.static
        self._charts = draws_charts(settings)

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """The dimensions that are looked at."""
        looked_at = self._filter.dimensions | self._static.dimensions
        return looked_at | self.ignoring.dimensions

    def counts_of(self, batch: HitBatch) -> SelectedCounts:
        """Return the sums over the selected hits of `batch`."""
        shown = self.ignoring.shown(batch)
        selected = self._selected(shown)
        sums = counts_of(selected, by_hour=True)
        return SelectedCounts(
            HitSums(sums.status, sums.bytes) if selected is batch else HitSums.of(batch),
            sums,
            len(batch) - len(shown),
            part_counts(selected, self._static, charts=self._charts),
        )

    def _selected(self, hits: HitBatch) -> HitBatch:
        if not self.chosen:
            return hits
        mask = self._filter.mask(hits) & self.in_time(hits.seconds)
        return hits if mask.all() else hits.select(mask)

    def in_time(self, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which seconds lie within the time that the report is about."""
        since, until = self.chosen.since, self.chosen.until
        mask = np.ones(len(seconds), dtype=np.bool_)
        if since is not None:
            mask &= seconds >= since
        if until is not None:
            mask &= seconds < until
        return mask
