"""When a rule's verdict can change, told for many slots at once."""

import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.log_window import Steps


def turns(
    steps: Steps, levels: NDArray[np.int8], values: NDArray[np.float64], calm: int = 0
) -> NDArray[np.int64]:
    """Return the slots at which judging is enough, given the level and value of each step.

    A level tells how many of a rule's threshold and recovery threshold are exceeded: 0, 1 or 2.
    Those slots are where the level of a subject changes, in between where its value is largest,
    and `calm` slots behind where a subject ceases to exceed anything. In all other slots a rule
    would say the same and no peak would grow.
    """
    if not len(levels):
        return steps.slots
    first = np.ones(len(levels), dtype=np.bool_)
    first[1:] = (levels[1:] != levels[:-1]) | (steps.subjects[1:] != steps.subjects[:-1])
    starts = np.flatnonzero(first)
    stops = np.append(starts[1:], len(levels))
    peaks = [
        start + int(values[start:stop].argmax())
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)
        if levels[start]
    ]
    found: NDArray[np.int64] = steps.slots[[*starts.tolist(), *peaks]]
    if not calm:
        return found
    return np.concatenate([found, steps.slots[starts[levels[starts] == 0]] + calm])
