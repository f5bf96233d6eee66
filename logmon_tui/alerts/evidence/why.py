"""Find out why an incident fired: which hits matter to it, and which of their keys rose.

Works on columns only. `buffer` decides which hits are kept, and hands them over.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from heapq import nsmallest

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counter_keys import counter_key_of
from logmon_tui.alerts.evaluation.counting import chosen_hits, codes_of, subjects_of
from logmon_tui.alerts.model.evidence import Kind, Mover
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Compare, Direction, Rule, When
from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAX_SUM = 2**63 - 1

MAX_MOVERS = 5
"""Maximum keys of each kind in the evidence."""

MAX_AGENTS = 100
"""Maximum user agents, those with the most hits, whose families are compared."""

KINDS = {
    Kind.SECTION: Dimension.SECTION,
    Kind.PATH: Dimension.PATH,
    Kind.STATUS: None,
    Kind.CLIENT: Dimension.HOST,
    Kind.USER_AGENT: Dimension.USER_AGENT,
    Kind.SERVER: Dimension.SERVER,
}
"""The dimension that holds the keys of each kind; None for status, which is no dimension."""

MAX_LONG_WINDOW = 300
"""Maximum seconds compared for a rule that looks back, or for new subjects, with as many before."""

FamilyOf = Callable[[bytes], bytes | None]
"""Returns the family of a User-Agent header, or None if looking it up would take too long."""


def explained(rule: Rule) -> Rule:
    """Return a rule that counts the hits which explain why `rule` fired.

    For an objective and for a share these are the bad hits. If a rule looks back over days, or
    looks for what is new, the last minutes tell.
    """
    bad = rule.bad if rule.burn is None else rule.burn.bad
    rule = msgspec.structs.replace(rule, where=f"{rule.where} {bad}".strip(), bad="")
    if rule.of_novelty:
        return msgspec.structs.replace(rule, window=min(rule.window, MAX_LONG_WINDOW))
    if not rule.long:
        return rule
    return msgspec.structs.replace(
        rule,
        window=min(rule.window, MAX_LONG_WINDOW),
        when=When.BELOW if rule.direction is Direction.BELOW else When.ABOVE,
        burn=None,
        compare=Compare.VALUE,
    )


class Chosen(msgspec.Struct, frozen=True):
    """Which hits fit a rule's patterns and status, and the subject of each hit."""

    fits: Mask
    names: dict[Subject, int]
    codes: NDArray[np.integer]

    def of(self, subject: Subject) -> Mask:
        """Return which of the fitting hits belong to `subject`."""
        mine: Mask = self.fits & (self.codes == self.names.get(subject, -1))
        return mine


def chosen_of(hits: HitBatch, rule: Rule, fitting: Mask | None = None) -> Chosen | None:
    """Return the hits that the rule counts; None if the log lacks what the rule needs.

    For a share these are the hits with the rule's status, as they make it rise. `fitting` are the
    hits that the rule's filter chooses, if that is known already.
    """
    subjects = subjects_of(hits, rule.scope, rule.by)
    if subjects is None or rule.metric is Metric.UNPARSED_SHARE:
        return None
    counter_key = counter_key_of(rule)
    if fitting is not None:
        counter_key = counter_key._replace(where="")
    fits = chosen_hits(hits, counter_key, subjects) & codes_of(rule.status)[hits.status]
    if fitting is not None:
        fits &= fitting
    return Chosen(fits, {name: code for code, name in enumerate(subjects.names)}, subjects.codes)


def beyond(hits: HitBatch, rule: Rule, threshold: float) -> Mask:
    """Return the hits whose time or size is beyond `threshold`; for other metrics all hits."""
    if rule.metric is Metric.RESPONSE_SIZE:
        return _beyond(hits.sizes, rule, threshold)
    if rule.metric is Metric.RESPONSE_TIME:
        times = hits.measures.get(Measure.RESPONSE_TIME)
        if times is None:
            return np.zeros(len(hits), dtype=np.bool_)
        return _beyond(times, rule, threshold * 1e6) & (times >= 0)
    return np.ones(len(hits), dtype=np.bool_)


