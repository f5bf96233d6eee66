"""Reports: exact sums over whole logs, the same however the lines were cut."""

import random
from collections import Counter
from math import inf
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.parser import Parser
from logmon_tui.metrics import cells, key_totals
from logmon_tui.metrics.bucket import ALL_DIMENSIONS
from logmon_tui.metrics.grouping import summary_of
from logmon_tui.monitor import late_hits, report_builder
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.monitor.window_view import window_view
from logmon_tui.snapshot import Report
from tests.effort import examples
from tests.traffic import (
    HOSTS,
    START,
    batch_at,
    batch_of,
    hit,
    measured_batch_of,
    pieces,
    settings_of,
    shuffled,
    traffic,
)

FAR = START + 400 * 86_400


def report_of(hits: list[Hit], chance: random.Random, top: int = 0) -> Report:
    builder = ReportBuilder(settings_of(top=top, threshold=0.5, alert_window=30))
    for piece in pieces(hits, chance, largest=200):
        builder.feed(batch_of(piece))
    return builder.finish()


def measured_report_of(hits: list[Hit], chance: random.Random, top: int = 0) -> Report:
    builder = ReportBuilder(settings_of(top=top))
    for piece in pieces(hits, chance, largest=200):
        builder.feed(measured_batch_of(piece))
    return builder.finish()


def figures(report: Report) -> list[object]:
    """Return all that a report says, to compare."""
    hits, ingest = report.hits, report.ingest
    return [
        (hits.end, hits.seconds, hits.hits, hits.bytes, hits.by_class, hits.status),
        [ranking.rows for ranking in (hits.sections, hits.paths, hits.hosts, hits.users)],
        [ranking.distinct for ranking in (hits.sections, hits.paths, hits.hosts, hits.users)],
        (hits.sizes.mean, hits.sizes.p50, hits.sizes.p95, hits.sizes.max),
        (hits.response_times, hits.upstream_times, hits.bytes_in, hits.routes.rows),
        (report.first_hit, report.last_hit, report.incidents),
        (ingest.hits, ingest.bytes, ingest.unparsed, ingest.future, ingest.late),
    ]


@settings(max_examples=examples(30), deadline=None)
@given(hits=traffic(), seed=st.integers(0, 2**32))
def test_sums_are_those_of_the_hits_one_by_one_in_any_cut(hits: list[Hit], seed: int) -> None:
    chance = random.Random(seed)
    lines = shuffled(hits, chance)
    report = report_of(lines, chance)
    seconds = [each.second for each in hits]
    assert (report.first_hit, report.last_hit) == (min(seconds), max(seconds))
    assert report.hits.seconds == max(seconds) - min(seconds) + 1
    assert report.hits.hits == report.ingest.hits == len(hits)
    assert report.hits.bytes == sum(each.size for each in hits)
    assert dict(report.hits.status) == Counter(each.status for each in hits)
    hosts = Counter(each.host for each in hits)
    assert [(row.key, row.hits) for row in report.hits.hosts.rows] == sorted(
        hosts.items(), key=lambda row: (-row[1], row[0])
    )
    sections = Counter(b"/" + each.request.split()[1].split(b"/")[1] for each in hits)
    assert {row.key: row.hits for row in report.hits.sections.rows} == sections
    assert figures(report_of(lines, chance)) == figures(report)


@settings(max_examples=examples(30), deadline=None)
@given(hits=traffic(), seed=st.integers(0, 2**32), merged=st.sampled_from((1, 50, 10**6)))
def test_times_and_bytes_in_are_those_of_all_hits_in_any_cut(
    hits: list[Hit], seed: int, merged: int
) -> None:
    chance = random.Random(seed)
    with (
        mock.patch.object(key_totals, "MERGED_ROWS", merged),
        mock.patch.object(cells, "_MERGED_CELLS", merged),
    ):
        report = measured_report_of(hits, chance).hits
        again = measured_report_of(hits, chance).hits
    whole = summary_of(measured_batch_of(hits), ALL_DIMENSIONS)
    expected = window_view(
        whole,
        whole.largest,
        lambda dimension: len(whole.tallies[dimension].hits),
        end=report.end,
        seconds=report.seconds,
        rows=None,
    )
    for view in (report, again):
        assert view.response_times == expected.response_times
        assert view.upstream_times == expected.upstream_times
        assert view.bytes_in == expected.bytes_in
        for mine, theirs in (
            (view.sections, expected.sections),
            (view.paths, expected.paths),
            (view.routes, expected.routes),
        ):
            assert mine == theirs
            assert any(row.times for row in mine.rows) == (expected.response_times is not None)


