"""Compares two windows of traffic: the present one with a baseline. Pure, and without numpy.

The windows may differ in length, so keys are compared by their hits a second. Rates are additive:
the changes of all keys of a ranking add up to the change of the whole traffic. So the size of a
key's change is what it contributes to that ("explanatory power": Bhagwan et al., Adtributor,
NSDI 2014), and by it the keys are sorted. Errors and response times a second add up likewise.

A window may know only the keys with the most hits. A key that it does not have may then have had
up to so many hits unseen. So only the part of a change that is certain counts, and a key is NEW
only if it is now too frequent to have been unseen before.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from math import inf
from typing import NamedTuple

import msgspec

from logmon_tui.snapshot.traffic import CountRow, Ranking, Window

STATUS = "status"
"""The name of the ranking of status codes, which each window knows in full."""

RANKINGS = (
    "sections",
    "paths",
    "routes",
    "hosts",
    "networks",
    "countries",
    "asns",
    "users",
    "user_agents",
    "referrers",
    "methods",
    "virtual_hosts",
    "tls",
    "browsers",
    "systems",
    "bots",
    "agent_kinds",
    "sources",
    "servers",
    "sites",
)
"""The rankings of a Window, by the names of its fields."""


class Mark(StrEnum):
    """What is said of a key that only one of the two windows has."""

    NEW = "new"
    GONE = "gone"


class Change(NamedTuple):
    """One key of a ranking, as either window has it; None where it has no such key.

    `rate` is the change in hits a second, `errors` that in 5xx a second, `time` that in seconds of
    response time a second; the last two are None if a window does not know them. `hidden` is how
    many hits the key can have had unseen in the window that does not have it, 0 if none, None if
    any number. So the true change may be larger than these, which are certain. Of a key that both
    windows have, the hits are compared as they were counted.
    """

    key: bytes
    baseline: CountRow | None
    present: CountRow | None
    rate: float
    errors: float | None = None
    time: float | None = None
    hidden: int | None = 0

    @property
    def mark(self) -> Mark | None:
        """NEW or GONE, if one window certainly does not have the key as often as the other."""
        if self.baseline is None and self.rate > 0:
            return Mark.NEW
        return Mark.GONE if self.present is None and self.rate < 0 else None


class Changes(NamedTuple):
    """The changes in one ranking, the largest change of the hits a second first.

    Where changes are equal, keys with more hits are first, then those with the lesser key.
    `distinct` are the numbers of keys that the baseline and the present window saw.
    """

    rows: tuple[Change, ...] = ()
    distinct: tuple[int, int] = (0, 0)


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """Two windows, and what changed from the one to the other, by the names of rankings."""

    baseline: Window
    present: Window
    changes: Mapping[str, Changes]

    @property
    def equally_long(self) -> bool:
        """Whether the windows are of one length, so that their hits compare as they are."""
        return self.baseline.seconds == self.present.seconds


def compare(baseline: Window, present: Window, rankings: Collection[str] = ()) -> Comparison:
    """Return the comparison of two windows.

    It has the `rankings` of these names, by default all that either window has; see `RANKINGS`,
    `STATUS` and the own panels.
    """
    found: dict[str, Changes] = {}
    for name in rankings or (*RANKINGS, STATUS, *dict.fromkeys((*baseline.own, *present.own))):
        former, now = _side(baseline, name), _side(present, name)
        if former.rows or now.rows:
            found[name] = _changes(former, now)
    return Comparison(baseline, present, found)


def hits_a_second(row: CountRow | None, window: Window) -> float:
    """Return the rate of a row of `window`; 0 without a row, and without any credible time."""
    return row.hits / window.seconds if row is not None and window.seconds else 0.0


def changes_in(baseline: Window, present: Window, pick: Callable[[Window], Ranking]) -> Changes:
    """Return the changes in the ranking that `pick` returns of each window."""
    return _changes(_side_of(baseline, pick(baseline)), _side_of(present, pick(present)))


def most_changed(changes: Changes, top: int) -> list[Change]:
    """Return the `top` keys of which the hits a second changed most; 0 returns all.

    Those of which the 5xx a second, and of which the response time a second changed most join
    them: with as many hits as before, a key may have failed or have become slow.
    """
    rows = changes.rows
    if not top or top >= len(rows):
        return list(rows)
    chosen = {each.key for each in rows[:top]}
    for amount in (_errors, _time):
        ranked = sorted((each for each in rows if amount(each)), key=lambda each: -amount(each))
        chosen |= {each.key for each in ranked[:top]}
    return [each for each in rows if each.key in chosen]


def _errors(change: Change) -> float:
    return abs(change.errors or 0.0)


def _time(change: Change) -> float:
    return abs(change.time or 0.0)


class _Side(NamedTuple):
    """A ranking of one window of `seconds`.

    A key without a row has up to `hidden` hits, of which up to `errors` are 5xx, and up to `time`
    seconds of response time; None if the window does not count these by key. `absent` keys were
    looked up: none of them has more than `absent_hits`.
    """

    rows: Sequence[CountRow]
    seconds: int
    distinct: int
    hidden: float = 0
    errors: float | None = None
    time: float | None = None
    absent: frozenset[bytes] = frozenset()
    absent_hits: float = 0

    def hidden_of(self, key: bytes) -> float:
        """Return how many hits a key without a row can have."""
        return min(self.hidden, self.absent_hits) if key in self.absent else self.hidden

    def hits_of(self, key: bytes, row: CountRow | None) -> "_Amount":
        return _Amount(0, self.hidden_of(key)) if row is None else _Amount(row.hits, row.hits)

    def errors_of(self, row: CountRow | None) -> "_Amount | None":
        if row is None:
            return None if self.errors is None else _Amount(0, self.errors)
        return None if row.errors is None else _Amount(row.errors.server, row.errors.server)

    def time_of(self, row: CountRow | None) -> "_Amount | None":
        if row is None:
            return None if self.time is None else _Amount(0, self.time)
        return None if row.total_time is None else _Amount(row.total_time, row.total_time)


class _Amount(NamedTuple):
    """An amount that is known to lie between two bounds."""

    least: float
    most: float


def _side(window: Window, name: str) -> _Side:
    if name == STATUS:
        rows = [CountRow(b"%03d" % code, hits, 0) for code, hits in window.status]
        return _Side(rows, window.seconds, len(rows))
    ranking = window.own[name] if name in window.own else getattr(window, name, Ranking())
    return _side_of(window, ranking)


def _side_of(window: Window, ranking: Ranking) -> _Side:
    hidden, first = _hidden(window, ranking), next(iter(ranking.rows), None)
    if first is None:
        return _Side((), window.seconds, ranking.distinct, hidden, hidden, hidden)
    errors = time = None
    if first.errors is not None:
        known = sum(row.errors.server for row in ranking.rows if row.errors is not None)
        errors = min(hidden, max(0, window.by_class[5] - known))
    if first.total_time is not None:
        told = sum(row.total_time or 0.0 for row in ranking.rows)
        time = max(0.0, (window.total_time or 0.0) - told) if hidden else 0.0
    most = inf if ranking.absent_most is None else ranking.absent_most
    counts = ranking.rows, window.seconds, ranking.distinct
    return _Side(*counts, hidden, errors, time, ranking.absent, most)


def _hidden(window: Window, ranking: Ranking) -> float:
    """Return how many hits a key without a row can have; inf if the window does not count keys."""
    if window.hits and not ranking.rows:
        return inf
    if ranking.other_hits == 0 and ranking.distinct <= len(ranking.rows):
        return 0
    rest = max(0, window.hits - sum(row.hits for row in ranking.rows))
    return rest if ranking.other_most is None else min(rest, ranking.other_most)


def _changes(baseline: _Side, present: _Side) -> Changes:
    former = {row.key: row for row in baseline.rows}
    now = {row.key: row for row in present.rows}
    keys = dict.fromkeys((*now, *former))
    rows = [_change(key, former.get(key), now.get(key), baseline, present) for key in keys]
    rows.sort(key=lambda each: (-abs(each.rate), -_hits(each), each.key))
    return Changes(tuple(rows), (baseline.distinct, present.distinct))


def _hits(change: Change) -> int:
    row = change.present or change.baseline
    return row.hits if row else 0


def _change(
    key: bytes, former: CountRow | None, now: CountRow | None, baseline: _Side, present: _Side
) -> Change:
    errors = baseline.errors_of(former), present.errors_of(now)
    time = baseline.time_of(former), present.time_of(now)
    absent = baseline.hidden_of(key) if former is None else 0
    absent = present.hidden_of(key) if now is None else absent
    lengths = baseline.seconds, present.seconds
    return Change(
        key,
        former,
        now,
        rate=_certain_change(baseline.hits_of(key, former), present.hits_of(key, now), *lengths),
        errors=_known_change(*errors, *lengths),
        time=_known_change(*time, *lengths),
        hidden=None if absent == inf else int(absent),
    )


def _known_change(
    former: _Amount | None, now: _Amount | None, former_seconds: int, seconds: int
) -> float | None:
    if former is None or now is None:
        return None
    return _certain_change(former, now, former_seconds, seconds)


def _certain_change(former: _Amount, now: _Amount, former_seconds: int, seconds: int) -> float:
    """Return by how much at least an amount a second changed; 0 if it may not have changed."""
    whole = former_seconds * seconds
    if not whole:
        return 0.0
    # Amounts are multiplied before they are divided, so that equal rates are found equal.
    rise = now.least * former_seconds - former.most * seconds
    fall = now.most * former_seconds - former.least * seconds
    return max(0.0, rise / whole) + min(0.0, fall / whole)
