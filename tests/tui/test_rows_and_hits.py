"""What the enter key narrows to has as many hits as the row shows, whatever the row is called."""

import random

from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit import Hit
from logmon_tui.tui.panels.rank_table import RankTable
from tests.monitor.pictures import fed, picture
from tests.traffic import START, batch_of
from tests.tui.fakes import HOSTILE, FakeEngine
from tests.tui.screens import make_app

AGENTS = (
    b"curl/8.11",
    b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    b"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    b"-",
    *HOSTILE,
)


def some_hits(number: int) -> list[Hit]:
    chance = random.Random(5)
    return [
        Hit(
            START + place % 3,
            chance.choice((200, 304, 404, 502)),
            chance.randrange(1_000),
            chance.choice((b"10.0.0.1", b"2001:db8::7", b"host.example", *HOSTILE)),
            chance.choice((b"-", b"anna", *HOSTILE)),
            b"%s %s HTTP/1.1"
            % (chance.choice((b"GET", b"get", b"M-SEARCH")), chance.choice(HOSTILE)),
            chance.choice((b"-", b"https://a.example/", *HOSTILE)),
            chance.choice(AGENTS),
        )
        for place in range(number)
    ]


def test_a_row_s_term_takes_as_many_hits_as_the_row_shows() -> None:
    hits = some_hits(600)
    window = picture(fed(hits), 4.0).now
    batch = batch_of(hits)
    assert window.hits == len(batch)
    compared = 0
    tables = make_app(FakeEngine()).dashboard.tables
    for table in (each for each in tables if isinstance(each, RankTable)):
        for view in table.VIEWS:
            table.chosen_view = view
            for row in view.ranking(window).rows:
                table._keys = [row.key]
                for negated in (False, True):
                    term = table.term(negated=negated)
                    if term is None:
                        continue  # of countries and ASNs, a filter knows nothing
                    found = int(parsed(term).mask(batch).sum())
                    assert (len(batch) - found if negated else found) == row.hits, (view, row.key)
                    compared += 1
    assert compared > 150
