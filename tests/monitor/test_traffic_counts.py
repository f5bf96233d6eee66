from typing import Any

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import OWN_DIMENSIONS
from logmon_tui.metrics.aggregator import RING
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.monitor.traffic_counts import TrafficCounts
from tests.traffic import START, batch_of, hit, settings_of

HITS = batch_of([hit(START), hit(START, path=b"/bad", status=500)])


def counts(settings: Settings | None = None, **choices: Any) -> TrafficCounts:
    given = {"whole_intervals": False, "keeps_hits": False, "journal": False, **choices}
    return TrafficCounts(settings or settings_of(), None, **given)


def test_hits_are_counted_by_time_and_in_the_window() -> None:
    found = counts(keeps_hits=True)
    found.take(HITS)
    found.move_to(START, START)
    bucket = found.bucket((RING, START))
    assert bucket is not None
    assert (bucket.hits, found.stats.total.hits) == (2, 2)
    assert found.recent is not None


def test_hits_are_kept_only_if_they_are_to_be() -> None:
    assert counts().recent is None


def test_whole_intervals_of_a_filter_are_counted_beside_the_others() -> None:
    found = counts(settings_of(where="status:5xx"), whole_intervals=True)
    found.take(HITS)
    found.close(START, START)
    assert found.filtered is not None
    assert (found.stats.total.hits, found.filtered.stats.total.hits) == (2, 1)
    assert counts(whole_intervals=True).filtered is None


def test_buckets_are_noted_that_changed_since_they_were_saved() -> None:
    found = counts(journal=True)
    assert found.changed_buckets() is None  # none is saved yet
    found.saved()
    assert found.changed_buckets() == set()
    found.take(HITS)
    assert found.changed_buckets() == {(RING, START)} == set(found.bucket_keys())
    without = counts()
    without.saved()
    assert without.changed_buckets() is None  # nothing is noted


def test_another_run_goes_on_from_its_buckets() -> None:
    found, another = counts(), counts()
    found.take(HITS)
    found.move_to(START, START)
    buckets = {key: found.bucket(key) or MetricsBucket() for key in found.bucket_keys()}
    another.restore(found.aggregator.state(), found.stats.state(), buckets, START)
    assert (another.stats.total.hits, another.stats.end) == (2, found.stats.end)


def test_keys_that_are_forgotten_are_to_be_saved_again() -> None:
    found = counts(journal=True)
    found.saved()
    bucket, other = MetricsBucket(), MetricsBucket()
    bucket.tallies[OWN_DIMENSIONS[0]].hits[b"key"] = 1
    found.forget_own({(RING, START): bucket, (RING, START + 1): other})
    assert found.changed_buckets() == {(RING, START)}
    assert not bucket.tallies[OWN_DIMENSIONS[0]].hits
