"""Errors and total times by key are those of the hits, wherever and however they were counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit, Measure
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.model.vocabulary import LANES, Vocabulary
from logmon_tui.metrics import aggregator as module
from logmon_tui.metrics.aggregator import KEYS_SLACK, MetricsAggregator
from logmon_tui.metrics.figures import (
    CLASSED,
    MAX_SUM,
    TIME,
    UNCLASSED,
    UNTIMED,
    Figure,
    class_name,
)
from logmon_tui.metrics.tally import Tally
from logmon_tui.metrics.totals import LogTotals, counts_of
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.monitor.window_view import window_view
from logmon_tui.snapshot import CountRow, Errors, Window
from logmon_tui.state.records import packed_bucket, unpacked_bucket
from tests.effort import examples
from tests.traffic import HOSTS, START, batch_of, hit, measured_batch_of, told_of

CALM = settings(max_examples=examples(60), deadline=None)

HITS = st.lists(
    st.builds(
        hit,
        st.integers(START, START + 20),
        host=st.sampled_from([b"h%d" % number for number in range(9)]),
        status=st.sampled_from((100, 200, 301, 404, 404, 499, 500, 503, 600)),
        path=st.sampled_from([b"/%d/x" % number for number in range(9)]),
    ),
    min_size=1,
    max_size=60,
)

KEY_OF: dict[Dimension, Callable[[Hit], bytes]] = {
    Dimension.SECTION: lambda each: each.request.split()[1].rpartition(b"/")[0],
    Dimension.PATH: lambda each: each.request.split()[1],
    Dimension.ROUTE: lambda each: each.request.split()[1],
    Dimension.HOST: lambda each: each.host,
}


def spent(hits: Iterable[Hit]) -> int:
    return sum(max(0, told_of(each)[0]) for each in hits)


def assert_right(tally: Tally, dimension: Dimension, hits: Sequence[Hit], *, timed: bool) -> None:
    """Check the figures of a tally against the hits that it counts.

    The sums of kept keys may miss hits that came before the key was kept, as its hits do. So
    what is kept is bounded by key, and exact together with what counts as other.
    """
    assert UNCLASSED not in tally.figures
    for digit in CLASSED[dimension]:
        mine = [each for each in hits if each.status // 100 == digit]
        by_key = Counter(map(KEY_OF[dimension], mine))
        assert_sums(tally, class_name(digit), by_key, len(mine))
    if timed:
        by_key = Counter()
        for each in hits:
            by_key[KEY_OF[dimension](each)] += spent([each])
        assert_sums(tally, TIME, by_key, spent(hits))


def assert_sums(tally: Tally, name: str, by_key: Counter[bytes], whole: int) -> None:
    figure = tally.figures.get(name, Figure())
    assert sum(figure.by_key.values()) + figure.other == whole
    assert figure.by_key.keys() <= tally.hits.keys()
    assert all(0 < each <= by_key[key] for key, each in figure.by_key.items())
    if not tally.other_hits:
        assert figure.by_key == +by_key


STEPS = st.lists(
    st.tuples(st.sampled_from(("add", "add", "on", "save")), HITS, st.sampled_from((1, 1, 2, 5))),
    min_size=1,
    max_size=8,
)


@CALM
@given(steps=STEPS, slots=st.sampled_from((3, 8, 25)), keys=st.sampled_from((3, 600)))
def test_a_window_has_the_figures_of_its_hits_and_folds_them_with_their_keys(
    steps: list[tuple[str, list[Hit], int]], slots: int, keys: int
) -> None:
    """Hits come late, buckets leave, keys are not admitted and thinned, and runs go on."""
    few = {"BUCKET_KEYS": keys, "KEPT_KEYS": 2, "WHOLE_SLOTS": 4, "LONG_KEYS": 6, "KEYS_SLACK": 1}
    with mock.patch.multiple(module, **few):
        aggregator = MetricsAggregator()
        window = aggregator.window(slots)
        raw: list[Hit] = []
        slot = START
        for step, hits, many in steps:
            if step == "add":
                aggregator.add(measured_batch_of(hits))
                raw += hits
            elif step == "on":
                slot += many
                window.advance(slot)
                aggregator.settle(slot)
            else:
                saved = {key: aggregator.bucket(*key) for key in aggregator.bucket_keys()}
                buckets = {
                    key: unpacked_bucket(packed_bucket(each)) for key, each in saved.items() if each
                }
                state, aggregator = aggregator.state(), MetricsAggregator()
                aggregator.restore(state, buckets)
                window = aggregator.window(slots)
                window.advance(slot)
        window.advance(slot)
        covered = [each for each in raw if slot - slots < each.second <= slot]
        for dimension in CLASSED:
            tally = window.total.tallies[dimension]
            assert_right(tally, dimension, covered, timed=True)
            assert keys == 3 or slots > 4 or not tally.other_hits
        measured = window.total.measured
        assert (measured.total_time if measured else 0) == spent(covered)
        window.advance(slot + slots + 20)
        assert not any(tally.figures for tally in window.total.tallies.values())


def in_words(batch: HitBatch, words: dict[Dimension, Vocabulary]) -> HitBatch:
    """Return the batch with its columns numbered by the vocabularies of a lane."""
    columns = {
        dimension: words[dimension].column(
            words[dimension].interner.numbers(column.texts)[column.codes]
        )
        for dimension, column in batch.columns.items()
    }
    return HitBatch(batch.seconds, batch.status, batch.sizes, columns, measures=batch.measures)


@CALM
@given(
    batches=st.lists(HITS, min_size=1, max_size=5),
    lanes=st.sampled_from((0, 1, LANES)),
    limit=st.sampled_from((None, 2)),
    timed=st.booleans(),
)
def test_totals_of_whole_logs_have_the_figures_of_all_hits(
    batches: list[list[Hit]], lanes: int, limit: int | None, *, timed: bool
) -> None:
    totals = LogTotals(limit)
    words = [{each: Vocabulary() for each in Dimension} for _ in range(lanes)]
    with mock.patch("logmon_tui.metrics.key_totals.MERGED_ROWS", 5):
        for number, hits in enumerate(batches):
            batch = measured_batch_of(hits) if timed else batch_of(hits)
            if lanes:
                batch = in_words(batch, words[number % lanes])
            totals.add(counts_of(batch))
        bucket = totals.bucket()
    raw = [each for hits in batches for each in hits]
    for dimension in CLASSED:
        if timed or dimension is not Dimension.ROUTE:
            assert_right(bucket.tallies[dimension], dimension, raw, timed=timed)
            assert (TIME in bucket.tallies[dimension].figures) == (timed and spent(raw) > 0)
    assert (bucket.measured.total_time if bucket.measured else 0) == timed * spent(raw)


@CALM
@given(batches=st.lists(HITS, min_size=1, max_size=4))
def test_a_report_tells_the_errors_and_times_of_every_key(batches: list[list[Hit]]) -> None:
    builder = ReportBuilder(Settings(top=0))
    for hits in batches:
        builder.feed(measured_batch_of(hits))
    window = builder.finish().hits
    raw = [each for hits in batches for each in hits]
    for dimension, rows in rows_of(window).items():
        if dimension is Dimension.ROUTE:  # of `/1/x` and `/2/x` it makes one route
            continue
        assert rows
        for row in rows:
            mine = [each for each in raw if KEY_OF[dimension](each) == row.key]
            classes = Counter(each.status // 100 for each in mine)
            assert row.errors == (classes[4], classes[5])
            assert told_time(row, window) == spent(mine)
    routes = window.routes.rows
    for place in range(2):
        assert sum(row.errors[place] for row in routes if row.errors) == sum(
            each.status // 100 == 4 + place for each in raw
        )
    assert sum(told_time(row, window) for row in routes) == spent(raw)


def rows_of(window: Window) -> dict[Dimension, tuple[CountRow, ...]]:
    rankings = window.sections, window.paths, window.routes, window.hosts
    return {each: ranking.rows for each, ranking in zip(CLASSED, rankings, strict=True)}


def told_time(row: CountRow, window: Window) -> int:
    """Return the total time of a row in µs; none is told if no hit of the log has a time."""
    assert (row.total_time is None) == (window.total_time is None)
    return round(1e6 * (row.total_time or 0))


def view_of(tally: Tally, *, rows: int | None = None, extra_rows: int = 0) -> Window:
    aggregator = MetricsAggregator()
    window = aggregator.window(10)
    window.total.tallies[Dimension.HOST] = tally
    return window_view(
        window.total,
        window.largest,
        lambda _: 0,
        end=0,
        seconds=1,
        rows=rows,
        extra_rows=extra_rows,
    )


def test_a_client_with_few_hits_but_only_errors_joins_the_rows() -> None:
    loud = {b"h%d" % number: 100 - number for number in range(50)}
    tally = Tally({**loud, b"bad": 3, b"ill": 2})
    tally.figures = {"4xx": Figure({b"bad": 3, b"h1": 1}), "5xx": Figure({b"ill": 2}, other=7)}
    rows = view_of(tally, rows=10, extra_rows=1).hosts
    assert [row.key for row in rows.rows[-3:]] == [b"h9", b"bad", b"ill"]
    assert [row.errors for row in rows.rows[-2:]] == [Errors(3, 0), Errors(0, 2)]
    assert (rows.other_errors, rows.other_time) == (Errors(0, 7), None)
    assert len(view_of(tally, rows=10).hosts.rows) == 10


def test_hits_of_earlier_versions_have_no_errors_rather_than_none() -> None:
    tally = Tally({b"h": 3})
    tally.figures = {"4xx": Figure({b"h": 1}), UNCLASSED: Figure(other=2)}
    (row,) = view_of(tally).hosts.rows
    assert row.errors is None
    tally.figures[UNCLASSED].subtract(Figure(other=2))
    del tally.figures[UNCLASSED]
    (row,) = view_of(tally).hosts.rows
    assert row.errors == Errors(1, 0)


def test_slots_that_no_window_needs_keep_errors_but_no_times() -> None:
    aggregator = MetricsAggregator()
    aggregator.window(10)
    hits = [hit(START, status=404, path=b"/%d" % number) for number in range(30)]
    assert spent(hits) > 0
    aggregator.add(measured_batch_of(hits))
    before = aggregator.ring[START].tallies[Dimension.HOST].figures
    assert before.keys() == {"4xx", TIME}
    aggregator.settle(START + 10 + KEYS_SLACK)
    after = aggregator.ring[START].tallies[Dimension.HOST].figures
    assert after.keys() == {"4xx", UNTIMED}
    assert view_of(aggregator.ring[START].tallies[Dimension.HOST]).hosts.rows[0].errors == (30, 0)


def test_times_beyond_all_sense_do_not_overflow_a_sum() -> None:
    batch = batch_of([hit(START)] * 20_000)
    measures = {Measure.RESPONSE_TIME: np.full(len(batch), 2**63 - 1)}
    endless = HitBatch(batch.seconds, batch.status, batch.sizes, batch.columns, measures=measures)
    aggregator = MetricsAggregator()
    aggregator.add(endless)
    assert aggregator.ring[START].tallies[Dimension.HOST].figures[TIME].by_key[HOSTS[0]] == MAX_SUM
