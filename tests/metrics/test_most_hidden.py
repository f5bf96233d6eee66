"""No key has more hits among a tally's others than the tally says, whatever happens to it."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.metrics.tally import Tally
from logmon_tui.state.records import _record, _tally

KEYS = [b"a", b"b", b"c", b"d", b"e", b"f"]
HITS = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 9), max_size=6)
STEPS = st.lists(st.tuples(st.sampled_from(["add", "admit", "trim", "thin"]), HITS), max_size=12)


def tally_of(hits: Mapping[bytes, int]) -> Tally:
    return Tally(dict(hits), {key: count * 10 for key, count in hits.items()})


def assert_bounded(tally: Tally, hits: Mapping[bytes, int]) -> None:
    assert tally.most_hidden is not None
    for key, count in hits.items():
        assert 0 <= count - tally.hits.get(key, 0) <= tally.most_hidden
    assert sum(hits.values()) == sum(tally.hits.values()) + tally.other_hits


@given(STEPS, st.integers(1, 3))
def test_the_bound_holds_for_sums_and_for_what_is_left_of_them(
    steps: list[tuple[str, dict[bytes, int]]], limit: int
) -> None:
    whole, parts = Tally(), []
    for step, hits in steps:
        part = tally_of(hits)
        if step == "admit":
            part = whole.admitted(part, limit, {})
        if step == "trim":
            part.trim(limit)
        whole.add(part)
        parts.append((part, hits))
        if step == "thin":
            part.thin(limit, whole)
        total: Counter[bytes] = Counter()
        for each, counted in parts:
            assert_bounded(each, counted)
            total.update(counted)
        assert_bounded(whole, total)
    for part, hits in parts:
        whole.subtract(part)
        total.subtract(hits)
        assert_bounded(whole, total)
    assert whole.most_hidden == 0


@given(HITS, st.integers(1, 3))
def test_a_saved_tally_keeps_its_bound(hits: dict[bytes, int], limit: int) -> None:
    tally = tally_of(hits)
    tally.trim(limit)
    assert_bounded(_tally(_record(tally)), hits)


def test_of_a_tally_that_an_earlier_version_saved_nothing_is_known() -> None:
    tally = tally_of({b"a": 3, b"b": 1})
    tally.trim(1)
    record = _record(tally)
    record.most_dropped = None
    assert _tally(record).most_hidden is None
    other = tally_of({b"a": 1})
    other.add(_tally(record))
    assert other.most_hidden is None