def _beyond(values: Ints, rule: Rule, threshold: float) -> Mask:
    return values > threshold if rule.when is When.ABOVE else values < threshold


class Compared(msgspec.Struct, frozen=True):
    """The hits of two windows that matter to an incident, in the order of their seconds.

    The window at the trigger begins at the hit `middle`. `weights` says how much each hit counts.
    `sign` is 1 if a rise is bad, -1 if a fall is. `sampled` tells whether some hits stand for
    others that were not kept.
    """

    hits: HitBatch
    weights: Floats
    middle: int
    sign: int
    sampled: bool

    @property
    def before(self) -> float:
        """The total weight in the window before the trigger's."""
        return float(self.weights[: self.middle].sum())

    @property
    def now(self) -> float:
        """The total weight in the window at the trigger."""
        return float(self.weights[self.middle :].sum())


def movers(compared: Compared, family_of: FamilyOf) -> Iterator[tuple[Kind, tuple[Mover, ...]]]:
    """Yield the keys that rose or fell most: at most `MAX_MOVERS` of each kind in the log."""
    for kind, dimension in KINDS.items():
        column = _statuses(compared.hits) if dimension is None else None
        if dimension is not None:
            column = compared.hits.columns.get(dimension)
        if column is None:
            continue
        found = _counts(column, compared)
        if kind is Kind.USER_AGENT:
            found = _families(found, family_of)
        yield kind, _risen(found, compared)


class _Counts(msgspec.Struct, frozen=True):
    """The weights of each key in both windows, shape (keys,)."""

    keys: Texts
    before: Floats
    now: Floats


def _statuses(hits: HitBatch) -> Column:
    codes, numbers = np.unique(hits.status, return_inverse=True)
    return Column([b"%d" % code for code in codes.tolist()], numbers.astype(np.int32))


def _counts(column: Column, compared: Compared) -> _Counts:
    middle, size = compared.middle, len(column.texts)
    before, now = (
        np.bincount(column.codes[part], compared.weights[part], size).astype(np.float64)
        for part in (slice(0, middle), slice(middle, None))
    )
    met = np.flatnonzero(before + now)
    return _Counts(column.texts.take(met), before[met], now[met])


def _families(agents: _Counts, family_of: FamilyOf) -> _Counts:
    """Return the counts of the loudest agents by family."""
    loudest = np.argsort(-(agents.before + agents.now), kind="stable")[:MAX_AGENTS]
    before: Counter[bytes] = Counter()
    now: Counter[bytes] = Counter()
    for agent, was, is_ in zip(
        agents.keys.take(loudest).tolist(),
        agents.before[loudest].tolist(),
        agents.now[loudest].tolist(),
        strict=True,
    ):
        family = family_of(agent)
        if family is not None:
            before[family] += was
            now[family] += is_
    keys = list(before)
    return _Counts(
        Texts.of(keys),
        np.array([before[key] for key in keys], dtype=np.float64),
        np.array([now[key] for key in keys], dtype=np.float64),
    )


def in_bounds(amount: float) -> int:
    """Round an amount, and cap the huge sums of bytes that only a hostile log can have."""
    return min(round(amount), MAX_SUM)


def _risen(counts: _Counts, compared: Compared) -> tuple[Mover, ...]:
    """Return the keys with the largest part in the rise; without a rise, in the present total."""
    parts = compared.sign * (counts.now - counts.before)
    whole = compared.sign * (compared.now - compared.before)
    if whole <= 0:
        parts, whole = counts.now, compared.now
    rows = np.flatnonzero(parts > 0)
    if len(rows) > MAX_MOVERS:
        least = np.partition(parts[rows], len(rows) - MAX_MOVERS)[len(rows) - MAX_MOVERS]
        rows = rows[parts[rows] >= least]
    keys = counts.keys.take(rows).tolist()
    first = nsmallest(MAX_MOVERS, zip((-parts[rows]).tolist(), keys, rows.tolist(), strict=True))
    return tuple(
        Mover(
            key,
            in_bounds(counts.before[place]),
            in_bounds(counts.now[place]),
            float(parts[place] / whole),
        )
        for _, key, place in first
    )
