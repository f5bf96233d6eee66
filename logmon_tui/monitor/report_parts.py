"""What reports tell besides rankings: the share of static files, and the paths not found."""

from typing import NamedTuple

import numpy as np

from logmon_tui.filters.language import Filter
from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.figures import ERRORS, UNCLASSED, Figure, class_name
from logmon_tui.metrics.pair_totals import PairCounts, PairTotals, pairs_of
from logmon_tui.metrics.tally import Tally
from logmon_tui.snapshot import CountRow, Errors, NotFound, NotFoundRow, Ranking, StaticFiles

_NOT_FOUND = 404


class PartCounts(NamedTuple):
    """The counts of a batch: hits and bytes of static files, and paths not found with referrers."""

    static_hits: int
    static_bytes: int
    not_found: PairCounts | None


def part_counts(batch: HitBatch, static: Filter) -> PartCounts:
    """Return the counts of a batch; any thread may call this."""
    chosen = static.mask(batch)
    rows = np.flatnonzero(batch.status == _NOT_FOUND)
    found = None
    if len(rows) and Dimension.PATH in batch.columns:
        referrers = batch.texts_of(Dimension.REFERRER)
        found = pairs_of(batch.columns[Dimension.PATH], referrers, rows)
    return PartCounts(int(chosen.sum()), int(batch.sizes[chosen].sum()), found)


class ReportParts:
    """The counts of all batches so far; `static` chooses the hits of static files."""

    def __init__(self, static: Filter) -> None:
        self._static = static
        self._hits = self._bytes = 0
        self._not_found = PairTotals()

    def add(self, counts: PartCounts) -> None:
        """Add the counts of a batch."""
        self._hits += counts.static_hits
        self._bytes += counts.static_bytes
        if counts.not_found is not None:
            self._not_found.add(counts.not_found)

    def static_files(self, paths: Tally, rows: int | None) -> StaticFiles:
        """Return the figures of static files, of which `paths` has those that are kept.

        `rows` bounds the ranking; None keeps all.
        """
        ranking = Ranking()
        if self._hits and self._static.only_paths:
            ranking = self._ranking(paths, rows)
        return StaticFiles(self._hits, self._bytes, ranking)

    def _ranking(self, paths: Tally, rows: int | None) -> Ranking:
        keys = list(paths.hits)
        column = Column(keys, np.arange(len(keys), dtype=np.int32))
        nothing = np.zeros(len(keys), dtype=np.int64)
        batch = HitBatch(nothing, nothing, nothing, {Dimension.PATH: column})
        files = [keys[place] for place in np.flatnonzero(self._static.mask(batch)).tolist()]
        static = Tally({key: paths.hits[key] for key in files})
        static.bytes = {key: paths.bytes.get(key, 0) for key in files}
        errors = [paths.figures.get(class_name(digit), Figure()).by_key for digit in ERRORS]
        known = UNCLASSED not in paths.figures
        return Ranking(
            tuple(
                CountRow(
                    *row,
                    errors=Errors(*(each.get(row[0], 0) for each in errors)) if known else None,
                )
                for row in static.top(rows)
            ),
            distinct=len(files),
        )

    def not_found(self, rows: int | None) -> NotFound:
        """Return the paths that were not found; `rows` bounds them, None keeps all."""
        pairs, distinct = self._not_found.top(rows, without=NONE)
        return NotFound(tuple(NotFoundRow(*pair) for pair in pairs), distinct)
