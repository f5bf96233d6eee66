"""A filter of the past, answered from kept keys, takes what it takes of the hits themselves."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit import OWN_DIMENSIONS
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.history.trimming import trim
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.grouping import summary_of
from logmon_tui.monitor.past_filter import answered
from tests.effort import examples
from tests.traffic import Segment, measured_batch_of, segments, traffic_of

BY_KEYS = {
    "client:10.0.0.0/8": Dimension.HOST,
    "!client:10.0.0.1": Dimension.HOST,
    "client:10.0.0.1,2001:db8::/32 !client:10.0.0.2": Dimension.HOST,
    "path:/api/*": Dimension.PATH,
    "section:/api,/pages": Dimension.SECTION,
    "agent:curl is:bot": Dimension.USER_AGENT,
    "(path:/ , !path:/api/*)": Dimension.PATH,
    "!user:anna": Dimension.USER,
    "host:shop": Dimension.VIRTUAL_HOST,
    "!host:shop": Dimension.VIRTUAL_HOST,
}
BY_STATUS = ("status:5xx", "!status:2xx", "status:500,503", "status:>=500", "status:404")
BY_BOTH = {
    "status:5xx client:10.0.0.0/8": Dimension.HOST,
    "section:/api !status:5xx": Dimension.SECTION,
}
NEITHER = ("size>100", "time>1s", "path:/ client:10.0.0.1", "curl", "path:/,status:5xx")


@settings(max_examples=examples(100), deadline=None)
@given(segments(), st.integers(0, 2**32), st.sampled_from((1, 2, 50)))
def test_what_is_answered_is_right_or_too_low(busy: list[Segment], seed: int, keys: int) -> None:
    hits = measured_batch_of(traffic_of(busy, seed))
    bucket = summary_of(hits, ALL_DIMENSIONS)
    trim(bucket, keys)
    text = random.Random(seed).choice([*BY_KEYS, *BY_STATUS, *BY_BOTH])
    where = parsed(text)
    answer = answered(bucket, where)
    mask = where.mask(hits)
    true = summary_of(hits.select(mask), ALL_DIMENSIONS) if mask.any() else MetricsBucket()
    assert answer.bucket.hits <= true.hits
    if keys == 50 or text in BY_STATUS:
        assert answer.bucket.hits == true.hits
    for dimension, tally in answer.bucket.tallies.items():
        known = true.tallies[dimension].hits
        if known:
            assert all(count <= known[key] for key, count in tally.hits.items()), dimension
        if keys == 50 and tally.hits and known:
            assert tally.hits == known
    if text in BY_STATUS:
        assert answer.bucket.status == true.status


@pytest.mark.parametrize(("text", "dimension"), [*BY_KEYS.items(), *BY_BOTH.items()])
def test_the_ranking_of_the_dimension_is_answered(text: str, dimension: Dimension) -> None:
    hits = measured_batch_of(traffic_of([(0, 20, 5, 0.3, 0.3)], 1))
    answer = answered(summary_of(hits, ALL_DIMENSIONS), parsed(text))
    assert (
        answer.fields[0]
        == {
            Dimension.HOST: "hosts",
            Dimension.PATH: "paths",
            Dimension.SECTION: "sections",
            Dimension.USER_AGENT: "user_agents",
            Dimension.USER: "users",
            Dimension.VIRTUAL_HOST: "virtual_hosts",
        }[dimension]
    )
    others = [each for each in ALL_DIMENSIONS if each is not dimension]
    assert not any(answer.bucket.tallies[each].filled for each in others)


@pytest.mark.parametrize("text", BY_STATUS)
def test_whole_classes_rank_what_has_errors(text: str) -> None:
    hits = measured_batch_of(traffic_of([(0, 20, 5, 0.5, 0.3)], 1))
    answer = answered(summary_of(hits, ALL_DIMENSIONS), parsed(text))
    ranked = ("status", "sections", "paths", "routes", "hosts", "networks", "countries", "asns")
    assert answer.fields == (("status",) if text == "status:500,503" else ranked)


@pytest.mark.parametrize("text", NEITHER)
def test_anything_else_is_not_answered(text: str) -> None:
    hits = measured_batch_of(traffic_of([(0, 20, 5, 0.3, 0.3)], 1))
    answer = answered(summary_of(hits, ALL_DIMENSIONS), parsed(text))
    assert answer.fields == ()
    assert answer.bucket.hits == 0


def test_a_field_that_was_not_counted_then_is_not_answered() -> None:
    bucket = summary_of(measured_batch_of(traffic_of([(0, 20, 5, 0.3, 0.3)], 1)), ALL_DIMENSIONS)
    bucket.drop_keys(OWN_DIMENSIONS)
    for text in ("tenant:acme", "!tenant:acme"):
        answer = answered(bucket, parsed(text, own={"tenant": OWN_DIMENSIONS[0]}))
        assert answer.fields == ()
        assert answer.bucket.hits == 0
