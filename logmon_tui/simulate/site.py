"""The imagined web site whose traffic is simulated: its endpoints, clients, users and agents.

This module builds parts of log lines in advance, so that a line costs only two random choices and
one concatenation. It uses no clock and no I/O; a `random.Random` is passed in.
"""

import ipaddress
from itertools import accumulate
from random import Random
from typing import NamedTuple

SITE = "https://camelot.example"
FAILING_SECTION = "/api"
LOGIN = "/login"
POOL = 4096
"""Number of requests that are built in advance; each one is used many times."""

USERS = ("arthur", "lancelot", "galahad", "robin", "bedevere", "patsy", "tim")

AGENTS = (
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Safari/537.36"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.6 Safari/605.1.15"
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Mobile Safari/537.36"
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.14.1",
    "python-requests/2.32.5",
    "Go-http-client/2.0",
    "-",
)

REFERRERS = (
    f"{SITE}/",
    "-",
    f"{SITE}/pages/shrubbery",
    "https://www.google.com/",
    f"{SITE}/report",
    "https://duckduckgo.com/",
    f"{SITE}/pages/list?sort=name",
)


class Kind(NamedTuple):
    """The outcome of a kind of requests: weights by status, and the share that has a user."""

    statuses: dict[int, int]
    user_share: float


STATIC = Kind({200: 780, 304: 190, 206: 8, 404: 20, 403: 2}, 0.02)
PAGE = Kind({200: 900, 301: 30, 304: 25, 404: 30, 403: 6, 500: 6, 503: 3}, 0.3)
API = Kind({200: 880, 201: 30, 204: 25, 400: 15, 401: 12, 404: 20, 429: 3, 500: 9, 503: 6}, 0.6)
SIGN_IN = Kind({302: 800, 401: 150, 403: 40, 500: 5, 503: 5}, 0.0)
OUTAGE = Kind({503: 60, 500: 25, 502: 10, 504: 5}, 0.6)
REFUSED = Kind({401: 70, 403: 25, 429: 5}, 0.0)


class Endpoint(NamedTuple):
    """A path, in which `#` stands for a number, with its methods and the size of its responses."""

    path: str
    kind: Kind
    size: int  # median bytes of a 200
    methods: tuple[str, ...] = ("GET",)  # the first is three times as likely as the others


ENDPOINTS = (
    Endpoint("/", PAGE, 14_000),
    Endpoint("/static/app.js", STATIC, 180_000),
    Endpoint("/api/knights", API, 2_400),
    Endpoint("/static/site.css", STATIC, 32_000),
    Endpoint("/pages/shrubbery", PAGE, 18_000),
    Endpoint("/images/holy-grail.webp", STATIC, 96_000),
    Endpoint("/api/knights/#", API, 900, ("GET", "PUT", "DELETE")),
    Endpoint("/pages/list?sort=name&page=#", PAGE, 21_000),
    Endpoint("/images/castle-#.jpg", STATIC, 240_000),
    Endpoint("/api/quests?limit=#", API, 6_200),
    Endpoint(LOGIN, SIGN_IN, 1_500, ("POST",)),
    Endpoint("/report", PAGE, 44_000),
    Endpoint("/api/quests/#/questions", API, 1_800, ("POST", "GET", "PATCH")),
    Endpoint("/static/fonts/blackletter.woff2", STATIC, 61_000),
    Endpoint("/pages/create", PAGE, 9_000, ("POST", "GET")),
    Endpoint("/report/export?year=#&format=csv", PAGE, 310_000),
    Endpoint("/search?q=swallow+airspeed&page=#", PAGE, 12_000),
    Endpoint("/favicon.ico", STATIC, 4_300),
    Endpoint("/api/health", API, 15, ("GET", "HEAD")),
    Endpoint("/robots.txt", STATIC, 120),
    Endpoint("/downloads/coconuts-#.zip", STATIC, 5_200_000),
)


