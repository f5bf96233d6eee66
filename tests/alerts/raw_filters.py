"""Random filters of rules, each with a plain predicate over one raw hit."""

from collections.abc import Callable
from typing import TypeAlias

from hypothesis import strategies as st

from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit import UNKNOWN, Dimension, Hit, Measure
from logmon_tui.formats.model.hit_batch import HitRecord
from tests.alerts.raw_traffic import path_of, route_of, server_of, site_of
from tests.filters.predicates import Meaning, groups_of, statuses, terms, whos

Fits: TypeAlias = Callable[[Hit], bool]

D = Dimension

MEANINGS: dict[str, Fits] = {"": lambda _hit: True}
"""What each filter drawn so far means, by its normal form."""


def record_of(hit: Hit) -> HitRecord:
    """Return a hit of `raw_batch` as the predicates see it."""
    path = path_of(hit)
    texts = {
        D.SECTION: b"/" + path.split(b"/")[1],
        D.PATH: path,
        D.ROUTE: route_of(hit),
        D.HOST: hit.host,
        D.METHOD: hit.request.split(b" ")[0],
        D.USER_AGENT: hit.user_agent,
        D.VIRTUAL_HOST: hit.virtual_host,
        D.SERVER: server_of(hit),
        D.SITE: site_of(hit),
    }
    measures = tuple(
        (each, hit.response_time if each is Measure.RESPONSE_TIME else UNKNOWN) for each in Measure
    )
    values = {each: texts.get(each, b"-") for each in Dimension}
    return HitRecord(hit.second, hit.status, hit.size, values, measures)


OWN: dict[str, Fits] = {
    "section:/api": lambda hit: hit.request.startswith((b"GET /api/", b"GET /api ")),
    "path:/api/*,/pages*": lambda hit: path_of(hit).startswith((b"/api/", b"/pages")),
    "route:/api/:n": lambda hit: route_of(hit) == b"/api/:n",
    "client:10.0.0.0/8": lambda hit: hit.host.startswith(b"10."),
    "host:*.EXAMPLE": lambda hit: hit.virtual_host.endswith(b".example"),
    "agent:firefox": lambda hit: b"Firefox" in hit.user_agent,
    "time>=900us": lambda hit: hit.response_time >= 900,
    "server:eu/*,us/web9": lambda hit: server_of(hit).startswith(b"eu/"),
    "site:us": lambda hit: site_of(hit) == b"us",
    "size>1kB": lambda hit: hit.size > 1_000,
    "q:a.ex": lambda hit: b"a.ex" in hit.virtual_host,
}
"""Filters that suit the traffic of `rule_strategies`."""

_OWN = st.sampled_from(sorted(OWN)).map(lambda text: Meaning(text, OWN[text]))


def _of_raw(meaning: Meaning) -> Meaning:
    return Meaning(meaning.text, lambda hit: meaning.fits(record_of(hit)))


_TERMS = st.one_of(_OWN, _OWN, (statuses | whos).map(_of_raw), terms.map(_of_raw))


def _noted(meaning: Meaning) -> str:
    text = parsed(meaning.text).text
    MEANINGS[text] = meaning.fits
    return text


wheres = st.one_of(st.just(""), st.just(""), groups_of(_TERMS).map(_noted))
"""Normal forms of filters, often the one that chooses all."""
