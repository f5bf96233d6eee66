"""When a rule's verdict can change, told for many slots at once."""

import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.log_window import Steps


def turns(
    steps: Steps, breach: NDArray[np.bool_], values: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the slots at which judging is enough, given the verdict and value of each step.

    Those are where a subject comes to breach the rule or ceases to, and in between where its
    value is largest. In all other slots a rule would say the same and no peak would grow.
    """
    if not len(breach):
        return steps.slots
    first = np.ones(len(breach), dtype=np.bool_)
    first[1:] = (breach[1:] != breach[:-1]) | (steps.subjects[1:] != steps.subjects[:-1])
    starts = np.flatnonzero(first)
    stops = np.append(starts[1:], len(breach))
    peaks = [
        start + int(values[start:stop].argmax())
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)
        if breach[start]
    ]
    found: NDArray[np.int64] = steps.slots[[*starts.tolist(), *peaks]]
    return found
