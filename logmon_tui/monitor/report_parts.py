"""What reports tell besides rankings: the share of static files, and the paths not found."""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.filters.language import Filter
from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.figures import ERRORS, Figure, class_name
from logmon_tui.metrics.key_sums import BYTES, HITS, KeySums
from logmon_tui.metrics.pair_totals import PairRows, PairTotals
from logmon_tui.metrics.timeline import SlotCounts, Timeline, slot_counts
from logmon_tui.native.texts import Texts
from logmon_tui.snapshot import CountRow, Errors, NotFound, NotFoundRow, Ranking, StaticFiles

_NOT_FOUND = 404


class PartCounts(msgspec.Struct, frozen=True):
    """The counts of a batch: hits and bytes of static files, and paths not found with referrers.

    The former are 0 if paths tell what is static: then each path is looked at once a log. `slots`
    are what charts show, None if none are drawn.
    """

    static_hits: int
    static_bytes: int
    not_found: PairRows | None
    slots: SlotCounts | None = None


def part_counts(batch: HitBatch, static: Filter, *, charts: bool = False) -> PartCounts:
    """Return the counts of a batch, those for `charts` too; any thread may call this."""
    slots = slot_counts(batch) if charts else None
    rows = np.flatnonzero(batch.status == _NOT_FOUND)
    found = None
    if len(rows):
        paths, referrers = (batch.texts_of(each) for each in (Dimension.PATH, Dimension.REFERRER))
        found = PairRows.of(paths, referrers, rows)
    if static.only_paths:
        return PartCounts(0, 0, found, slots)
    chosen = static.mask(batch)
    return PartCounts(int(chosen.sum()), int(batch.sizes[chosen].sum()), found, slots)


def static_paths(static: Filter, paths: Texts) -> NDArray[np.bool_]:
    """Return which `paths` the filter `static` chooses, which must look at nothing else."""
    column = Column(paths, np.arange(len(paths), dtype=np.int32))
    nothing = np.zeros(len(paths), dtype=np.int64)
    return static.mask(HitBatch(nothing, nothing, nothing, {Dimension.PATH: column}))


class ReportParts:
    """The counts of all batches so far; `static` chooses the hits of static files."""

    def __init__(self, static: Filter) -> None:
        self._static = static
        self._hits = self._bytes = 0
        self._not_found = PairTotals()
        self.timeline = Timeline()

    def add(self, counts: PartCounts) -> None:
        """Add the counts of a batch."""
        self._hits += counts.static_hits
        self._bytes += counts.static_bytes
        if counts.not_found is not None:
            self._not_found.add(counts.not_found)
        if counts.slots is not None:
            self.timeline.add(counts.slots)

    def static_files(
        self, dropped: Mapping[str, int], paths: KeySums, rows: int | None
    ) -> StaticFiles:
        """Return the figures of static files, of which `paths` has those that are kept.

        `dropped` are the hits and bytes of the others, if paths tell what is static. `rows` bounds
        the ranking; None keeps all.
        """
        if not self._static.only_paths:
            return StaticFiles(self._hits, self._bytes)
        files = paths.part(static_paths(self._static, paths.keys))
        hits, size = (dropped[name] + int(files.sums[name].sum()) for name in (HITS, BYTES))
        return StaticFiles(hits, size, _ranking(files, rows))

    def not_found(self, rows: int | None) -> NotFound:
        """Return the paths that were not found; `rows` bounds them, None keeps all."""
        pairs, distinct = self._not_found.top(rows, without=NONE)
        return NotFound(tuple(NotFoundRow(*pair) for pair in pairs), distinct)


def _ranking(files: KeySums, rows: int | None) -> Ranking:
    shown = files.tally(rows)
    errors = [shown.figures.get(class_name(digit), Figure()).by_key for digit in ERRORS]
    return Ranking(
        tuple(
            CountRow(*row, errors=Errors(*(each.get(row[0], 0) for each in errors)))
            for row in shown.top(rows)
        ),
        distinct=files.distinct,
    )
