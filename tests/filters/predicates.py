"""Expressions of the filter language, each with the same meaning as a plain Python predicate.

The predicates look at one hit and know nothing of the parser, of columns or of masks.
"""

import fnmatch
import re
import socket
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st

from logmon_tui.formats.model.hit import UNKNOWN, Dimension, Measure
from logmon_tui.formats.model.hit_batch import HitRecord
from logmon_tui.formats.user_agents import family_of

D, M = Dimension, Measure

CURL, BOT = (
    b"curl/8.11.0",
    b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
)
FIREFOX = b"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"

TEXTS: dict[Dimension, list[bytes]] = {
    D.SECTION: [b"/api", b"/API", b"/shop", b"-"],
    D.PATH: [
        b"/api/a",
        b"/api/b c",
        b"/shop/a*",
        b'/q"\\',
        b"/\xff\n",
        b"/a,b",
        b"/(x)",
        b"-",
        b"/",
    ],
    D.ROUTE: [b"/users/:id", b"/api", b"-"],
    D.HOST: [
        b"10.0.0.1",
        b"10.9.0.1",
        b"192.168.1.7",
        b"::1",
        b"fe80::1",
        b"::ffff:10.0.0.9",
        b"Box",
    ],
    D.USER: [b"anna", b"Anna", b"-", b"b@x", b""],
    D.METHOD: [b"GET", b"get", b"POST", b"-"],
    D.USER_AGENT: [CURL, BOT, FIREFOX, b"-", b"\xc3\x89t\xc3\xa9?"],
    D.REFERRER: [b"https://google.com/?q=a", b"-", b"http://x/A"],
    D.VIRTUAL_HOST: [b"shop.example", b"SHOP.example", b"a:80", b"-"],
    D.TLS: [b"TLSv1.2", b"TLSv1.3", b"-"],
    D.SOURCE: [b"a.log", b"b.log"],
}
"""The values of hits."""

FIELDS = {
    "section": D.SECTION,
    "path": D.PATH,
    "route": D.ROUTE,
    "client": D.HOST,
    "host": D.VIRTUAL_HOST,
    "vhost": D.VIRTUAL_HOST,
    "method": D.METHOD,
    "user": D.USER,
    "agent": D.USER_AGENT,
    "referrer": D.REFERRER,
    "tls": D.TLS,
    "log": D.SOURCE,
}
CASED = {"section", "path", "route", "user", "log"}
PARTS = {"agent", "referrer"}


class Meaning(NamedTuple):
    """An expression and what it means."""

    text: str
    fits: Callable[[HitRecord], bool]


def record(values: dict, numbers: tuple[int, int], measures: tuple[int, int, int]) -> HitRecord:
    return HitRecord(1_000, *numbers, values, tuple(zip(M, measures, strict=True)))


records = st.builds(
    record,
    st.fixed_dictionaries({each: st.sampled_from(values) for each, values in TEXTS.items()}),
    st.tuples(
        st.sampled_from([0, 200, 204, 301, 400, 404, 499, 500, 503]),
        st.sampled_from([0, 1, 499, 500, 1_000, 1_024, 1_000_000, 1_500_000, 1_048_576]),
    ),
    st.tuples(*[st.sampled_from([UNKNOWN, 0, 1, 999_999, 1_000_000, 1_000_001, 300_000])] * 3),
)


