"""Compute what rules measure from the list of all lines, anew each time.

It follows the docstring of `alerts.model.rule`, as simply as possible.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Burn, Compare, Metric, Rule, Scope
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.user_agents import family_of
from logmon_tui.metrics.histogram import Histogram, bins_of
from tests.alerts.raw_filters import MEANINGS
from tests.alerts.raw_traffic import Lines, path_of, route_of, server_of, site_of

SUBJECTS: dict[Scope, Callable[[Hit], Subject]] = {
    Scope.ALL: lambda hit: None,
    Scope.SECTION: lambda hit: b"/" + path_of(hit).split(b"/")[1],
    Scope.PATH: path_of,
    Scope.ROUTE: route_of,
    Scope.CLIENT: lambda hit: hit.host,
    Scope.VIRTUAL_HOST: lambda hit: hit.virtual_host,
    Scope.STATUS: lambda hit: b"%03d" % hit.status,
    Scope.USER_AGENT: lambda hit: family_of(hit.user_agent).browser,
    Scope.SERVER: server_of,
    Scope.SITE: site_of,
}


def subject_of(rule: Rule, hit: Hit) -> Subject:
    """Return what a hit is to a rule: one subject, or a pair of two."""
    if not rule.by:
        return SUBJECTS[rule.scope](hit)
    return " · ".encode().join(SUBJECTS[scope](hit) or b"" for scope in rule.by)


class Measurement(NamedTuple):
    """A rule's value for one subject, None for no data, and the hits that it is based on.

    `of_few` is the value of hits that are too few, None if there are enough or none.
    """

    value: float | None
    hits: int
    of_few: float | None = None


def fits(text: Subject, patterns: Sequence[str]) -> bool:
    words = (text or b"").decode("utf-8", "surrogateescape")
    return not patterns or any(fnmatchcase(words, pattern) for pattern in patterns)


def has_status(hit: Hit, status: Sequence[str]) -> bool:
    code = f"{hit.status:03d}"
    return not status or code in status or f"{code[0]}xx" in status


def counted(rule: Rule, hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits that count for the rule; for a `share` those of any status."""
    return [
        hit
        for hit in hits
        if fits(path_of(hit), rule.paths)
        and MEANINGS[rule.where](hit)
        and (rule.scope is Scope.ALL or fits(subject_of(rule, hit), rule.match))
        and (rule.metric is Metric.SHARE or has_status(hit, rule.status))
        and (rule.metric is not Metric.RESPONSE_TIME or hit.response_time >= 0)
    ]


def of_subject(rule: Rule, subject: Subject, hits: Iterable[Hit]) -> list[Hit]:
    return [hit for hit in hits if subject_of(rule, hit) == subject]


def is_part(rule: Rule, hit: Hit) -> bool:
    """Tell whether a hit is one of those whose share a rule measures."""
    return MEANINGS[rule.bad](hit) if rule.bad else has_status(hit, rule.status)


def quantile(share: float, values: Sequence[int]) -> float:
    """Return the nearest-rank quantile, as the middle of the bin it falls into."""
    value = sorted(values)[math.ceil(share * len(values)) - 1]
    return Histogram({int(bins_of(np.array([value]))[0]): 1}).most()


def measured(rule: Rule, lines: Lines, subject: Subject, second: int) -> Measurement:
    """Return the measurement of `subject` in the windows that end with `second`."""
    if rule.burn is not None:
        return burning(rule, rule.burn, lines, second)
    if rule.compare is Compare.USUAL:
        return unusual(rule, lines, second)
    start = second - rule.window + 1
    window = of_subject(rule, subject, counted(rule, lines.between(start, second)))
    before = of_subject(
        rule, subject, counted(rule, lines.between(start - rule.reference, start - 1))
    )
    unparsed = lines.unparsed_between(start, second)
    hits = len(window)
    if rule.metric is Metric.UNPARSED_SHARE:
        hits += unparsed
    elif rule.metric is Metric.CHANGE:
        hits = len(before)
    says_nothing_without_a_hit = rule.metric in {
        Metric.SHARE,
        Metric.RESPONSE_TIME,
        Metric.RESPONSE_SIZE,
        Metric.UNPARSED_SHARE,
        Metric.CHANGE,
    }
    if says_nothing_without_a_hit and not hits:
        return Measurement(None, hits)
    if hits < rule.minimum_hits:
        of_few = _value(rule, window, before, unparsed) if hits else None
        return Measurement(None, hits, of_few)
    return Measurement(_value(rule, window, before, unparsed), hits)


