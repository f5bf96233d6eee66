"""Find how often the traffic alert would have fired with another threshold. Pure arithmetic."""

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.limit_state import LimitState, advanced
from logmon_tui.alerts.evaluation.second_counts import SecondCounts
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.metrics.wide_buckets import HORIZON
from logmon_tui.snapshot import WhatIf

Floats = NDArray[np.float64]

WHAT_IF_SECONDS = 30
"""Seconds after a change of the threshold during which its outcome is shown."""


class ThresholdTrial:
    """Works out, once, how often a threshold that a user just set would have fired."""

    def __init__(self) -> None:
        self._moved = False  # since `outcome` was last asked for
        self._outcome: WhatIf | None = None
        self._until = 0.0  # monotonic

    def begin(self) -> None:
        """Note that the threshold was moved."""
        self._moved = True

    def outcome(
        self, now: float, rule: Rule | None, history: SecondCounts, bucket_size: int, end: int
    ) -> WhatIf | None:
        """Return how often `rule` would have fired in `history` up to the second `end`.

        It is computed once, and returned for WHAT_IF_SECONDS; `now` is monotonic.
        """
        if self._moved and rule is not None:
            self._moved, self._until = False, now + WHAT_IF_SECONDS
            self._outcome = what_if(rule, history, bucket_size, end)
        elif now >= self._until:
            self._outcome = None
        return self._outcome


def what_if(rule: Rule, history: SecondCounts, bucket_size: int, end: int) -> WhatIf | None:
    """Return how often `rule`, whose hits `history` counted, would have fired up to `end`.

    That is what a report finds in the same hits, in the last week. A second is judged only if the
    hits of its whole window are known; None if there is no such second. Of a rule with a warning
    too, only critical counts. The end of what still fires is `end`.
    """
    if history.since is None:
        return None
    slots = rule.window // bucket_size
    oldest = -(-history.since // bucket_size) + slots - 1
    if history.begun:  # before the log began there was no traffic
        oldest = history.since // bucket_size
    first = max(oldest, -(-(end - HORIZON + 1) // bucket_size))
    last = (end + 1) // bucket_size - 1
    if last < first:
        return None
    rates = _rates(rule, history, range(first, last + 1), bucket_size)
    times, seconds = _firings(rule, rates, first, bucket_size)
    since, threshold = first * bucket_size, rule.limits[-1].threshold
    return WhatIf(threshold, times, seconds, since, len(rule.limits) > 1)


def _rates(rule: Rule, history: SecondCounts, slots: range, bucket_size: int) -> Floats:
    """Return what the rule measures at the end of each of the slots."""
    window = rule.window // bucket_size
    begin = (slots.start - window + 1) * bucket_size
    hits = history.between(begin, slots.stop * bucket_size - 1)
    # Running sums, so that the hits of a window are the difference of two.
    sums = np.concatenate([[0], np.cumsum(hits.reshape(-1, bucket_size).sum(axis=1))])
    rates: Floats = (sums[window:] - sums[:-window]) / rule.window
    return rates


def _firings(rule: Rule, rates: Floats, first: int, bucket_size: int) -> tuple[int, int]:
    """Return how often the rule fires, and for how many seconds.

    `rates` has one for each slot from `first` on, which is judged at its last second.
    """
    limit = rule.limits[-1]
    # While the rate stays on one side of both thresholds, the state changes only when a delay ends.
    levels = (rates > limit.threshold).astype(np.int8) + (rates > limit.recovery)
    turns = np.flatnonzero(np.diff(levels, prepend=-1))
    values = rates[turns].tolist()
    starts = (turns + first).tolist()
    limit_state, times, slots, began = LimitState(), 0, 0, 0
    end = first + len(rates)
    for value, start, stop in zip(values, starts, [*starts[1:], end], strict=True):
        slot, measured = start, Measurement(value, 0)
        while slot < stop:
            before, second = limit_state, (slot + 1) * bucket_size - 1
            limit_state = advanced(limit_state, rule, limit, measured, second)
            if limit_state.holds and not before.holds:
                times, began = times + 1, slot
            elif before.holds and not limit_state.holds:
                slots += slot - began
            due = limit_state.due(rule)
            at = stop if due is None else -(-(due + 1) // bucket_size) - 1
            slot = max(slot + 1, min(stop, at))
    # It fires at the last second of its slot, and still fires when the last slot is over.
    open_for = (end - 1 - began) * bucket_size + 1 if limit_state.holds else 0
    return times, slots * bucket_size + open_for
