"""What is shown is compared with the right hits: brute force over raw ones tells which."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.config.settings import Settings
from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit import Hit
from logmon_tui.history import recorder
from logmon_tui.monitor import baselines, pictures
from logmon_tui.monitor.commands import ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.snapshot import Baseline, Known, Snapshot
from logmon_tui.snapshot.comparison import Mark, changes_in
from logmon_tui.state.archive import MemoryArchive
from tests.effort import examples
from tests.traffic import START, Segment, batch_of, hit, segments, settings_of, traffic_of

DAY = 86_400


def watched(hits: Sequence[Hit], given: Settings) -> tuple[HTTPMonitor, int]:
    """Return a monitor that saw the hits as they came, and the second after the last one."""
    watching = HTTPMonitor(given, archive=MemoryArchive())
    second = hits[0].second
    for begin in range(0, len(hits), 40):
        part = hits[begin : begin + 40]
        second = part[-1].second
        watching.feed(batch_of(part), second - START)
        watching.tick(second - START, second)
        watching.archive_past()
    watching.tick(second + 1 - START, second + 1)
    return watching, second + 1


def compared(watching: HTTPMonitor, second: int, offset: int) -> Snapshot:
    watching.baselines.offset = offset
    picture = watching.snapshot(second - START, second)
    assert picture.baseline is not None
    assert picture.baseline.offset == offset
    return picture


def hits_of(hits: Sequence[Hit], end: int, seconds: int) -> list[Hit]:
    return [each for each in hits if end - seconds < each.second <= end]


def assert_right(picture: Snapshot, hits: Sequence[Hit]) -> None:
    """Assert that the baseline counts the hits of its time, and claims nothing that is not so."""
    baseline = picture.baseline
    assert baseline is not None
    then, now = baseline.window, picture.now
    former = hits_of(hits, then.end, then.seconds)
    if baseline.known is Known.NOTHING:
        assert then.hits == 0
        return
    assert then.hits == len(former)
    assert dict(then.status) == Counter(each.status for each in former)
    paths = Counter(each.request.split()[1] for each in former)
    present = Counter(each.request.split()[1] for each in hits_of(hits, now.end, now.seconds))
    for row in now.paths.rows:
        assert row.hits == present[row.key]
    found = changes_in(then, now, lambda window: window.paths)
    assert {change.key for change in found.rows} >= {row.key for row in now.paths.rows}
    for change in found.rows:
        was = 0 if change.baseline is None else change.baseline.hits
        assert was <= paths[change.key]
        if change.baseline is None:
            assert change.hidden is None or paths[change.key] <= change.hidden
        if change.present is None:
            assert change.hidden is None or present[change.key] <= change.hidden
        if change.mark is Mark.NEW and not change.hidden:
            assert paths[change.key] == 0
        if change.mark is Mark.GONE and not change.hidden:
            assert present[change.key] == 0


@settings(max_examples=examples(60))
@given(
    segments((0, 1, 7, 60, 150, 600, 3_600)),
    st.integers(0, 2**32),
    st.sampled_from((0, 7, 60, 600, 3_600)),
    st.sampled_from((10, 30, 90)),
    st.sampled_from(((100, 2_000), (2, 2), (1, 1))),
)
@example([(0, 25, 12, 0.0, 0.0), (600, 5, 2, 0.0, 0.0)], 1, 600, 10, (1, 1))
def test_the_baseline_counts_the_hits_of_its_time(
    parts: list[Segment], seed: int, offset: int, window: int, keys: tuple[int, int]
) -> None:
    hits = traffic_of(parts, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "OPEN_KEYS", keys[1])
        patch.setattr(pictures, "SCREEN_ROWS", 2)
        patch.setattr(pictures, "EXTRA_ROWS", 1)
        patch.setattr(baselines, "LOOKED_UP", 2)
        watching, second = watched(
            hits, settings_of(stats_interval=window, history={"keys": keys[0]})
        )
        picture = compared(watching, second, offset)
        assert_right(picture, hits)
        then, now = picture.baseline.window, picture.now
        if picture.baseline.known is Known.HITS:
            assert (then.end, then.seconds) == (now.end - (offset or now.seconds), now.seconds)
        else:
            assert then.end <= now.end - now.seconds
        watching.past.moment = ShowMoment(hits[len(hits) // 2].second, window)
        assert_right(compared(watching, second, offset), hits)


def steady(seconds: int, path: bytes = b"/a", start: int = START, **values: int) -> list[Hit]:
    return [hit(start + each, path=path, **values) for each in range(seconds)]


def baseline_of(picture: Snapshot) -> Baseline:
    assert picture.baseline is not None
    return picture.baseline


def test_nothing_is_compared_until_it_is_asked_for() -> None:
    watching, second = watched(steady(60), settings_of())
    assert watching.snapshot(second - START, second).baseline is None


def test_before_the_log_began_nothing_is_known() -> None:
    watching, second = watched(steady(60), settings_of())
    assert baseline_of(compared(watching, second, DAY)).known is Known.NOTHING


def test_kept_hits_answer_any_filter_and_minutes_only_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hits = [*steady(150), *steady(150, b"/b", START + 150, status=500)]
    watching, second = watched(hits, settings_of())
    watching.shown.set_filter(parsed("status:5xx"))
    baseline = baseline_of(compared(watching, second, 145))
    assert (baseline.known, baseline.window.hits) == (Known.HITS, 6)
    monkeypatch.setattr(HitStore, "since", None)  # as after a restart
    baseline = baseline_of(compared(watching, second, 145))
    assert (baseline.known, baseline.window.hits) == (Known.MINUTES, 30)
    assert [row[:2] for row in baseline.window.paths.rows] == [(b"/b", 30)]
    assert not baseline.window.methods.rows
    for text in ("status:5xx path:/b", "time>1s", "path:/b"):
        watching.shown.set_filter(parsed(text))
        assert baseline_of(compared(watching, second, 145)).known is Known.NOTHING


def test_minutes_before_a_window_do_not_reach_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HitStore, "since", None)
    for seconds, end in ((200, 179), (188, 119), (190, 179)):
        watching, second = watched(steady(seconds), settings_of())
        window = baseline_of(compared(watching, second, 0)).window
        assert (window.end, window.seconds, window.hits) == (START + end, 60, 60)


def test_a_key_that_was_frequent_has_its_row_now_though_it_has_few_hits() -> None:
    many = [hit(START + 100, path=b"/p%03d" % each) for each in range(150) for _ in range(2)]
    hits = [*steady(50, b"/once", START + 40), *sorted(many), hit(START + 100, path=b"/once")]
    watching, second = watched(hits, settings_of(stats_interval=5))
    paths = compared(watching, second, 10).now.paths
    assert paths.rows[-1][:2] == (b"/once", 1)


def test_a_baseline_is_made_once_for_the_same_second() -> None:
    watching, second = watched(steady(120), settings_of())
    first = baseline_of(compared(watching, second, 0))
    assert baseline_of(compared(watching, second, 0)) is first
    assert baseline_of(compared(watching, second, 30)) is not first


def test_a_long_baseline_is_summed_up_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "SECONDS_PER_HIT", 1.0)
    watching, second = watched(steady(120), settings_of())
    first = baseline_of(compared(watching, second, 0))
    for later in range(1, 9):
        watching.tick(second + later - START, second + later)
        assert baseline_of(compared(watching, second + later, 0)) is first
    watching.tick(second + 11 - START, second + 11)
    assert baseline_of(compared(watching, second + 11, 0)) is not first


def test_going_to_another_moment_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "SECONDS_PER_HIT", 1.0)
    watching, second = watched(steady(300), settings_of())
    for end in (200, 260, 100):
        watching.past.moment = ShowMoment(START + end, 10)
        window = baseline_of(compared(watching, second, 0)).window
        assert window.end == START + end - 10


def test_a_backlog_that_grows_while_it_is_read_can_be_compared_with() -> None:
    archive = MemoryArchive()
    watching = HTTPMonitor(settings_of(), archive=archive)
    watching.begin_backlog(START + 7_200)
    hits = steady(10_000)
    for begin in range(0, len(hits), 500):
        watching.feed(batch_of(hits[begin : begin + 500]), 1.0)
        watching.tick(1.0, START + 10_000)
        watching.archive_past()
    watching.end_backlog(1.0)
    watching.archive_past()
    watching.baselines.offset = 5_000
    baseline = baseline_of(watching.snapshot(1.0, START + 10_000))
    assert baseline.known is Known.HOURS
    assert baseline.window.rate == 1.0
