"""Routes are named where somebody may ask for them."""

from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.pipeline.route_namer import RouteNamer
from tests.traffic import START, batch_of, hit, settings_of


def batch(second: int) -> HitBatch:
    return batch_of([hit(second, path=b"/shop/item/17")])


def route(found: HitBatch) -> bytes:
    return found.columns[Dimension.ROUTE].at(0)


def test_every_hit_has_a_route_unless_it_is_of_an_old_log() -> None:
    namer = RouteNamer(settings_of())
    named = route(namer(batch(START)))
    assert b"17" not in named
    namer.begin_backlog(START)
    assert route(namer(batch(START))) == named
    assert route(namer(batch(START - 1))) == b"-"
    assert route(namer(batch_of([hit(START - 1), hit(START)]))) != b"-"
    assert len(namer(batch_of([]))) == 0


def test_old_hits_have_routes_where_a_rule_looks_at_them() -> None:
    rules = {"busy": {"metric": "rate", "scope": "route", "critical": 5}}
    namer = RouteNamer(settings_of(rules=rules))
    namer.begin_backlog(START)
    assert route(namer(batch(START - 1))) != b"-"


def test_old_hits_have_sections_of_the_depth_that_is_asked_for() -> None:
    namer = RouteNamer(settings_of(section_depth=2))
    namer.begin_backlog(START)
    assert namer(batch(START - 1)).columns[Dimension.SECTION].at(0) == b"/shop/item"
