"""Any filter over any kept hits shows the hits that a plain predicate finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit_batch import HitRecord, batch_of_records
from logmon_tui.recent.hit_store import SPAN, HitStore
from logmon_tui.recent.requests import requests_of
from logmon_tui.recent.view import View
from logmon_tui.snapshot import Order
from tests.effort import examples
from tests.filters.predicates import Meaning, expressions, records


@settings(max_examples=examples(400), deadline=None)
@given(meaning=expressions, hits=st.lists(records, min_size=1, max_size=8), cut=st.integers(0, 8))
def test_the_hits_shown_are_those_of_a_plain_predicate(
    meaning: Meaning, hits: list[HitRecord], cut: int
) -> None:
    store = HitStore()
    view, end = View(store, parsed(meaning.text), None), max(each.second for each in hits)
    kept = [each for each in hits if each.second > end - SPAN]
    for part in filter(None, (kept[:cut], kept[cut:])):
        store.take(batch_of_records(part))
        shown = requests_of(view, end, Order.NEWEST, 100)
    expected = [each for each in reversed(kept) if meaning.fits(each)]
    assert [(each.second, each.status, each.size, each.texts) for each in shown] == [
        (each.second, each.status, each.size, each.values) for each in expected
    ]
    assert view.bucket(end, None).hits == len(expected)