def test_times_stay_with_their_keys_when_others_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report_builder, "KEPT_KEYS", 20)
    monkeypatch.setattr(key_totals, "MERGED_ROWS", 100)
    monkeypatch.setattr(cells, "_MERGED_CELLS", 300)
    builder = ReportBuilder(settings_of(top=3))
    fed: list[Hit] = []
    for start in range(0, 3_000, 50):
        passing = [hit(START, path=b"/%d/x" % (start + n), size=n) for n in range(40)]
        heavy = [hit(START, path=b"/heavy%d/x" % (n % 3), size=start + n) for n in range(10)]
        builder.feed(measured_batch_of([*passing, *heavy]))
        fed += [*passing, *heavy]
    report = builder.finish().hits
    assert report.paths.other_hits > 0
    whole = summary_of(measured_batch_of(fed), ALL_DIMENSIONS)
    view = window_view(whole, whole.largest, lambda _: 0, end=0, seconds=1, rows=3)
    assert [row.key for row in report.paths.rows] == [b"/heavy%d/x" % n for n in range(3)]
    assert report.paths.rows == view.paths.rows
    assert report.sections.rows == view.sections.rows
    assert report.response_times == view.response_times


@pytest.mark.parametrize("top", [0, 2])
def test_routes_have_the_times_of_the_hits_of_all_their_paths(top: int) -> None:
    """Routes add up as sections do: here each section is also a route with the same hits."""
    paths = [b"/users/%d" % n for n in range(40)] + [b"/about", b"/about", b"/"]
    builder = ReportBuilder(settings_of(top=top))
    for start in range(0, len(paths), 7):
        batch = measured_batch_of(
            [hit(START, path=path, size=n) for n, path in enumerate(paths[start : start + 7])]
        )
        plain = {each: batch.columns[each] for each in batch.columns if each is not Dimension.ROUTE}
        builder.feed(replace(batch, columns=plain))
    report = builder.finish().hits
    assert [row.key for row in report.routes.rows] == [b"/users/:id", b"/about", b"/"][: top or 3]
    assert all(row.times is not None for row in report.routes.rows)
    assert [row.times for row in report.routes.rows] == [row.times for row in report.sections.rows]


