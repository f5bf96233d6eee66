"""Compute what rules measure from the list of all lines, anew for each second.

It follows the docstring of `alerts.model.rule`, as simply as possible.
"""

import math
import statistics
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Burn, Compare, Rule, Scope
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


def is_part(rule: Rule, hit: Hit) -> bool:
    """Tell whether a hit is one of those whose share a rule measures."""
    bad = rule.burn.bad if rule.burn else rule.bad
    return MEANINGS[bad](hit) if bad else has_status(hit, rule.status)


class Some:
    """Some hits of the lines, in the order of their seconds."""

    def __init__(self, lines: Lines, hits: Sequence[Hit]) -> None:
        self._lines, self._hits = lines, hits
        self._seconds = [each.second for each in hits]

    def between(self, first: int, last: int, known_at: int) -> Sequence[Hit]:
        """Return the hits of the seconds from `first` to `last` that are written by `known_at`."""
        start, end = bisect_left(self._seconds, first), bisect_right(self._seconds, last)
        found = self._hits[start:end]
        if not self._lines.written:
            return found
        return [each for each in found if self._lines.written_at(each) <= known_at]


class RuleLines:
    """The lines as a rule sees them. What a hit is to the rule does not change with time.

    So that is asked once for each hit, and not once for each second with the hit in its window.
    """

    def __init__(self, rule: Rule, lines: Lines) -> None:
        self.rule, self.lines = rule, lines
        hits: defaultdict[Subject, list[Hit]] = defaultdict(list)
        for hit in counted(rule, lines.hits):
            hits[subject_of(rule, hit)].append(hit)
        self._none = Some(lines, ())
        self._hits = {subject: Some(lines, each) for subject, each in hits.items()}
        self._parts = {
            subject: Some(lines, [hit for hit in each if is_part(rule, hit)])
            for subject, each in hits.items()
        }

    def hits(self, subject: Subject, first: int, last: int, now: int) -> Sequence[Hit]:
        """Return the hits of `subject` that count."""
        return self._hits.get(subject, self._none).between(first, last, now)

    def parts(self, subject: Subject, first: int, last: int, now: int) -> int:
        """Return the number of the hits of `subject` whose share the rule measures."""
        return len(self._parts.get(subject, self._none).between(first, last, now))

    def subjects(self, first: int, last: int, now: int) -> set[Subject]:
        """Return the subjects of hits that count."""
        return {each for each, some in self._hits.items() if some.between(first, last, now)}


def quantile(share: float, values: Sequence[int]) -> float:
    """Return the nearest-rank quantile, as the middle of the bin it falls into."""
    return _middle_of_bin(sorted(values)[math.ceil(share * len(values)) - 1])


@lru_cache(maxsize=10_000)
def _middle_of_bin(value: int) -> float:
    return Histogram({int(bins_of(np.array([value]))[0]): 1}).most()


def measured(lines: RuleLines, subject: Subject, second: int) -> Measurement:
    """Return the measurement of `subject` in the windows that end with `second`."""
    rule = lines.rule
    if rule.burn is not None:
        return burning(rule.burn, lines, second)
    if rule.compare is Compare.USUAL:
        return unusual(lines, second)
    start = second - rule.window + 1
    window = lines.hits(subject, start, second, second)
    parts = lines.parts(subject, start, second, second)
    before = lines.hits(subject, start - rule.reference, start - 1, second)
    unparsed = lines.lines.unparsed_between(start, second)
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
        of_few = _value(rule, window, parts, before, unparsed) if hits else None
        return Measurement(None, hits, of_few)
    return Measurement(_value(rule, window, parts, before, unparsed), hits)


def _value(  # noqa: C901, PLR0911 - one for each metric
    rule: Rule, window: Sequence[Hit], parts: int, before: Sequence[Hit], unparsed: int
) -> float:
    match rule.metric:
        case Metric.RATE:
            return len(window) / rule.window
        case Metric.HITS:
            return len(window)
        case Metric.SHARE:
            return parts / len(window)
        case Metric.BYTES_RATE:
            return sum(hit.size for hit in window) / rule.window
        case Metric.RESPONSE_TIME:
            return quantile(rule.quantile, [hit.response_time for hit in window]) / 1e6
        case Metric.RESPONSE_SIZE:
            return quantile(rule.quantile, [hit.size for hit in window])
        case Metric.CLIENTS:
            return len({hit.host for hit in window})
        case Metric.PATHS:
            return len({path_of(hit) for hit in window})
        case Metric.UNPARSED_SHARE:
            return unparsed / (unparsed + len(window))
        case Metric.CHANGE:
            # As a fraction, so that three times as many are exactly 3.
            return float(Fraction(len(window) * rule.reference, len(before) * rule.window))


# Rules that look back over days. They judge the whole traffic, whose subject is None.


def burning(burn: Burn, lines: RuleLines, second: int) -> Measurement:
    """Return the lower burn rate of the two windows, as the docstring of `burn` says."""
    rates = []
    for seconds in (lines.rule.window, burn.short):
        # Whole minutes, the last one as far as it has come.
        stretch = (second // 60 + 1) * 60 - seconds, second, second
        hits, bad = len(lines.hits(None, *stretch)), lines.parts(None, *stretch)
        rates.append((hits, bad, bad / hits / burn.budget if hits else 0.0))
    (hits_long, bad_long, long), (_, _, short) = rates
    if not hits_long:
        return Measurement(None, 0)
    return Measurement(min(long, short) if bad_long >= burn.minimum_bad else 0.0, hits_long)


def unusual(lines: RuleLines, second: int) -> Measurement:
    """Return the deviations from the usual, as the docstring of `usual` says."""
    rule = lines.rule
    end = (second + 1) // 60 * 60 - 1
    hits, present = _per_second(lines, end - rule.window + 1, end, second)
    hour, first = second // 3_600, lines.lines.hits[0].second // 60 * 60  # slots have a minute
    usual = []
    for day in range(1, rule.days + 1):
        start = (hour - 24 * day) * 3_600
        count, value = _per_second(lines, start, start + 3_599, second)
        if count and start >= first:
            usual.append(value)
    if len(usual) < rule.minimum_days:
        return Measurement(None, hits)
    if hits < rule.minimum_hits or (rule.metric is Metric.SHARE and not hits):
        return Measurement(None, hits)
    median = statistics.median(usual)
    mad = statistics.median(abs(each - median) for each in usual)
    floor = {"rate": 0.1, "share": 0.01, "bytes_rate": 10_000}[rule.metric]
    scale = max(1.4826 * mad, 0.05 * median, rule.floor or floor)
    deviations = (present - median) / scale
    signed = {"above": deviations, "below": -deviations, "both": abs(deviations)}
    return Measurement(signed[rule.direction], hits)


def _per_second(lines: RuleLines, first: int, last: int, now: int) -> tuple[int, float]:
    """Return the number of hits in some seconds, and what the rule measures of them."""
    hits, seconds = lines.hits(None, first, last, now), last - first + 1
    if lines.rule.metric is Metric.SHARE:
        share = lines.parts(None, first, last, now) / len(hits) if hits else 0.0
        return len(hits), share
    if lines.rule.metric is Metric.BYTES_RATE:
        return len(hits), sum(hit.size for hit in hits) / seconds
    return len(hits), len(hits) / seconds
