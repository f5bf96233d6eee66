"""Series: what a rule measures of the whole traffic in each of some seconds. Values only."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.rule import Limit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Series(NamedTuple):
    """Values, NaN for none, and the hits that each is based on, both of shape (seconds,).

    `basis` says in words what the value at a place is made of.
    """

    values: Floats
    hits: Ints
    basis: Callable[[int], str]

    def at(self, place: int) -> Measurement:
        """Return the measurement at a place."""
        value = float(self.values[place])
        known = None if np.isnan(value) else value
        return Measurement(known, int(self.hits[place]), basis=self.basis(place))

    def turns(self, limits: tuple[Limit, ...]) -> list[int]:
        """Return the first place, and those at which the value crosses a threshold or is lost."""
        levels = np.isnan(self.values).astype(np.int8)
        for limit in limits:
            levels = 4 * levels + (self.values > limit.threshold) + (self.values > limit.recovery)
        return [0, *(np.flatnonzero(np.diff(levels)) + 1).tolist()]

    def worst(self, begin: int, end: int) -> int:
        """Return the first place of the largest value from `begin` on, before `end`."""
        values = self.values[begin:end]
        return begin + int(np.argmax(np.where(np.isnan(values), -np.inf, values)))
