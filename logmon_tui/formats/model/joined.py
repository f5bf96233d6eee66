"""Batches of the parts of one chunk as one batch."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from logmon_tui.formats.model.batching import first_and_newest, tail_of
from logmon_tui.formats.model.columns import known, one_column
from logmon_tui.formats.model.hit import UNKNOWN, finest
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.unparsed import KEPT_LINES


def one_after_the_other(
    batches: Sequence[HitBatch], lines: Sequence[int], chunk: bytes
) -> HitBatch:
    """Return the batch of a `chunk` whose parts, of so many `lines`, are `batches`.

    What only some of them bring, the others do not know.
    """
    before = [0, *accumulate(lines)]
    newest = [kept for batch in batches for kept in batch.unparsed_lines][-KEPT_LINES:]
    unparsed_at = [
        offset + place
        for batch, offset in zip(batches, before, strict=False)
        for place in batch.unparsed_at
    ]
    hits_before = [0, *accumulate(map(len, batches))]
    unparsed_after = [
        hits + batch.unparsed_after for batch, hits in zip(batches, hits_before, strict=False)
    ]
    dimensions = dict.fromkeys(dimension for batch in batches for dimension in batch.columns)
    measures = dict.fromkeys(measure for batch in batches for measure in batch.measures)
    return HitBatch(
        np.concatenate([batch.seconds for batch in batches]),
        np.concatenate([batch.status for batch in batches]),
        np.concatenate([batch.sizes for batch in batches]),
        {
            dimension: one_column(
                [known(batch.columns.get(dimension), len(batch)) for batch in batches]
            )
            for dimension in dimensions
        },
        unparsed_after=np.concatenate(unparsed_after),
        unparsed_lines=tuple(newest),
        first_unparsed=next((each.first_unparsed for each in batches if each.unparsed), None),
        unparsed_at=tuple(first_and_newest(unparsed_at)),
        others=sum(batch.others for batch in batches),
        tail=tail_of(chunk),
        format_name=batches[-1].format_name,
        resolution=finest(*(batch.resolution for batch in batches)),
        measures={
            measure: np.concatenate(
                [
                    batch.measures.get(measure, np.full(len(batch), UNKNOWN, dtype=np.int64))
                    for batch in batches
                ]
            )
            for measure in measures
        },
    )
