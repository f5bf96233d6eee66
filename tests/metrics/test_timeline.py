"""The timeline of a report is the sum of its hits by column, whatever batches they came in."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit import UNKNOWN, Measure
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.histogram import Histogram, bins_of
from logmon_tui.metrics.timeline import (
    LENGTHS,
    MOST_COLUMNS,
    MOST_SLOTS,
    SLOT,
    Timeline,
    slot_counts,
)
from tests.effort import examples

Hit = tuple[int, int, int]
START = 1_525_881_600

HITS = st.lists(
    st.tuples(
        st.integers(0, MOST_SLOTS * SLOT - 1),
        st.sampled_from([200, 304, 404, 499, 500, 503]),
        st.integers(UNKNOWN, 10_000_000),
    ),
    max_size=40,
)


def batch(hits: list[Hit]) -> HitBatch:
    columns = np.array(hits, dtype=np.int64).reshape(-1, 3)
    times = {Measure.RESPONSE_TIME: columns[:, 2]}
    return HitBatch(
        columns[:, 0] + START,
        columns[:, 1],
        np.zeros(len(hits), dtype=np.int64),
        {},
        measures=times,
    )


@settings(max_examples=examples(500), deadline=None)
@given(st.lists(HITS, max_size=4))
def test_columns_are_the_sums_of_their_hits(batches: list[list[Hit]]) -> None:
    timeline = Timeline()
    for hits in batches:
        timeline.add(slot_counts(batch(hits)))
    length, columns = timeline.columns()
    hits = [hit for each in batches for hit in each]
    assert bool(columns) == bool(hits)
    assert length in LENGTHS
    if columns:
        starts = [column.start for column in columns]
        assert starts == list(range(starts[0], starts[-1] + 1, length))
        assert len(columns) <= max(MOST_COLUMNS, MOST_SLOTS * SLOT // LENGTHS[-1] + 1)
    for column in columns:
        mine = [hit for hit in hits if column.start <= hit[0] + START < column.start + length]
        assert column.hits == len(mine)
        assert column.errors == tuple(
            sum(hit[1] // 100 == digit for hit in mine) for digit in (4, 5)
        )
        expected = Histogram()
        for hit in mine:
            if hit[2] != UNKNOWN:
                expected.add(Histogram({int(bins_of(np.array([hit[2]]))[0]): 1}))
        assert column.times.counts == expected.counts


def test_a_longer_log_has_none() -> None:
    timeline = Timeline()
    timeline.add(slot_counts(batch([(0, 200, UNKNOWN)])))
    timeline.add(slot_counts(batch([(MOST_SLOTS * SLOT, 200, UNKNOWN)])))
    timeline.add(slot_counts(batch([(5, 200, UNKNOWN)])))
    assert timeline.columns() == (SLOT, [])