class Request(NamedTuple):
    """The parts of a line that belong to a request: user, request with status, and referrer."""

    user: bytes
    line: bytes
    referrer: bytes
    status: int


class Client(NamedTuple):
    """The parts of a line that belong to a client: its beginning and its end."""

    host: bytes
    agent: bytes


NOISY_CLIENT = Client(b"203.0.113.66", b'"python-requests/2.32.5"\n')


def zipf(count: int, flattening: int = 0) -> list[float]:
    """Return cumulative weights 1/(rank + flattening) for the ranks 1 to `count`."""
    return list(accumulate(1 / (rank + flattening) for rank in range(1, count + 1)))


def clients(rng: Random, flattening: int) -> tuple[list[Client], list[float]]:
    """Return ten clients for each unit of `flattening`, with their cumulative weights.

    The busiest client sends less than 0.42 / `flattening` of all requests. Addresses are from
    ranges reserved for tests and documentation (RFC 2544, RFC 3849).
    """
    count = 10 * flattening
    agents = rng.choices(AGENTS, cum_weights=zipf(len(AGENTS)), k=count)
    found = [Client(_address(rng), f'"{agent}"\n'.encode()) for agent in agents]
    return found, zipf(count, flattening)


def _address(rng: Random) -> bytes:
    if rng.random() < 0.2:  # the share of clients with IPv6
        network = int(ipaddress.IPv6Address("2001:db8::"))
        return str(ipaddress.IPv6Address(network + (rng.getrandbits(32) << 64) + 1)).encode()
    network = int(ipaddress.IPv4Address("198.18.0.0"))
    return str(ipaddress.IPv4Address(network + rng.getrandbits(17))).encode()


def usual_requests(rng: Random) -> list[Request]:
    """Return requests for the whole site: popular endpoints are frequent, failures are rare."""
    chosen = rng.choices(ENDPOINTS, cum_weights=zipf(len(ENDPOINTS)), k=POOL)
    return [_request(rng, endpoint) for endpoint in chosen]


def failing_requests(rng: Random) -> list[Request]:
    """Return requests for one section, all answered with a 5xx."""
    section = [e for e in ENDPOINTS if e.path.startswith(FAILING_SECTION)]
    return [_request(rng, e._replace(kind=OUTAGE)) for e in rng.choices(section, k=POOL // 8)]


def refused_requests(rng: Random) -> list[Request]:
    """Return rejected sign-ins, as from a client that guesses passwords."""
    login = Endpoint(LOGIN, REFUSED, 1_500, ("POST",))
    return [_request(rng, login) for _ in range(POOL // 64)]


def _request(rng: Random, endpoint: Endpoint) -> Request:
    kind = endpoint.kind
    weights = [3, *(1 for _ in endpoint.methods[1:])]
    method = rng.choices(endpoint.methods, weights)[0]
    path = endpoint.path.replace("#", str(min(int(rng.paretovariate(0.8)), 2_000)))
    status = rng.choices(list(kind.statuses), list(kind.statuses.values()))[0]
    protocol = rng.choices(("HTTP/2.0", "HTTP/1.1", "HTTP/1.0"), (60, 38, 2))[0]
    user = rng.choices(USERS, cum_weights=zipf(len(USERS)))[0]
    referrer = rng.choices(REFERRERS, cum_weights=zipf(len(REFERRERS)))[0]
    size = 0 if method == "HEAD" else _size(rng, endpoint.size, status)
    return Request(
        user=user.encode() if rng.random() < kind.user_share else b"-",
        line=f'"{method} {path} {protocol}" {status} {size}'.encode(),
        referrer=f'"{referrer}"'.encode(),
        status=status,
    )


def _size(rng: Random, median: int, status: int) -> int:
    """Return the bytes of one answer: log-normal around `median`, small for error pages."""
    if status in (204, 304):
        return 0
    if status >= 300:  # no success: a short fixed text
        return 150 + status % 100
    return max(1, int(rng.lognormvariate(0, 0.45) * median))