def test_a_log_without_times_has_none_by_route() -> None:
    report = report_of([hit(START, path=b"/users/1")], random.Random(1)).hits
    assert [row.times for row in report.routes.rows] == [None]


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 2**32), wrong=st.integers(1, 5))
def test_lines_from_the_far_future_change_no_incident_in_any_cut(seed: int, wrong: int) -> None:
    chance = random.Random(seed)
    lines = [hit(START + n // 3) for n in range(150)]
    honest = report_of(lines, chance)
    places = chance.sample(range(0, 140, 10), wrong)
    for place in sorted(places, reverse=True):
        lines.insert(place, hit(FAR + place * 1_000))
    report = report_of(lines, chance)
    assert report.incidents == honest.incidents
    assert honest.incidents
    assert (report.ingest.future, report.hits.hits) == (wrong, 150 + wrong)
    assert (report.first_hit, report.last_hit) == (honest.first_hit, honest.last_hit)
    assert (report.hits.end, report.hits.seconds) == (honest.hits.end, honest.hits.seconds)


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 2**32), late=st.sampled_from([100, 400, 1_000]), logs=st.integers(1, 2))
def test_lines_that_are_minutes_late_count_alike_in_any_cut(
    seed: int, late: int, logs: int
) -> None:
    chance = random.Random(seed)
    hits = [hit(START + n // 2 + n // 100 * 100, host=chance.choice(HOSTS)) for n in range(600)]
    lines = [shuffled(hits[log::logs], chance, late) for log in range(logs)]
    given = settings_of(
        threshold=1.5, alert_window=30, rules={"new": {"metric": "paths", "critical": 0}}
    )
    found = []
    for judged_rows, largest in ((1, 20), (100, 300), (1, 300), (100_000, 20)):
        builder = ReportBuilder(given, [-inf] * logs)
        cuts = [list(pieces(mine, chance, largest)) for mine in lines]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(late_hits, "BOUNDARY_HITS", 40)
            patch.setattr(report_builder, "MIN_JUDGED_ROWS", judged_rows)
            while any(cuts):
                log = chance.choice([each for each in range(logs) if cuts[each]])
                builder.feed(batch_of(cuts[log].pop(0)), log)
            found.append(builder.finish().incidents)
    assert found[0]
    assert found == [found[0]] * len(found)


@pytest.mark.parametrize("newer", [20, 60])
def test_late_lines_do_not_pile_up_where_an_older_log_follows_a_newer_one(
    newer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_hits, "BOUNDARY_HITS", 40)
    monkeypatch.setattr(report_builder, "MIN_JUDGED_ROWS", 50)
    taken, judged = [], []
    monkeypatch.setattr(BatchEvaluator, "take", lambda _, hits: taken.append(len(hits)))
    monkeypatch.setattr(BatchEvaluator, "judge_up_to", lambda _, to: [judged.append(to)][1:])
    builder = ReportBuilder(settings_of())
    builder.feed(batch_of([hit(START + 10_000 + n // 30) for n in range(newer)]))
    for n in range(0, 2_000, 20):
        builder.feed(batch_of([hit(START + n + each) for each in range(20)]))
        assert newer + n - 150 < sum(taken)
    assert START + 10_000 - 61 <= max(judged) < START + 10_000


def test_lines_that_were_too_long_are_told_among_the_unparsed() -> None:
    builder = ReportBuilder(settings_of())
    builder.feed(Parser().parse(b"garbage\n"))
    ingest = builder.finish(oversize=2).ingest
    assert (ingest.unparsed, ingest.oversize) == (3, 2)


def test_top_bounds_the_rows_but_not_the_sums() -> None:
    hits = [hit(START + n, host=b"h%d" % (n % 40), path=b"/p%d" % (n % 30)) for n in range(600)]
    report = report_of(hits, random.Random(1), top=3)
    assert len(report.hits.hosts.rows) == len(report.hits.paths.rows) == 3
    assert (report.hits.hosts.distinct, report.hits.paths.distinct) == (40, 30)
    assert report.hits.hits == 600


def test_beyond_the_kept_keys_the_heavy_ones_stay_and_no_hit_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report_builder, "KEPT_KEYS", 500)
    monkeypatch.setattr(key_totals, "MERGED_ROWS", 500)
    hits = [hit(START + n // 100, host=b"h%d" % n) for n in range(20_000)]
    for n in range(0, 20_000, 40):
        hits[n] = hit(START + n // 100, host=b"heavy%d" % (n // 40 % 10))
    builder = ReportBuilder(settings_of(top=10))
    for start in range(0, len(hits), 700):
        builder.feed(batch_of(hits[start : start + 700]))
    hosts = builder.finish().hits.hosts
    assert [(row.key, row.hits) for row in hosts.rows] == [(b"heavy%d" % n, 50) for n in range(10)]
    assert 0 < hosts.other_hits < 20_000
    assert hosts.distinct == pytest.approx(19_510, rel=0.02)


def test_an_empty_log_has_an_empty_report() -> None:
    builder = ReportBuilder(settings_of())
    builder.feed(batch_of([]))
    report = builder.finish()
    assert (report.hits.hits, report.first_hit, report.last_hit) == (0, None, None)
    assert (report.incidents, report.hits.seconds) == ((), 0)


@pytest.mark.parametrize("lines", [1, 2, 9, 10])
def test_a_log_of_a_few_lines_is_judged_too(lines: int) -> None:
    builder = ReportBuilder(settings_of(threshold=0.01, alert_window=10))
    for number in range(lines):
        builder.feed(batch_at(START + number))
    assert [each.triggered_at for each in builder.finish().incidents] == [START]


def test_unparsed_lines_and_formats_are_told() -> None:
    builder, parser = ReportBuilder(settings_of()), Parser()
    line = b'::1 - - [21/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5\n'
    for chunk in (b"garbage\n", line * 20, b"more\nrubbish\n", line):
        builder.feed(parser.parse(chunk))
    ingest = builder.finish().ingest
    assert (ingest.hits, ingest.bytes, ingest.unparsed, ingest.formats) == (21, 105, 3, ("common",))
    assert ingest.first_unparsed is not None
    assert ingest.first_unparsed.line == b"garbage"


def test_routes_sum_up_the_hits_and_bytes_of_their_paths() -> None:
    builder = ReportBuilder(settings_of())
    paths = (b"/users/1", b"/users/22", b"/users/1", b"/about")
    builder.feed(batch_of([hit(START, path=path, size=10) for path in paths]))
    routes = builder.finish().hits.routes
    assert [row[:3] for row in routes.rows] == [(b"/users/:id", 3, 30), (b"/about", 1, 10)]
    assert routes.distinct == 2


@settings(max_examples=examples(30), deadline=None)
@given(hits=traffic(), seed=st.integers(0, 2**32))
def test_what_was_settled_and_judged_before_the_end_is_not_merged_or_judged_again(
    hits: list[Hit], seed: int
) -> None:
    builder = ReportBuilder(settings_of(top=0, threshold=0.5, alert_window=30))
    for piece in pieces(hits, random.Random(seed), largest=200):
        builder.feed(batch_of(piece))
    builder.settle()
    builder.judge_rest()
    with mock.patch.object(
        key_totals.KeyTotals, "_merge_bins", side_effect=AssertionError("again")
    ):
        report = builder.finish()
    assert figures(report) == figures(report_of(hits, random.Random(seed)))
