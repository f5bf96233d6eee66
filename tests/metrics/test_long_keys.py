"""Very long keys, as a hostile client sends: cut short to save memory, but all counted."""

from logmon_tui.formats.model.dimension_columns import MAX_TEXT_BYTES
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.parser import Parser
from logmon_tui.metrics.aggregator import MetricsAggregator

STAMP = "[22/Nov/2026:08:26:40 +0000]"


def buckets_of(*paths: str) -> MetricsAggregator:
    lines = [f'10.0.0.1 - - {STAMP} "GET {path} HTTP/1.1" 500 10\n' for path in paths]
    aggregator = MetricsAggregator()
    aggregator.add(Parser(named_format("common")).parse("".join(lines).encode()))
    return aggregator


def test_keys_are_cut_short_and_their_hits_added_up() -> None:
    start = "/" + "a" * (MAX_TEXT_BYTES - 1)
    (bucket,) = buckets_of(start + "one", start + "two", start, "/short").ring.values()
    cut = start.encode() + "…".encode()
    expected = {cut: 2, start.encode(): 1, b"/short": 1}
    for dimension in (Dimension.PATH, Dimension.SECTION):
        assert bucket.tallies[dimension].hits == expected
        assert bucket.tallies[dimension].bytes[cut] == 20
    assert bucket.tallies[Dimension.SECTION].classes(cut)[5] == 2


def test_a_bucket_full_of_huge_keys_stays_small() -> None:
    (bucket,) = buckets_of(*(f"/{number}/" + "x" * 8_000 for number in range(1_000))).ring.values()
    kept = sum(map(len, bucket.tallies[Dimension.PATH].hits))
    assert kept <= 1_000 * (MAX_TEXT_BYTES + 3)