def text_of(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def in_quotes(value: bytes) -> str:
    """Write every byte that is not plain as an escape."""
    plain = (
        chr(byte) if re.match(rb"[\w /:.*?-]", bytes([byte])) else f"\\x{byte:02X}"
        for byte in value
    )
    return f'"{"".join(plain)}"'


def written(value: bytes) -> st.SearchStrategy[str]:
    """Write a value with quotes, or without if it is as plain as most are."""
    if re.fullmatch(rb"[\w/.*?-][\w/:.*?-]*", value) and not re.match(rb"\w+:", value):
        return st.sampled_from([text_of(value), in_quotes(value)])
    return st.just(in_quotes(value))


def near(values: list[bytes]) -> list[bytes]:
    """These values, other forms of them, and shell patterns for them."""
    halves = [each[: len(each) // 2] for each in values]
    patterns = [
        half + b"?" * (len(each) - len(half)) for half, each in zip(halves, values, strict=True)
    ]
    others = [each.upper() for each in values], halves, [half + b"*" for half in halves], patterns
    return [*values, *(each for some in others for each in some), b"*a*", b"x"]


NEAR = {dimension: near(values) for dimension, values in TEXTS.items()}


def text_fits(field: str, wanted: bytes, given: bytes) -> bool:
    text, pattern = text_of(given), text_of(wanted)
    if field not in CASED:
        text, pattern = text.casefold(), pattern.casefold()
    if "*" in pattern or ("?" in pattern and field not in PARTS):
        return fnmatch.fnmatchcase(text, pattern)
    return pattern in text if field in PARTS and pattern != "-" else pattern == text


@st.composite
def texts(draw: st.DrawFn) -> Meaning:
    """A field of text with one to three values."""
    field = draw(st.sampled_from(sorted(FIELDS)))
    dimension = FIELDS[field]
    known = TEXTS[dimension]
    cut = [
        each[: len(each) // 2] + end
        for each in known
        for end in (b"*", b"?" * (len(each) - len(each) // 2), b"")
    ]
    pool = [*known, *(each.upper() for each in known), *cut, b"*a*", b"x"]
    wanted = draw(
        st.lists(
            st.sampled_from([each for each in pool if b"/" not in each or field != "client"]),
            min_size=1,
            max_size=3,
        )
    )
    exact = draw(st.booleans())
    shown = [draw(written(each)) for each in wanted]

    def fits(hit: HitRecord) -> bool:
        given = hit.values[dimension]
        return given in wanted if exact else any(text_fits(field, each, given) for each in wanted)

    return Meaning(f"{field}{'=' if exact else ':'}{','.join(shown)}", fits)


def bits_of(address: str) -> tuple[int, str]:
    """Return how many bits an address has, and these; an IPv4 address within IPv6 as IPv4."""
    for family, size in ((socket.AF_INET, 32), (socket.AF_INET6, 128)):
        try:
            packed = socket.inet_pton(family, address)
        except OSError:
            continue
        bits = f"{int.from_bytes(packed):0{size}b}"
        mapped = "0" * 80 + "1" * 16
        return (32, bits[96:]) if size == 128 and bits.startswith(mapped) else (size, bits)
    return 0, ""


@st.composite
def networks(draw: st.DrawFn) -> Meaning:
    address, most = draw(
        st.sampled_from([("10.0.0.0", 32), ("192.168.1.7", 32), ("fe80::", 128), ("::", 128)])
    )
    length = draw(st.integers(0, most))
    size, prefix = bits_of(address)

    def fits(hit: HitRecord) -> bool:
        given, bits = bits_of(text_of(hit.values[D.HOST]))
        return given == size and bits[:length] == prefix[:length]

    return Meaning(f"client:{address}/{length}", fits)


COMPARED = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ":": lambda a, b: a == b,
    "=": lambda a, b: a == b,
    ":>": lambda a, b: a > b,
}
TIMES = {
    "1": 1_000_000,
    "1s": 1_000_000,
    "300ms": 300_000,
    "0.3s": 300_000,
    "1us": 1,
    "0s": 0,
    "2m": 120_000_000,
    "0.0000005s": 0.5,
}
SIZES = {
    "1": 1,
    "499.5": 499.5,
    "500B": 500,
    "1kB": 1_000,
    "1k": 1_000,
    "1KiB": 1_024,
    "1MB": 1_000_000,
    "1.5mb": 1_500_000,
    "1MiB": 1_048_576,
    "900TB": 9e14,
}
NUMBERS = {
    "time": (M.RESPONSE_TIME, TIMES),
    "upstream": (M.UPSTREAM_TIME, TIMES),
    "in": (M.BYTES_IN, SIZES),
    "size": (None, SIZES),
}


@st.composite
def numbers(draw: st.DrawFn) -> Meaning:
    field = draw(st.sampled_from(sorted(NUMBERS)))
    measure, values = NUMBERS[field]
    comparison = draw(st.sampled_from(sorted(COMPARED)))
    wanted, number = draw(st.sampled_from(sorted(values.items())))

    def fits(hit: HitRecord) -> bool:
        given = hit.size if measure is None else dict(hit.measures)[measure]
        return given >= 0 and COMPARED[comparison](given, number)

    return Meaning(f"{field}{comparison}{wanted}", fits)


STATUS = {
    "status:404": lambda code: code == 404,
    "status=404": lambda code: code == 404,
    "status:5xx": lambda code: 500 <= code < 600,
    "status:5XX,404": lambda code: 500 <= code < 600 or code == 404,
    "status:400-499": lambda code: 400 <= code <= 499,
    "status:2xx-3xx": lambda code: 200 <= code <= 399,
    "status>=400": lambda code: code >= 400,
    "status>4xx": lambda code: code > 499,
    "status<4xx": lambda code: code < 400,
    "status:204,>=500": lambda code: code == 204 or code >= 500,
    "status:0": lambda code: code == 0,
}
WHO = {
    "is:bot": lambda family: family.bot,
    "is:Human": lambda family: not family.bot,
    "browser:firefox": lambda family: not family.bot and family.browser == b"Firefox",
    'browser:"(bot)"': lambda family: family.bot,
    "browser:c*": lambda family: not family.bot and family.browser.lower().startswith(b"c"),
    "system:linux": lambda family: not family.bot and family.system.lower() == b"linux",
    "bot:googlebot": lambda family: family.bot and family.browser == b"Googlebot",
    'bot="(not a bot)"': lambda family: not family.bot,
}

statuses = st.sampled_from(sorted(STATUS)).map(
    lambda text: Meaning(text, lambda hit: STATUS[text](hit.status))
)
whos = st.sampled_from(sorted(WHO)).map(
    lambda text: Meaning(text, lambda hit: WHO[text](family_of(hit.values[D.USER_AGENT])))
)


@st.composite
def anywhere(draw: st.DrawFn) -> Meaning:
    wanted = draw(st.sampled_from(["a", "API", "google", "-", "10.", "log", "tls", "é"]))
    form = draw(st.sampled_from(["q:{}", 'Q:"{}"']))

    def fits(hit: HitRecord) -> bool:
        return any(
            wanted.casefold() in text_of(value).casefold()
            for dimension, value in hit.values.items()
            if dimension not in {D.SECTION, D.ROUTE} and value != b"-"
        )

    return Meaning(form.format(wanted), fits)


EXPRESSIONS = {
    "path:re:/^\\/api/": (D.PATH, re.compile(rb"^/api")),
    'path:re:/[,"] |\\xff/': (D.PATH, re.compile(rb'[,"] |\xff')),
    "method:re:/^(?i)get$/": (D.METHOD, re.compile(rb"(?i)^get$")),
    "client:re:/^10\\./": (D.HOST, re.compile(rb"^10\.")),
}
regular = st.sampled_from(sorted(EXPRESSIONS)).map(
    lambda text: Meaning(
        text, lambda hit: bool(EXPRESSIONS[text][1].search(hit.values[EXPRESSIONS[text][0]]))
    )
)

terms = st.one_of(texts(), texts(), networks(), numbers(), statuses, whos, anywhere(), regular)


def negated(meaning: Meaning) -> Meaning:
    return Meaning(f"!{meaning.text}", lambda hit: not meaning.fits(hit))


def either(meanings: list[Meaning]) -> Meaning:
    text = ",".join(each.text for each in meanings)
    return Meaning(text, lambda hit: any(each.fits(hit) for each in meanings))


def both(meanings: list[Meaning]) -> Meaning:
    text = "  ".join(each.text for each in meanings)
    return Meaning(text, lambda hit: all(each.fits(hit) for each in meanings))


def groups_of(alternatives: st.SearchStrategy[Meaning]) -> st.SearchStrategy[Meaning]:
    negatable = alternatives | alternatives.map(negated)
    return st.lists(st.lists(negatable, min_size=1, max_size=3).map(either), max_size=3).map(both)


def in_parentheses(inner: st.SearchStrategy[Meaning]) -> st.SearchStrategy[Meaning]:
    nested = groups_of(inner).filter(lambda each: each.text.strip() != "")
    return nested.map(lambda each: Meaning(f"({each.text})", each.fits))


expressions = groups_of(st.recursive(terms, in_parentheses, max_leaves=5))
