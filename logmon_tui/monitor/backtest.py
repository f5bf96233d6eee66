"""Find how often the traffic alert would have fired with another threshold. Pure arithmetic."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.limit_state import LimitState, advanced
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.metrics.aggregator import HORIZON, TIERS, MetricsAggregator
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.snapshot import WhatIf

Floats = NDArray[np.float64]

WHAT_IF_SECONDS = 30
"""Seconds after a change of the threshold during which its outcome is shown."""


class ThresholdTrial:
    """Tells for a while what would have been with the threshold that a user just set."""

    def __init__(self) -> None:
        self._moved = False  # since `outcome` was last asked for
        self._outcome: WhatIf | None = None
        self._until = 0.0  # monotonic

    def begin(self) -> None:
        """Note that the threshold was moved."""
        self._moved = True

    def outcome(
        self, now: float, rule: Rule | None, history: MetricsAggregator, end: int
    ) -> WhatIf | None:
        """Return how often `rule` would have fired in `history` up to the second `end`.

        It is computed once, and returned for WHAT_IF_SECONDS; `now` is monotonic. None if the
        rule does not count every hit: the history does not tell which hits count.
        """
        if rule is not None and (rule.paths or rule.status or rule.where):
            return None
        if self._moved and rule is not None:
            self._moved, self._until = False, now + WHAT_IF_SECONDS
            self._outcome = what_if(rule, history.ring, history.tiers, history.bucket_size, end)
        elif now >= self._until:
            self._outcome = None
        return self._outcome


def what_if(
    rule: Rule,
    ring: Mapping[int, MetricsBucket],
    tiers: Sequence[Mapping[int, MetricsBucket]],
    bucket_size: int,
    end: int,
) -> WhatIf | None:
    """Return how often `rule`, a rule of the rate, would have fired in the kept history.

    `ring` maps slots to buckets. Each of `tiers` maps first seconds to wider buckets, whose hits
    count as spread evenly. The history ends at the second `end`. Delays and recovery threshold
    are those of the rule. None if no history is kept.
    """
    starts = [slot * bucket_size for slot in ring]
    starts += [start for buckets in tiers for start in buckets]
    if not starts:
        return None
    since = max(min(starts), end - HORIZON)
    hits = np.zeros(end - since + 1)
    _spread(hits, {slot * bucket_size - since: each for slot, each in ring.items()}, bucket_size)
    for buckets, (_, width) in zip(tiers, TIERS, strict=True):
        _spread(hits, {start - since: each for start, each in buckets.items()}, width)
    # Running sums, so that the hits of a window are the difference of two.
    sums = np.concatenate([np.zeros(rule.window), np.cumsum(hits)])
    times, seconds = _firings(rule, (sums[rule.window :] - sums[: -rule.window]) / rule.window)
    return WhatIf(rule.limits[-1].threshold, times, seconds, since, len(rule.limits) > 1)


def _spread(hits: Floats, buckets: Mapping[int, MetricsBucket], width: int) -> None:
    """Add the hits of buckets to `hits`, which has one place per second.

    `buckets` are `width` seconds wide, keyed by the place of their first second.
    """
    places = np.repeat(np.fromiter(buckets, np.int64, len(buckets)), width)
    places += np.tile(np.arange(width), len(buckets))
    counts = np.repeat([each.hits / width for each in buckets.values()], width)
    known = (places >= 0) & (places < len(hits))
    np.add.at(hits, places[known], counts[known])


def _firings(rule: Rule, rates: Floats) -> tuple[int, int]:
    """Return how often the rule fires, and for how many seconds; `rates` has one per second."""
    limit = rule.limits[-1]
    # While the rate stays on one side of both thresholds, the state changes only when a delay ends.
    levels = (rates > limit.threshold).astype(np.int8) + (rates > limit.recovery)
    starts = np.flatnonzero(np.diff(levels, prepend=-1)).tolist()
    limit_state, times, seconds, began = LimitState(), 0, 0, 0
    for start, stop in zip(starts, [*starts[1:], len(rates)], strict=True):
        second = start
        while second < stop:
            before, measured = limit_state, Measurement(float(rates[start]), 0)
            limit_state = advanced(limit_state, rule, limit, measured, second)
            if limit_state.holds and not before.holds:
                times, began = times + 1, second
            elif before.holds and not limit_state.holds:
                seconds += second - began
            due = limit_state.due(rule)
            second = stop if due is None else max(due, second + 1)
    return times, seconds + (len(rates) - began if limit_state.holds else 0)
