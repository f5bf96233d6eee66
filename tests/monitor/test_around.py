"""Before and after a mark: the figures are those of the hits, however their buckets were folded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.model.mark import AROUND, Mark
from logmon_tui.formats.model.hit import Hit, Measure
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.history.archive import NoArchive
from logmon_tui.history.recorder import Recorder
from logmon_tui.history.sums import sums_of
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.monitor.around import Interval, MarkComparison, around_mark
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.past import Past
from logmon_tui.snapshot import MarkSide
from logmon_tui.state.archive import MemoryArchive
from tests.effort import examples
from tests.traffic import START, batch_of, hit, settings_of

DAY = 86_400
MARK = Mark(START + 1_000, "api 4.12")


def timed(hits: list[Hit], milliseconds: int) -> HitBatch:
    """Return a batch whose hits all took as long."""
    batch = batch_of(hits)
    times = np.full(len(hits), milliseconds * 1_000, dtype=np.int64)
    return replace(batch, measures={Measure.RESPONSE_TIME: times})


def around(
    aggregator: MetricsAggregator, mark: Mark, until: int, since: int = 0
) -> tuple[MarkSide, MarkSide]:
    buckets = aggregator.between(mark.second - AROUND, min(mark.second + AROUND, until))
    slices = [Interval(start, width, sums_of(each), each.detail) for start, width, each in buckets]
    found = around_mark(mark, slices, since=since, until=until)
    assert found.mark == mark
    return found.before, found.after


@settings(max_examples=examples(60), deadline=None)
@given(
    seconds=st.lists(st.integers(0, 3 * AROUND), max_size=60),
    at=st.integers(0, 3 * AROUND),
    age=st.sampled_from((0, 1, 7, 300, 901, 1_000, 7_000, 30_000, 2 * DAY)),
    size=st.sampled_from((1, 5, 7, 15, 60)),
    skew=st.integers(0, 59),
)
def test_each_side_has_exactly_the_hits_of_the_seconds_it_names(
    seconds: list[int], at: int, age: int, size: int, skew: int
) -> None:
    begin = START + skew
    hits = [hit(begin + second, status=200 + second % 4 * 100) for second in sorted(seconds)]
    aggregator = MetricsAggregator(size)
    until = begin + 3 * AROUND + age
    for each in hits:
        aggregator.add(batch_of([each]))
        aggregator.settle(each.second // size)
    aggregator.settle(until // size)
    mark = Mark(begin + at, "x")
    since = hits[0].second if hits else 0
    for side in around(aggregator, mark, until, since):
        mine = [each for each in hits if side.start <= each.second < side.end]
        assert side.hits == len(mine)
        for digit in (2, 3, 4, 5):
            assert side.by_class[digit] == sum(each.status // 100 == digit for each in mine)
    before, after = around(aggregator, mark, until, since)
    # What buckets leave out at the edges is less than one of them at each end.
    widest = 10 if age < 10_000 else 60
    if size > 5:  # a slot reaches over its wide bucket, so neighbours may overlap
        return
    assert mark.second - AROUND <= before.start or not before.seconds
    assert before.end <= mark.second <= after.start
    assert after.end <= mark.second + AROUND
    if since <= mark.second - AROUND:
        assert before.seconds >= AROUND - 2 * widest
    if age > AROUND and since <= mark.second:
        assert after.seconds >= AROUND - 2 * widest


def test_figures_and_times_of_both_sides() -> None:
    aggregator = MetricsAggregator()
    before = [
        hit(MARK.second - 1 - second, status=500 if second < 6 else 200) for second in range(60)
    ]
    after = [
        hit(MARK.second + second % 30, status=404 if second < 15 else 200) for second in range(60)
    ]
    aggregator.add(timed(before[::-1], 20))
    aggregator.add(timed(after, 40))
    one, two = around(aggregator, MARK, MARK.second + 30, since=MARK.second - 60)
    assert (one.start, one.end, one.hits, one.rate) == (MARK.second - 60, MARK.second, 60, 1.0)
    assert (one.class_share(4), one.class_share(5)) == (0, 0.1)
    assert (two.start, two.end, two.hits, two.rate) == (MARK.second, MARK.second + 30, 60, 2.0)
    assert (two.class_share(4), two.class_share(5)) == (0.25, 0)
    assert one.times is not None
    assert two.times is not None
    assert one.times.p50 == pytest.approx(0.020, rel=0.011)
    assert two.times.p95 == pytest.approx(0.040, rel=0.011)


def test_times_are_not_kept_once_buckets_are_folded_and_nothing_wrong_is_said() -> None:
    aggregator = MetricsAggregator()
    aggregator.add(timed([hit(MARK.second + second) for second in range(-600, 600)], 20))
    later = MARK.second + 2_000
    aggregator.settle(later)
    one, two = around(aggregator, MARK, later)
    assert (one.times, one.times_kept, two.times, two.times_kept) == (None, False, None, False)
    assert (one.hits, two.hits) == (one.seconds, two.seconds)  # one hit a second


def test_without_times_in_the_log_they_are_absent_but_nothing_was_lost() -> None:
    aggregator = MetricsAggregator()
    aggregator.add(batch_of([hit(MARK.second)]))
    one, two = around(aggregator, MARK, MARK.second + 5)
    assert (one.times, one.times_kept, two.times, two.times_kept) == (None, True, None, True)


@pytest.mark.parametrize(
    ("until", "since", "known"),
    [
        (MARK.second - 100, MARK.second - 500, (400, 0)),  # a mark that is still to come
        (MARK.second + 60, MARK.second + 10, (0, 50)),  # the log began after it
        (MARK.second + 9_999, MARK.second + 700, (0, 0)),
        (MARK.second - 700, 0, (0, 0)),
    ],
)
def test_what_is_not_known_has_no_seconds(until: int, since: int, known: tuple[int, int]) -> None:
    one, two = around(MetricsAggregator(), MARK, until, since)
    assert (one.seconds, two.seconds) == known
    assert (one.rate, two.rate) == tuple(0.0 if seconds else None for seconds in known)
    assert one.class_share(5) is two.class_share(5) is None


def test_a_comparison_is_made_while_it_is_asked_for_and_follows_the_log() -> None:
    monitor = HTTPMonitor(settings_of())
    monitor.feed(batch_of([hit(MARK.second + second) for second in range(-60, 1)]), 0.0)

    def around_now(now: float) -> tuple[int, int] | None:
        monitor.tick(now, MARK.second + now)
        found = monitor.snapshot(now, MARK.second + now).around
        return found and (found.before.hits, found.after.seconds)

    assert around_now(0.0) is None
    monitor.comparison.choose(MARK)
    assert around_now(0.1) == (60, 0)
    assert around_now(5.0) == (60, 5)
    monitor.comparison.choose(Mark(MARK.second - 30, "earlier"))
    assert around_now(5.1) == (30, 35)
    monitor.comparison.choose(None)
    assert around_now(6.0) is None


def test_sums_are_made_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    aggregator = MetricsAggregator()
    aggregator.add(batch_of([hit(MARK.second)]))
    recorder = Recorder(1)
    comparison = MarkComparison(aggregator, Past(recorder, NoArchive()))
    comparison.choose(MARK)
    first = comparison.at(MARK.second + 5, 0, 0)
    with monkeypatch.context() as patched:
        patched.setattr(aggregator, "between", lambda *_: pytest.fail("summed up again"))
        assert comparison.at(MARK.second + 5, 0, 0) is first
    assert comparison.at(MARK.second + 6, 0, 0) is not first


MINUTES = 50


@pytest.fixture(scope="module")
def recorded() -> tuple[MetricsAggregator, Past]:
    """What is kept of 50 minutes with a hit a second, of which each 7th is an error."""
    recorder, archive = Recorder(1), MemoryArchive()
    aggregator = MetricsAggregator(1, recorder=recorder)
    for minute in range(MINUTES):
        begin = START + minute * 60
        seconds = range(begin, begin + 60)
        aggregator.add(timed([hit(each, status=200 + each % 7 // 6 * 300) for each in seconds], 20))
        aggregator.settle(begin + 59)
        archive.take(recorder.take(), begin + 59)
    return aggregator, Past(recorder, archive)


@pytest.mark.parametrize("at", [650, 1_200, 1_210, 1_531, 2_039, 2_400, 2_900])
def test_of_old_marks_the_recorded_minutes_tell_the_times_too(
    at: int, recorded: tuple[MetricsAggregator, Past]
) -> None:
    comparison, now = MarkComparison(*recorded), MINUTES * 60 - 1
    mark = Mark(START + at, "x")
    comparison.choose(mark)
    around = comparison.at(START + now, START, 0)
    assert around is not None
    for side in (around.before, around.after):
        assert side.hits == side.seconds
        assert side.by_class[5] == sum(each % 7 == 6 for each in range(side.start, side.end))
        assert side.times is not None or not side.seconds
        assert side.times is None or side.times.p95 == pytest.approx(0.020, rel=0.011)
    assert mark.second - 60 < around.before.end <= mark.second <= around.after.start
    assert around.after.start < mark.second + 60
    assert around.before.seconds > AROUND - 2 * 60
    assert around.after.seconds > min(AROUND, now - at) - 2 * 60 - 10


def test_without_recorded_minutes_old_times_are_not_kept_but_hits_are(
    recorded: tuple[MetricsAggregator, Past],
) -> None:
    aggregator, _ = recorded
    comparison = MarkComparison(aggregator, Past(Recorder(1), NoArchive()))
    comparison.choose(Mark(START + 1_200, "x"))
    around = comparison.at(START + MINUTES * 60 - 1, START, 0)
    assert around is not None
    assert [side.hits for side in (around.before, around.after)] == [AROUND, AROUND]
    assert not around.before.times_kept
    assert around.before.times is around.after.times is None
