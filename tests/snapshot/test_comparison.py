"""Two windows are compared as a brute force over their hits compares them."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit import UNKNOWN, Hit
from logmon_tui.monitor import report_builder
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.snapshot import CountRow, Errors, Ranking, Window
from logmon_tui.snapshot.comparison import Change, Changes, Mark, compare, most_changed
from tests.effort import examples
from tests.traffic import START, hit, measured_batch_of, settings_of, told_of

PATHS = [b"/%d" % number for number in range(12)]

some_hits = st.lists(
    st.builds(
        hit,
        st.integers(START, START + 59),
        path=st.sampled_from(PATHS),
        status=st.sampled_from((200, 200, 404, 500, 503)),
        host=st.sampled_from((b"10.0.0.1", b"10.0.0.2", b"10.0.1.1")),
    ),
    max_size=60,
)


def window_of(hits: Sequence[Hit], top: int = 0, *, one_by_one: bool = False) -> Window:
    """Return the window of a report of `hits`, with `top` rows (0: all), fed at once or not."""
    builder = ReportBuilder(settings_of(top=top))
    for each in [[one] for one in hits] if one_by_one else [hits]:
        builder.feed(measured_batch_of(each))
    return builder.finish().hits


def path_of(each: Hit) -> bytes:
    return each.request.split()[1]


def amounts(hits: Sequence[Hit], amount: Callable[[Hit], float] = lambda _: 1) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for each in hits:
        found[path_of(each)] += amount(each)  # type: ignore[assignment]  # times are floats
    return found


def seconds_of(hits: Sequence[Hit]) -> int:
    seconds = [each.second for each in hits]
    return max(seconds) - min(seconds) + 1 if seconds else 0


def true_change(
    key: bytes,
    baseline: Sequence[Hit],
    present: Sequence[Hit],
    amount: Callable[[Hit], float] = lambda _: 1,
) -> float:
    now = amounts(present, amount)[key] / seconds_of(present)
    return now - amounts(baseline, amount)[key] / seconds_of(baseline)


def failed(each: Hit) -> float:
    return each.status >= 500


def spent(each: Hit) -> float:
    return max(0, told_of(each)[0]) / 1e6


@settings(max_examples=examples(200))
@given(some_hits, some_hits)
def test_whole_windows_are_compared_exactly(baseline: list[Hit], present: list[Hit]) -> None:
    found = compare(window_of(baseline), window_of(present)).changes.get("paths", Changes())
    former, now = amounts(baseline), amounts(present)
    assert {each.key for each in found.rows} == {*former, *now}
    if not baseline or not present:  # nothing is known of an empty time without a length
        assert all(each.rate == 0 and each.mark is None for each in found.rows)
        return
    timed = all(any(told_of(each)[0] != UNKNOWN for each in hits) for hits in (baseline, present))
    for each in found.rows:
        both = each.key, baseline, present
        assert each.hidden == 0
        assert isclose(each.rate, true_change(*both), abs_tol=1e-9)
        assert each.errors is not None
        assert isclose(each.errors, true_change(*both, failed), abs_tol=1e-9)
        if timed:
            assert each.time is not None
            assert isclose(each.time, true_change(*both, spent), abs_tol=1e-5)
        assert (each.mark is Mark.NEW) == (former[each.key] == 0)
        assert (each.mark is Mark.GONE) == (now[each.key] == 0)
    whole = len(present) / seconds_of(present) - len(baseline) / seconds_of(baseline)
    assert isclose(sum(each.rate for each in found.rows), whole, abs_tol=1e-9)
    sizes = [abs(each.rate) for each in found.rows]
    assert sizes == sorted(sizes, reverse=True)


def assert_certain(each: Change, baseline: Sequence[Hit], present: Sequence[Hit]) -> None:
    """Check that what is said of a key with a row in one window only is true of all hits."""
    missing = baseline if each.baseline is None else present
    assert each.hidden is not None
    assert amounts(missing)[each.key] <= each.hidden
    if each.rate:
        assert true_change(each.key, baseline, present) / each.rate >= 1 - 1e-9
    if each.errors:
        assert true_change(each.key, baseline, present, failed) / each.errors >= 1 - 1e-9
    assert (each.mark is Mark.NEW) == (each.baseline is None and each.rate > 0)
    assert (each.mark is Mark.GONE) == (each.present is None and each.rate < 0)


@settings(max_examples=examples(200))
@given(some_hits.filter(bool), some_hits.filter(bool), st.integers(1, 6), st.integers(1, 6))
def test_of_windows_cut_off_only_what_is_certain_is_told(
    baseline: list[Hit], present: list[Hit], rows: int, rows_now: int
) -> None:
    found = compare(window_of(baseline, rows), window_of(present, rows_now)).changes["paths"]
    for each in found.rows:
        if each.baseline and each.present:
            assert isclose(each.rate, true_change(each.key, baseline, present), abs_tol=1e-9)
            assert each.mark is None
        else:
            assert_certain(each, baseline, present)


many_paths = st.lists(
    st.builds(
        hit,
        st.integers(START, START + 9),
        path=st.integers(0, 40).map(b"/%d".__mod__),
        status=st.sampled_from((200, 500)),
    ),
    min_size=1,
    max_size=300,
)


@settings(max_examples=examples(50))
@given(many_paths, many_paths, st.integers(1, 4))
def test_keys_dropped_over_and_over_are_not_called_new(
    baseline: list[Hit], present: list[Hit], kept: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_builder, "KEPT_KEYS", kept)
        patch.setattr("logmon_tui.metrics.key_totals._MERGED_BATCHES", 1)
        windows = [window_of(hits, kept, one_by_one=True) for hits in (baseline, present)]
    for each in compare(*windows).changes["paths"].rows:
        if not (each.baseline and each.present):
            assert_certain(each, baseline, present)


def ranked(*rows: tuple[bytes, int], **more: int) -> Ranking:
    return Ranking(tuple(CountRow(key, hits, 0) for key, hits in rows), **more)


def test_a_key_that_a_cut_off_baseline_may_hide_is_not_new() -> None:
    baseline = Window(seconds=10, hits=100, paths=ranked((b"/a", 80), (b"/b", 9), distinct=4))
    present = Window(seconds=10, hits=40, paths=ranked((b"/c", 28), (b"/d", 12), distinct=2))
    by_key = {each.key: each for each in compare(baseline, present).changes["paths"].rows}
    # Eleven hits of the baseline have no row.
    assert (by_key[b"/c"].mark, by_key[b"/c"].rate, by_key[b"/c"].hidden) == (Mark.NEW, 1.7, 11)
    assert (by_key[b"/d"].mark, by_key[b"/d"].rate) == (Mark.NEW, 0.1)
    twice = Window(seconds=20, hits=40, paths=present.paths)
    by_key = {each.key: each for each in compare(baseline, twice).changes["paths"].rows}
    assert (by_key[b"/c"].mark, by_key[b"/d"].mark) == (Mark.NEW, None)
    assert by_key[b"/d"].rate == 0
    assert (by_key[b"/a"].mark, by_key[b"/a"].hidden) == (Mark.GONE, 0)


def test_the_bound_that_a_ranking_tells_is_used() -> None:
    rows = ranked((b"/a", 80), distinct=40, other_hits=20, other_most=2)
    baseline = Window(seconds=10, hits=100, paths=rows)
    present = Window(seconds=10, hits=3, paths=ranked((b"/c", 3), distinct=1))
    changes = compare(baseline, present).changes["paths"]
    assert changes.rows[-1] == Change(b"/c", None, CountRow(b"/c", 3, 0), 0.1, hidden=2)
    assert changes.distinct == (40, 1)


def test_what_a_window_does_not_count_is_not_new() -> None:
    baseline = Window(seconds=10, hits=100)  # its log has no users
    present = Window(seconds=10, hits=3, users=ranked((b"ann", 3), distinct=1))
    (each,) = compare(baseline, present).changes["users"].rows
    assert (each.mark, each.rate, each.hidden) == (None, 0, None)
    silent = Window(seconds=10)
    (each,) = compare(silent, present).changes["users"].rows
    assert (each.mark, each.rate, each.hidden) == (Mark.NEW, 0.3, 0)


def test_codes_and_own_panels_are_compared_too() -> None:
    baseline = Window(seconds=10, hits=2, status=((200, 2),), own={"cache": ranked((b"HIT", 2))})
    present = Window(seconds=5, hits=1, status=((502, 1),), own={"cache": ranked((b"HIT", 1))})
    found = compare(baseline, present)
    marks = {each.key: each.mark for each in found.changes["status"].rows}
    assert marks == {b"200": Mark.GONE, b"502": Mark.NEW}
    assert [(each.key, each.rate) for each in found.changes["cache"].rows] == [(b"HIT", 0)]
    assert found.changes.keys() == {"status", "cache"}
    assert not found.equally_long
    assert compare(baseline, present, ["status"]).changes.keys() == {"status"}


def test_keys_that_fail_or_slow_down_join_those_with_other_hits() -> None:
    def row(key: bytes, hits: int, errors: int = 0, time: float = 1.0) -> CountRow:
        return CountRow(key, hits, 0, errors=Errors(0, errors), total_time=time)

    def window(*rows: CountRow) -> Window:
        hits = sum(each.hits for each in rows)
        return Window(seconds=1, hits=hits, paths=Ranking(rows, len(rows), other_errors=Errors()))

    before = window(row(b"/a", 50), row(b"/b", 40), row(b"/fails", 9), row(b"/slow", 9))
    now = window(row(b"/a", 90), row(b"/b", 50), row(b"/fails", 9, 9), row(b"/slow", 9, time=7.0))
    changes = compare(before, now).changes["paths"]
    assert [each.key for each in most_changed(changes, 1)] == [b"/a", b"/fails", b"/slow"]
    assert [each.key for each in most_changed(changes, 0)] == [b"/a", b"/b", b"/fails", b"/slow"]
    assert most_changed(compare(before, before).changes["paths"], 1) == [
        Change(b"/a", before.paths.rows[0], before.paths.rows[0], 0.0, 0.0, 0.0)
    ]


def test_equal_rates_of_windows_of_other_lengths_are_no_change() -> None:
    found = compare(
        window_of([hit(START + second) for second in range(3)]),
        window_of([hit(START + second) for second in range(49)]),
    )
    assert [each.rate for each in found.changes["paths"].rows] == [0.0]
