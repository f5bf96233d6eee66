"""Crossings: the steps of a window at which the state of a limit may change.

A value between a limit's recovery threshold and its threshold leaves a limit that is on as it is,
and one that is off as well. A noisy value crosses one of them again and again, so these steps are
left out: most of a busy subject's.
"""

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.model.rule import Limit, Rule, When

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int8]

_NOT_BEYOND, _BETWEEN, _BEYOND = 0, 1, 2
"""Where a value lies: beyond how many of a limit's two thresholds."""


def crossings(
    rule: Rule, thresholds: list[float], levels: Numbers, starts: NDArray[np.intp], *, known: bool
) -> Mask:
    """Tell at which steps the state of a limit may change, shape (steps,).

    `levels` has how many of the `thresholds`, ascending, each step is beyond, or a negative number
    for no value. The steps of each subject begin with one of `starts`, which is no crossing.
    Unless the states before are `known`, each crossed threshold counts.
    """
    found = np.zeros(len(levels), dtype=np.bool_)
    for limit in rule.limits:
        zones = _zones(limit, rule.when, thresholds)[levels]
        if known and not rule.unless:  # else the time since when a subject is held back matters
            zones = _without_pauses(zones, starts, rule)
        found[1:] |= zones[1:] != zones[:-1]
    found[starts[:-1]] = False
    return found


def _zones(limit: Limit, when: When, thresholds: list[float]) -> Numbers:
    """Return the zone of each level; negative levels, which index from the end, stay."""
    count = len(thresholds)
    levels = np.append(np.arange(count + 1), np.arange(-2 - count, 0)).astype(np.int8)
    zones = levels.copy()
    zones[: count + 1] = 0
    for threshold in (limit.recovery, limit.threshold):
        place = thresholds.index(threshold)
        least = place + 1 if when is When.ABOVE else count - place
        zones[least : count + 1] += 1
    return zones


def _without_pauses(zones: Numbers, starts: NDArray[np.intp], rule: Rule) -> Numbers:
    """Give steps between both thresholds the zone before, where no delay runs in that zone.

    The state before a subject's first step is not known, nor is one without a value.
    """
    between = zones == _BETWEEN
    between[starts[:-1]] = False
    settled = np.zeros(len(zones), dtype=np.bool_)
    if not rule.keep_firing_for:
        settled |= zones == _NOT_BEYOND
    if not rule.for_:
        settled |= zones == _BEYOND
    settled[starts[:-1]] = False
    before = np.maximum.accumulate(np.where(between, 0, np.arange(len(zones))))
    return np.where(between & settled[before], zones[before], zones)
