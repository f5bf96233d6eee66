"""What is shown of a past minute or hour equals a report of that time of the log."""

import random
from unittest import mock

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit
from logmon_tui.monitor.commands import ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.snapshot import Known, Moment, Ranking, Window
from logmon_tui.state.state_file import StateFile
from tests.effort import examples
from tests.state.restarts import LOG, Run
from tests.traffic import (
    Segment,
    measured_batch_of,
    segments,
    settings_of,
    shuffled,
    traffic_of,
)

UNSHRUNK = (Phase.reuse, Phase.generate)
"""Making a failing run smaller takes minutes."""

GAPS = (0, 0, 1, 2, 7, 30, 59, 60, 150, 600, 3_600)
RANKINGS = ("sections", "paths", "hosts", "users", "methods", "user_agents", "referrers", "routes")
SPANS = (1, 10, 60, 61, 600, 3_600, 7_200, 86_400)


class Recording(Run):
    """A run whose state keeps the past."""

    def _begin(self) -> None:
        self.store = StateFile(self.file, [LOG], self.given.past)
        self.monitor = HTTPMonitor(
            self.given, whole_intervals=self.whole, journal=True, archive=self.store.archive
        )


def recorded(run: Recording, hits: list[Hit], chance: random.Random) -> float:
    """Feed hits with saves, restarts and kills between them; return the monotonic time then."""
    first, now, place = min(each.second for each in hits), 0.0, 0
    while place < len(hits):
        piece = hits[place : place + chance.choice((1, 5, 40))]
        now = max(now, float(max(each.second for each in piece) - first))
        run.feed(measured_batch_of(piece), now)
        place += len(piece)
        if chance.random() < 0.7:
            run.tick(now, first + now)
            run.monitor.archive_past()
        if chance.random() < 0.4:
            run.save(now, first + now)
        if chance.random() < 0.1:  # a kill loses what came after the last save; it is read again
            place = run.restart(now)
    return now


def reported(chosen: Settings, hits: list[Hit], moment: Moment) -> Window:
    """Return a report of those hits that lie in the time of `moment`."""
    builder = ReportBuilder(chosen)
    since, until = moment.end - moment.seconds + 1, moment.end
    for piece in [each for each in hits if since <= each.second <= until], []:
        builder.feed(measured_batch_of(piece))
    return builder.finish().hits


def rows_of(ranking: Ranking) -> dict[bytes, tuple[object, ...]]:
    return {row.key: (row.hits, row.bytes, row.errors, row.total_time) for row in ranking.rows}


def assert_totals(shown: Window, report: Window) -> None:
    assert shown.sizes == report.sizes
    for name in ("hits", "bytes", "by_class", "status", "response_times"):
        assert getattr(shown, name) == getattr(report, name), name
    for name in ("total_time", "upstream_times", "bytes_in"):
        assert getattr(shown, name) == getattr(report, name), name


def past_window(run: Recording, end: int, seconds: int, now: float) -> tuple[Moment, Window]:
    run.monitor.past.moment = ShowMoment(end, seconds)
    with mock.patch.object(HitStore, "since", None):
        picture = run.snapshot(now, 0.0)
    assert picture.moment is not None
    return picture.moment, picture.now


@settings(max_examples=examples(60), deadline=None, phases=UNSHRUNK)
@given(segments(GAPS), st.integers(0, 2**32), st.sampled_from((1, 1, 10)))
def test_a_past_moment_equals_its_report(
    tmp_path_factory: pytest.TempPathFactory, busy: list[Segment], seed: int, size: int
) -> None:
    chance = random.Random(seed)
    chosen = settings_of(bucket_size=size, top=0)
    hits = shuffled(traffic_of(busy, seed), chance, late=50)
    run = Recording(tmp_path_factory.mktemp("state") / "a.sqlite", chosen)
    now = recorded(run, hits, chance)
    whole = [each.second for each in hits]
    for _ in range(4):
        end = chance.choice(whole) + chance.randrange(-5, 6)
        moment, shown = past_window(run, end, chance.choice(SPANS), now)
        report = reported(chosen, hits, moment)
        assert_totals(shown, report)
        for name in RANKINGS:
            ranking = getattr(shown, name)
            assert rows_of(ranking) == rows_of(getattr(report, name)), name
            assert ranking.distinct == getattr(report, name).distinct
        if report.hits:
            assert moment.known in (Known.MINUTES, Known.HOURS)
    run.store.close()


@settings(max_examples=examples(30), deadline=None, phases=UNSHRUNK)
@given(segments(GAPS), st.integers(0, 2**32))
def test_keys_beyond_the_bound_lack_only_what_is_other(
    tmp_path_factory: pytest.TempPathFactory, busy: list[Segment], seed: int
) -> None:
    chance = random.Random(seed)
    chosen = settings_of(top=0, history={"keys": 2})
    hits = [
        each._replace(host=b"10.1.0.%d" % int(chance.paretovariate(0.6) % 200))
        for each in shuffled(traffic_of(busy, seed), chance, late=50)
    ]
    run = Recording(tmp_path_factory.mktemp("state") / "a.sqlite", chosen)
    now = recorded(run, hits, chance)
    for seconds in SPANS:
        moment, shown = past_window(run, chance.choice(hits).second, seconds, now)
        report = reported(chosen, hits, moment)
        assert_totals(shown, report)
        true, other = rows_of(report.hosts), shown.hosts.other_hits
        assert sum(row.hits for row in shown.hosts.rows) + other == report.hits
        for row in shown.hosts.rows:
            assert row.hits <= true[row.key][0] <= row.hits + other
        assert abs(shown.hosts.distinct - len(true)) <= 1 + 0.06 * len(true)
        kept = {row.key for row in shown.hosts.rows}
        assert all(count[0] <= other for key, count in true.items() if key not in kept)
    run.store.close()
