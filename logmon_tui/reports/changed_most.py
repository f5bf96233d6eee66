"""Says in one sentence what changed most between two windows. Pure.

Errors of the server come first, if their share changed by more than chance explains: whoever asks
what a deploy did wants to know them before all else. Of the other totals, the one with the largest
effect is told: of a rate or a time the logarithm of its ratio, of a share Cohen's h (Cohen,
Statistical Power Analysis, 1988). Both are about the relative change where it is small.
"""

from collections.abc import Callable, Iterator, Mapping
from math import asin, inf, log, sqrt
from typing import NamedTuple, TypeAlias

from logmon_tui import units
from logmon_tui.escape import printable, readable
from logmon_tui.fitting import crop
from logmon_tui.reports.change_words import change_text, growth_text, value_text
from logmon_tui.reports.limits import MIN_HITS
from logmon_tui.reports.text_tables import DECODED
from logmon_tui.snapshot import CountRow
from logmon_tui.snapshot.comparison import Change, Comparison, Mark, hits_a_second
from logmon_tui.snapshot.totals import METRICS, Quantity, Total, total_of

NOTABLE = 0.1
"""Minimum effect that is told: a tenth more or less."""

_NOTABLE_ERRORS = 0.05
"""Minimum effect of 5xx that is told: six in 10,000 hits, where there were none."""

_CHANCE = 3.0
"""Standard errors that chance may explain."""

_EXPLAINS = 0.5
"""Minimum part of a change that a key must contribute, to be told as where it comes from."""

_NOTABLE_KEY = 0.05
"""Minimum part of all hits that the change of a key is told as, where no total changed."""

_MAX_KEY = 60
"""Maximum cells of a key within the sentence."""

_KEYS = {
    "paths": "path",
    "routes": "route",
    "hosts": "client",
    "sections": "section",
    "user_agents": "user agent",
}
"""The rankings that may explain a change, those with the most telling keys first."""

_SUBJECTS = {
    "rate": "Traffic",
    "bytes_rate": "Bytes sent",
    "4xx_share": "4xx",
    "5xx_share": "5xx",
    "p95": "The p95 of response times",
    "clients": "The number of clients",
}
"""The totals that may be told, and what they are called."""


def changed_most(comparison: Comparison) -> str:
    """Return the sentence; all that it has from the log is printable."""
    baseline, present = comparison.baseline, comparison.present
    few = [
        f"{which} has {window.hits:,} hit{'' if window.hits == 1 else 's'}"
        for which, window in (("the baseline", baseline), ("the present", present))
        if window.hits < MIN_HITS
    ]
    if few:
        return f"Too few hits to say what changed: {' and '.join(few)}."
    if not (baseline.seconds and present.seconds):
        return "Too few hits at credible times to say what changed."
    totals = {
        name: total_of(METRICS[name], baseline, present)
        for name in _SUBJECTS
        # A longer time has more clients, and by how many nobody knows.
        if name != "clients" or comparison.equally_long
    }
    effects = {name: _effect(total, comparison) for name, total in totals.items()}
    told = max(effects, key=lambda name: effects[name])
    if effects["5xx_share"] >= _NOTABLE_ERRORS:
        told = "5xx_share"
    elif effects[told] < NOTABLE:
        return _of_a_key(comparison)
    return f"{_what(told, totals[told])}{_where(told, totals[told], comparison)}."


def _effect(total: Total, comparison: Comparison) -> float:
    """Return the size of a change, 0 if it is no larger than chance explains."""
    if total.expected is None or total.present is None or not _beyond_chance(total, comparison):
        return 0.0
    before, now = float(total.expected), float(total.present)
    if total.metric.quantity is Quantity.SHARE:
        return abs(2 * asin(sqrt(now)) - 2 * asin(sqrt(before)))
    if not before or not now:
        return 0.0 if before == now else inf
    return abs(log(now / before))


def _beyond_chance(total: Total, comparison: Comparison) -> bool:
    """Tell whether shares or rates differ by more than those of two random samples would."""
    sides = comparison.baseline, comparison.present
    change = abs(float(total.change or 0))
    if total.metric.quantity is Quantity.SHARE:
        counts = [float(total.metric.value(window) or 0) * window.hits for window in sides]
        share = sum(counts) / sum(window.hits for window in sides)
        error = sqrt(share * (1 - share) * sum(1 / window.hits for window in sides))
        return change > _CHANCE * error
    if total.metric.quantity is Quantity.RATE:
        return change > _CHANCE * sqrt(sum(window.hits / window.seconds**2 for window in sides))
    return True


