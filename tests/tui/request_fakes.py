"""Requests to look at, kind and hostile."""

from collections.abc import Sequence

from msgspec.structs import replace

from logmon_tui.formats.model.hit import Dimension, Measure
from logmon_tui.snapshot import Order, Request, Requests, Snapshot
from tests.tui.fakes import HOSTILE, NOW, SECTIONS, snapshot

AGENTS = (
    b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36",
    b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    b"curl/8.11.0",
    b"-",
)


def request(number: int, **changes: object) -> Request:
    """Return a request; `changes` are its fields, or texts and measures by their names."""
    texts: dict[str, bytes] = {
        Dimension.SECTION: SECTIONS[number % len(SECTIONS)],
        Dimension.PATH: SECTIONS[number % len(SECTIONS)] + b"/%d" % number,
        Dimension.HOST: b"203.0.113.%d" % (number % 250),
        Dimension.USER: b"-",
        Dimension.METHOD: (b"GET", b"POST", b"OPTIONS")[number % 3],
        Dimension.USER_AGENT: AGENTS[number % len(AGENTS)],
        Dimension.REFERRER: b"https://shop.example.org/cart",
    }
    measures: dict[str, int] = {Measure.RESPONSE_TIME: 1_000 * (number % 900 + 1)}
    for name, value in changes.items():
        if name in set(Dimension):
            texts[Dimension(name)] = value
        elif name in set(Measure):
            measures[Measure(name)] = value
    found = Request(
        number=number,
        second=NOW - (199 - number) // 20,
        status=(200, 304, 404, 502)[number % 4],
        size=512 * (number + 1),
        texts=texts,
        measures=measures,
    )
    fields = {name: value for name, value in changes.items() if name in Request.__slots__}
    return replace(found, **fields)


ROWS = tuple(request(number) for number in range(199, -1, -1))
"""200 requests, the newest first."""


def hostile_requests() -> tuple[Request, ...]:
    """Return requests with the same hostile bytes in every text."""
    texts = [dict.fromkeys(Dimension, key * 3) for key in HOSTILE]
    return tuple(request(n, texts=text, status=n % 2 * 999) for n, text in enumerate(texts))


def with_requests(
    rows: Sequence[Request] = ROWS, order: Order = Order.NEWEST, base: Snapshot | None = None
) -> Snapshot:
    return replace(base or snapshot(), requests=Requests(order, tuple(rows)))


def newer(rows: Sequence[Request], count: int) -> tuple[Request, ...]:
    """Return the rows after `count` more requests have come."""
    first = rows[0].number + 1
    more = [request(n, second=NOW) for n in reversed(range(first, first + count))]
    return (*more, *rows)[:200]
