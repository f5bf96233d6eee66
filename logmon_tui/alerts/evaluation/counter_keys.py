"""What rules count of hits, and which columns of a HitBatch they need for it."""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import msgspec

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.formats.model.hit_batch import Dimension

COLUMNS = {
    Scope.SECTION: Dimension.SECTION,
    Scope.PATH: Dimension.PATH,
    Scope.ROUTE: Dimension.ROUTE,
    Scope.CLIENT: Dimension.HOST,
    Scope.VIRTUAL_HOST: Dimension.VIRTUAL_HOST,
    Scope.SERVER: Dimension.SERVER,
    Scope.SITE: Dimension.SITE,
}
"""Scopes whose subjects are the texts of one column, and that column."""


class Kind(StrEnum):
    """What a rule counts besides hits."""

    NOTHING = "nothing"
    MATCHING = "matching"  # hits with the status
    UNPARSED = "unparsed"  # lines
    BYTES = "bytes"
    TIMES = "times"  # by bin
    SIZES = "sizes"  # by bin
    CLIENTS = "clients"  # distinct ones
    PATHS = "paths"  # distinct ones
    BAD = "bad"  # hits that an objective, or a rule of a share, calls bad
    FIRST_SEEN = "first_seen"  # hits of new subjects; those in the slot of the first one
    WAITING = "waiting"  # hits of which it is not judged yet whether their subjects are new


_KINDS = {
    Metric.RATE: Kind.NOTHING,
    Metric.HITS: Kind.NOTHING,
    Metric.SHARE: Kind.MATCHING,
    Metric.BYTES_RATE: Kind.BYTES,
    Metric.RESPONSE_TIME: Kind.TIMES,
    Metric.RESPONSE_SIZE: Kind.SIZES,
    Metric.CLIENTS: Kind.CLIENTS,
    Metric.PATHS: Kind.PATHS,
    Metric.UNPARSED_SHARE: Kind.UNPARSED,
    Metric.CHANGE: Kind.NOTHING,
    Metric.FIRST_SEEN: Kind.FIRST_SEEN,
    Metric.SILENCE: Kind.NOTHING,
    Metric.FIRING: Kind.NOTHING,
}


BINNED = frozenset({Kind.SIZES, Kind.TIMES})
"""Kinds whose values are bins."""

DISTINCT_OF = {Kind.CLIENTS: Dimension.HOST, Kind.PATHS: Dimension.PATH}
"""Kinds that count distinct things, and the dimension of these."""

PARTED = BINNED | DISTINCT_OF.keys()
"""Kinds that count hits by part: a bin, or one of the distinct things."""

SUMMED = frozenset({Kind.MATCHING, Kind.BYTES, Kind.BAD, Kind.FIRST_SEEN})
"""Kinds that sum up an amount."""


class CounterKey(NamedTuple):
    """Identifies what a rule counts. Rules with equal keys share their counts."""

    kind: Kind
    scope: Scope
    match: tuple[str, ...]
    paths: tuple[str, ...]
    status: tuple[str, ...]
    where: str = ""  # absent in the states of earlier versions
    bad: str = ""  # the same
    by: tuple[Scope, ...] = ()  # the same
    novelty: tuple[int, ...] = ()  # the same; see `of_the_met`

    @property
    def of_the_met(self) -> "CounterKey":
        """The key of the subjects met, which rules of `first_seen` share whatever their windows.

        Such a rule's `novelty` is its `learning`, `forget` and `window`; earlier versions saved no
        window.
        """
        return self._replace(novelty=self.novelty[:2])


def counter_key_of(rule: Rule) -> CounterKey:
    """Return the key of what `rule` counts."""
    if rule.burn is not None:
        return CounterKey(Kind.BAD, rule.scope, (), (), (), rule.where, rule.burn.bad)
    kind = Kind.BAD if rule.bad else _KINDS[rule.metric]
    of_novelty = rule.metric is Metric.FIRST_SEEN
    novelty = (rule.learning, rule.forget, rule.window) if of_novelty else ()
    return CounterKey(
        kind,
        rule.scope,
        rule.match,
        rule.paths,
        rule.status,
        rule.where,
        rule.bad,
        rule.by,
        novelty,
    )


@lru_cache(maxsize=256)
def filter_of(where: str) -> Filter:
    """Return the filter that a rule's `where` describes."""
    return parsed(where)


class RuleColumns(msgspec.Struct, frozen=True):
    """The dimensions that rules need: all that they use, and those whose texts they read."""

    used: frozenset[Dimension]
    read: frozenset[Dimension]


def columns_of(rules: Iterable[Rule]) -> RuleColumns:
    """Return the dimensions of a HitBatch that `rules` need."""
    coded: set[Dimension] = set()
    read: set[Dimension] = set()
    for rule in rules:
        for scope in rule.scopes:
            if scope in COLUMNS:
                (read if rule.match or rule.by else coded).add(COLUMNS[scope])
            if scope is Scope.USER_AGENT:
                read.add(Dimension.USER_AGENT)
        if rule.paths:
            read.add(Dimension.PATH)
        kind = _KINDS[rule.metric]
        if kind in DISTINCT_OF:
            read.add(DISTINCT_OF[kind])
        bad = rule.bad if rule.burn is None else rule.burn.bad
        read |= filter_of(rule.where).dimensions | filter_of(bad).dimensions
    return RuleColumns(frozenset(coded | read), frozenset(read))