def _what(name: str, total: Total) -> str:
    was, now = (value_text(total.metric, each) for each in (total.expected, total.present))
    verb = "rose" if (total.change or 0) > 0 else "fell"
    of = " of hits" if total.metric.quantity is Quantity.SHARE else ""
    changed = change_text(total)
    more = f" ({changed})" if changed and total.metric.quantity is not Quantity.SHARE else ""
    return f"{_SUBJECTS[name]} {verb} from {was} to {now}{of}{more}"


class _Part(NamedTuple):
    """A key, what it is, and how much of a change it contributes."""

    kind: str
    key: str
    part: float


def _where(name: str, total: Total, comparison: Comparison) -> str:
    """Return from which key most of the change comes, in words; "" if from none."""
    amount = _CONTRIBUTED.get(name)
    rises = (total.change or 0) > 0
    found = amount and next(_explaining(comparison, amount, rises=rises), None)
    if not found:
        return ""
    part = "all" if found.part >= 0.9995 else f"{units.percent(found.part)} %"
    what = "rise" if rises else "fall"
    if name == "p95":  # a quantile is no sum of what keys contribute
        what = f"response time {'added' if rises else 'saved'}"
    return f"; {part} of the {what} comes from {found.kind} {found.key}"


def _explaining(comparison: Comparison, amount: "_Contribution", *, rises: bool) -> Iterator[_Part]:
    """Yield the keys that contribute more than half of what rose, or of what fell."""
    sign = 1 if rises else -1
    for ranking, kind in _KEYS.items():
        changes = comparison.changes.get(ranking)
        rows = changes.rows if changes else ()
        moved = [(sign * amount(each, comparison), each.key) for each in rows]
        whole = sum(each for each, _ in moved if each > 0)
        if len(rows) > 1 and whole > 0:
            most, key = max(moved)
            if most / whole >= _EXPLAINS:
                yield _Part(kind, shown_key(ranking, key, _MAX_KEY), most / whole)


_Contribution: TypeAlias = Callable[[Change, Comparison], float]
"""How much of a total's change is of one key, in the same unit a second."""


def _of_rows(amount: Callable[[CountRow], float]) -> _Contribution:
    """Return the contribution of what rows have; 0 for a key that may have some unseen."""

    def contribution(change: Change, comparison: Comparison) -> float:
        if change.hidden != 0:
            return 0.0
        now = amount(change.present) / comparison.present.seconds if change.present else 0.0
        was = amount(change.baseline) / comparison.baseline.seconds if change.baseline else 0.0
        return now - was

    return contribution


_CONTRIBUTED: Mapping[str, _Contribution] = {
    "rate": lambda change, _: change.rate,
    "bytes_rate": _of_rows(lambda row: row.bytes),
    "4xx_share": _of_rows(lambda row: row.errors.client if row.errors else 0),
    "5xx_share": lambda change, _: change.errors or 0.0,
    "p95": lambda change, _: change.time or 0.0,
}


def _of_a_key(comparison: Comparison) -> str:
    """Return what is said where no total changed: of the key that moved most, if any did."""
    moved = [
        (abs(changes.rows[0].rate), ranking)
        for ranking in _KEYS
        if (changes := comparison.changes.get(ranking)) and changes.rows
    ]
    rate, ranking = max(moved, default=(0.0, ""), key=lambda each: each[0])
    if rate < _NOTABLE_KEY * comparison.present.rate:
        return "Nothing changed by much."
    change = comparison.changes[ranking].rows[0]
    return f"The totals changed little; {_moved(change, ranking, comparison)}."


def _moved(change: Change, ranking: str, comparison: Comparison) -> str:
    name = f"{_KEYS[ranking]} {shown_key(ranking, change.key, _MAX_KEY)}"
    before, now = (
        hits_a_second(row, window)
        for row, window in (
            (change.baseline, comparison.baseline),
            (change.present, comparison.present),
        )
    )
    if change.mark is Mark.NEW:
        return f"{name} is new, with {units.rate(now)} req/s"
    if change.mark is Mark.GONE:
        return f"{name} is gone, which had {units.rate(before)} req/s"
    verb = "rose" if change.rate > 0 else "fell"
    growth = f" ({growth_text(now / before - 1)})" if before else ""
    return f"{name} {verb} from {units.rate(before)} to {units.rate(now)} req/s{growth}"


_MAX_BYTES = 4_000
"""Maximum bytes of a key that are escaped: a line may be huge."""


def shown_key(ranking: str, key: bytes, width: int | None = None) -> str:
    """Return a key as people read it, in at most `width` cells."""
    text = (readable if ranking in DECODED else printable)(key[:_MAX_BYTES])
    return text if width is None else crop(text, width)