def _value(  # noqa: PLR0911 - one for each metric
    rule: Rule, window: list[Hit], before: list[Hit], unparsed: int
) -> float:
    match rule.metric:
        case Metric.RATE:
            return len(window) / rule.window
        case Metric.HITS:
            return len(window)
        case Metric.SHARE:
            return sum(is_part(rule, hit) for hit in window) / len(window)
        case Metric.BYTES_RATE:
            return sum(hit.size for hit in window) / rule.window
        case Metric.RESPONSE_TIME:
            return quantile(rule.quantile, [hit.response_time for hit in window]) / 1e6
        case Metric.RESPONSE_SIZE:
            return quantile(rule.quantile, [hit.size for hit in window])
        case Metric.CLIENTS:
            return len({hit.host for hit in window})
        case Metric.UNPARSED_SHARE:
            return unparsed / (unparsed + len(window))
        case Metric.CHANGE:
            # As a fraction, so that three times as many are exactly 3.
            return float(Fraction(len(window) * rule.reference, len(before) * rule.window))


# Rules that look back over days.


def burning(rule: Rule, burn: Burn, lines: Lines, second: int) -> Measurement:
    """Return the lower burn rate of the two windows, as the docstring of `burn` says."""
    rates = []
    for seconds in (rule.window, burn.short):
        hits, bad = _minutes(rule, lines, second, seconds), 0
        bad = sum(MEANINGS[burn.bad](hit) for hit in hits)
        rates.append((len(hits), bad, bad / len(hits) / burn.budget if hits else 0.0))
    (hits_long, bad_long, long), (_, _, short) = rates
    if not hits_long:
        return Measurement(None, 0)
    return Measurement(min(long, short) if bad_long >= burn.minimum_bad else 0.0, hits_long)


def _minutes(rule: Rule, lines: Lines, second: int, seconds: int) -> list[Hit]:
    """Return the hits of whole minutes, the last one as far as it has come."""
    start = (second // 60 + 1) * 60 - seconds
    return counted(rule, lines.between(start, second))


def unusual(rule: Rule, lines: Lines, second: int) -> Measurement:
    """Return the deviations from the usual, as the docstring of `usual` says."""
    end = (second + 1) // 60 * 60 - 1
    window = counted(rule, lines.between(end - rule.window + 1, end))
    hour, first = second // 3_600, lines.hits[0].second // 60 * 60  # slots have a minute
    usual = []
    for day in range(1, rule.days + 1):
        start = (hour - 24 * day) * 3_600
        hits = counted(rule, lines.between(start, start + 3_599)) if start >= first else []
        if hits:
            usual.append(_per_second(rule, hits, 3_600))
    if len(usual) < rule.minimum_days:
        return Measurement(None, len(window))
    if len(window) < rule.minimum_hits or (rule.metric is Metric.SHARE and not window):
        return Measurement(None, len(window))
    present = _per_second(rule, window, rule.window)
    median = statistics.median(usual)
    mad = statistics.median(abs(each - median) for each in usual)
    floor = {"rate": 0.1, "share": 0.01, "bytes_rate": 10_000}[rule.metric]
    scale = max(1.4826 * mad, 0.05 * median, rule.floor or floor)
    deviations = (present - median) / scale
    signed = {"above": deviations, "below": -deviations, "both": abs(deviations)}
    return Measurement(signed[rule.direction], len(window))


def _per_second(rule: Rule, hits: list[Hit], seconds: int) -> float:
    if rule.metric is Metric.SHARE:
        return sum(is_part(rule, hit) for hit in hits) / len(hits)
    if rule.metric is Metric.BYTES_RATE:
        return sum(hit.size for hit in hits) / seconds
    return len(hits) / seconds
