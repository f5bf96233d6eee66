"""What the generated logs are made of: paths, clients, user agents, referrers, outcomes.

Ready-made pieces of log lines; how often each comes, and when, is the generator's business.
"""

import ipaddress
from collections.abc import Iterable
from typing import TypeVar

import numpy as np

Value = TypeVar("Value")

SITE = "https://shop.example"
SECTIONS = (
    "products",
    "static",
    "api",
    "images",
    "search",
    "cart",
    "account",
    "blog",
    "checkout",
    "category",
    "help",
    "reviews",
    "downloads",
    "about",
    "admin",
)
QUERIES = ("?page={n}", "?q=item+{n}&sort=price", "?utm_source=mail&utm_campaign=c{n}", "?id={n}")
QUERY_EVERY = 4
POST_SECTIONS = ("api", "cart", "checkout")
USERS = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")
USER_EVERY, IPV6_EVERY = 50, 7

STATUSES = {200: 850, 304: 60, 301: 20, 302: 15, 206: 5, 404: 35, 403: 5, 401: 4, 500: 4, 503: 2}
PROTOCOLS = {b"HTTP/1.1": 55, b"HTTP/2.0": 43, b"HTTP/1.0": 2}
BODILESS = (304,)
MEDIAN_SIZE, SIZE_SPREAD = 8_000, 1.4
OUTCOMES = 1 << 17

AGENT_SHAPES = (
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{v}.0.{n}.0 Safari/537.36"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS {w}_{d} like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/{w}.{d} Mobile/15E{n} Safari/604.1"
    ),
    (
        "Mozilla/5.0 (Linux; Android {w}; SM-G{n}) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{v}.0.0.0 Mobile Safari/537.36"
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_{d}) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/{w}.{d}.{n} Safari/605.1.15"
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.{n}",
    "Mozilla/5.0 (compatible; Crawler{n}/2.{d}; +https://crawler.example/bot.html)",
    "python-requests/2.{v}.{n}",
    "curl/8.{d}.{n}",
)

ODD_LINES = (
    rb'"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\x1A\xD5" 400 157',  # TLS on a plain port
    b'"-" 408 0',
    rb'"GET /search?q=\"quoted\" HTTP/1.1" 200 512',
    b'"-" 400 -',
)
"""Request, status and size of lines as every server's log has some; each of them is a hit."""


def paths(count: int) -> list[bytes]:
    """Return `count` distinct targets over all sections, a part of them with a query."""
    return [_path(number) for number in range(count)]


def _path(number: int) -> bytes:
    if number == 0:
        return b"/"
    section = SECTIONS[_scattered(number) % 97 % len(SECTIONS)]
    query = QUERIES[number % len(QUERIES)].format(n=number) if number % QUERY_EVERY == 0 else ""
    return f"/{section}/{number % 89}/item-{number}.html{query}".encode()


def requests(count: int) -> list[bytes]:
    """Return the beginnings of 2 × `count` requests: each path with its usual method, and HEAD."""
    found = []
    for path in paths(count):
        post = path.decode().split("/")[1] in POST_SECTIONS and len(path) % 2
        found += [(b'"POST ' if post else b'"GET ') + path, b'"HEAD ' + path]
    return found


def clients(count: int) -> list[bytes]:
    """Return the beginnings of the lines of `count` distinct clients, up to the time."""
    return [_address(number) + b" - " + _user(number) + b" [" for number in range(count)]


def _address(number: int) -> bytes:
    scattered = _scattered(number + 1) & 0xFF_FFFF  # distinct below 2**24
    if number % IPV6_EVERY == IPV6_EVERY - 1:
        network = int(ipaddress.IPv6Address("2001:db8::"))
        return str(ipaddress.IPv6Address(network + (scattered << 64) + 1)).encode()
    return str(ipaddress.IPv4Address((10 << 24) + scattered)).encode()


def _user(number: int) -> bytes:
    return USERS[number % len(USERS)].encode() if number % USER_EVERY == 0 else b"-"


def agents(count: int) -> list[bytes]:
    """Return the ends of lines with `count` distinct user agents."""
    shapes = [AGENT_SHAPES[number % len(AGENT_SHAPES)] for number in range(count)]
    return [
        b' "'
        + shape.format(v=80 + number % 63, w=10 + number % 9, d=number % 7, n=number).encode()
        + b'"\n'
        for number, shape in enumerate(shapes)
    ]


def referrers(count: int) -> list[bytes]:
    """Return `count` distinct referrers, `-` first."""
    kinds = (SITE, SITE, "https://www.google.com/search?q=shop", "https://news.example")
    return [b' "-"'] + [
        f' "{kinds[number % len(kinds)]}/{SECTIONS[number % len(SECTIONS)]}/{number}"'.encode()
        for number in range(1, count)
    ]


def outcomes(rng: np.random.Generator) -> list[bytes]:
    """Return `OUTCOMES` ends of requests with status and size, each as likely as any other."""
    protocols = _drawn(rng, list(PROTOCOLS), PROTOCOLS.values())
    statuses = _drawn(rng, list(STATUSES), STATUSES.values())
    sizes = (MEDIAN_SIZE * rng.lognormal(0, SIZE_SPREAD, OUTCOMES)).astype(np.int64)
    return [
        b' %s" %d %s' % (protocol, status, _size(status, size))
        for protocol, status, size in zip(protocols, statuses, sizes.tolist(), strict=True)
    ]


def _size(status: int, size: int) -> bytes:
    """Return what stands for the bytes sent: Apache writes `-` for none, nginx 0."""
    if status in BODILESS:
        return b"-" if size % 2 else b"0"
    return b"%d" % size


def _drawn(rng: np.random.Generator, values: list[Value], weights: Iterable[int]) -> list[Value]:
    """Draw `OUTCOMES` of these values, as often as their weights say."""
    shares = np.array(list(weights), dtype=np.float64)
    numbers = rng.choice(len(values), OUTCOMES, p=shares / shares.sum())
    return [values[number] for number in numbers.tolist()]


def _scattered(number: int) -> int:
    """Return another number for each number below 2**32, without an order (Knuth's multiplier)."""
    return number * 2_654_435_761 & 0xFFFF_FFFF
