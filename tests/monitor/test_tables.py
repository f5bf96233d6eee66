"""Rankings that somebody sees are exact in every picture; the others are made now and then."""

import random

from msgspec.structs import replace

from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit import Hit
from logmon_tui.monitor.commands import ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.tables import AGENT_FAMILIES, CLIENT_GROUPS, UNSEEN_SECONDS
from logmon_tui.monitor.window_view import FIELDS
from logmon_tui.snapshot import Window
from tests.monitor.pictures import picture
from tests.traffic import START, batch_of, hit, settings_of

EVERY = frozenset({*FIELDS.values(), *AGENT_FAMILIES, *CLIENT_GROUPS})
SEEN = frozenset({"paths", "browsers"})
ALWAYS = frozenset({"sections", "servers", "sites"})
UNSEEN = EVERY - SEEN - ALWAYS
WINDOW = 10


def hits_at(second: int, chance: random.Random) -> list[Hit]:
    agents = ("Mozilla/5.0 Firefox/130.0", "curl/8.0", "Googlebot/2.1")
    made = (
        hit(START + second, path=f"/{chance.choice('abc')}/{chance.randrange(9)}".encode())
        for _ in range(chance.randrange(1, 20))
    )
    return [
        each._replace(
            host=f"10.0.{chance.randrange(5)}.{chance.randrange(99)}".encode(),
            user_agent=chance.choice(agents).encode(),
        )
        for each in made
    ]


def watches(seconds: int) -> tuple[HTTPMonitor, HTTPMonitor]:
    """Return two monitors that were fed the same; of one, only `SEEN` is seen."""
    chance = random.Random(5)
    one, other = (HTTPMonitor(settings_of(stats_interval=WINDOW)) for _ in range(2))
    one.tables.seen = SEEN
    for second in range(seconds):
        feed(one, other, hits_at(second, chance), second)
        assert same(one, other, SEEN | ALWAYS, second)
    return one, other


def feed(one: HTTPMonitor, other: HTTPMonitor, hits: list[Hit], now: float) -> None:
    for each in (one, other):
        each.feed(batch_of(hits), now)


def same(one: HTTPMonitor, other: HTTPMonitor, names: frozenset[str], now: float) -> bool:
    mine, theirs = windows(one, other, now)
    return all(getattr(mine, name) == getattr(theirs, name) for name in names)


def windows(one: HTTPMonitor, other: HTTPMonitor, now: float) -> tuple[Window, Window]:
    wall = START + now
    return picture(one, now, wall).now, picture(other, now, wall).now


def test_what_is_seen_is_exact_and_the_rest_is_at_most_some_seconds_old() -> None:
    chance = random.Random(7)
    one, other = watches(3)
    made, _ = windows(one, other, 3)
    since, olds = 3, 0
    for second in range(3, 40):
        feed(one, other, hits_at(second, chance), second)
        mine, theirs = windows(one, other, second)
        assert all(getattr(mine, name) == getattr(theirs, name) for name in SEEN | ALWAYS)
        assert (mine.hits, mine.by_class, mine.end) == (theirs.hits, theirs.by_class, theirs.end)
        assert mine.hosts.distinct == theirs.hosts.distinct
        if all(getattr(mine, name) == getattr(theirs, name) for name in UNSEEN):
            made, since = mine, second
        else:
            olds += 1
            assert second - since < UNSEEN_SECONDS
            hosts = replace(made.hosts, distinct=mine.hosts.distinct)
            assert mine.hosts == hosts
            assert all(getattr(mine, name) is getattr(made, name) for name in UNSEEN - {"hosts"})
    assert olds > 20


def test_a_table_that_opens_shows_the_present() -> None:
    one, other = watches(8)
    one.tables.seen = SEEN | {"networks"}
    feed(one, other, hits_at(8, random.Random(3)), 8)
    assert same(one, other, SEEN | {"networks"}, 8)


def test_other_hits_make_every_ranking_anew() -> None:
    one, other = watches(8)
    for each in (one, other):
        each.shown.set_filter(parsed("section:/a"))
    assert same(one, other, EVERY, 8)
    for each in (one, other):
        each.shown.set_window(60)
    assert same(one, other, EVERY, 8)


def test_of_the_past_and_of_a_comparison_every_ranking_is_made() -> None:
    one, other = watches(30)
    for each in (one, other):
        each.baselines.offset = 0
    assert same(one, other, EVERY, 30)
    assert same(one, other, EVERY, 30.5)
    for each in (one, other):
        each.baselines.offset = None
        each.past.moment = ShowMoment(START + 15, 10)
    assert same(one, other, EVERY, 31)
    for each in (one, other):
        each.past.moment = ShowMoment()
    assert same(one, other, EVERY, 31.5)
