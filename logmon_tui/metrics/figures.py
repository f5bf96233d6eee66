"""Figures: further sums by key that some tallies keep: hits by status class, and response times.

A figure is known by its name: `4xx` counts hits of that class, TIME sums response times.
"""

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.histogram import add_counts, subtract_counts

CLASSES = 10
"""Number of status classes, one for each first digit of a code."""

ERRORS = range(4, 6)
"""The classes of errors: of clients (4xx) and of servers (5xx)."""

CLASSED: Mapping[Dimension, range] = {
    Dimension.SECTION: range(CLASSES),
    Dimension.PATH: ERRORS,
    Dimension.ROUTE: ERRORS,
    Dimension.HOST: ERRORS,
}
"""The dimensions that keep figures: the status classes of each. All of them sum up times."""

TIME = "time"
"""Sum of response times in microseconds."""

MAX_SUM = 2**61
"""Maximum sum in a column: two of them still fit into 64 bits."""

UNCLASSED = "unclassed"
"""Hits of which earlier versions saved no status classes by key; only the part `other` is used."""

UNTIMED = "untimed"
"""Hits whose times by key were not kept; only the part `other` is used."""


def class_name(status_class: int) -> str:
    """Return the name of a status class, such as `4xx`."""
    return f"{status_class}xx"


RANKED = (*map(class_name, ERRORS), TIME)
"""Figures of which the keys with the largest sums are shown and kept, however few their hits."""


def largest(sums: Mapping[bytes, int], count: int | None) -> list[tuple[bytes, int]]:
    """Return the `count` keys with the largest sums and these, ties by key; None returns all."""
    if count is None or not 0 < count < len(sums):
        return sorted(sums.items(), key=_largest_first)[:count]
    # A sum may need more than 64 bits. Rounding keeps the order; ties are told apart below.
    values = np.fromiter(sums.values(), dtype=np.float64, count=len(sums))
    least = np.partition(values, -count)[-count]
    keys = list(sums)
    chosen = [(-sums[keys[at]], keys[at]) for at in np.flatnonzero(values >= least).tolist()]
    chosen.sort()
    return [(key, -negative) for negative, key in chosen[:count]]


def _largest_first(row: tuple[bytes, int]) -> tuple[int, bytes]:
    return -row[1], row[0]


class Figure:
    """Sums by key, without zeros; `other` is the sum over the keys that were not kept.

    Figures add and subtract. A Figure is false if all sums are zero.
    """

    __slots__ = ("by_key", "other")

    def __init__(self, by_key: dict[bytes, int] | None = None, other: int = 0) -> None:
        self.by_key: dict[bytes, int] = {} if by_key is None else by_key
        self.other = other

    def __bool__(self) -> bool:
        """Tell whether any sum is not zero."""
        return bool(self.by_key or self.other)

    def add(self, more: "Figure") -> None:
        """Add another figure's sums."""
        if self.by_key:
            add_counts(self.by_key, more.by_key)
        else:
            self.by_key.update(more.by_key)
        self.other += more.other

    def subtract(self, less: "Figure") -> None:
        """Subtract a figure that was added before."""
        subtract_counts(self.by_key, less.by_key)
        self.other -= less.other

    def of(self, keys: Iterable[bytes]) -> dict[bytes, int]:
        """Return the sums of those of `keys` that have any."""
        by_key = self.by_key
        return {key: by_key[key] for key in keys if key in by_key}

    def limited(self, keys: Collection[bytes]) -> "Figure":
        """Return a figure that keeps only `keys`, and counts the rest as other."""
        kept = {key: each for key, each in self.by_key.items() if key in keys}
        rest = sum(self.by_key.values()) - sum(kept.values())
        return Figure(kept, self.other + rest)

    def fold(self, sums: Mapping[bytes, int]) -> None:
        """Count the part `sums` of the sums by key as other."""
        subtract_counts(self.by_key, sums)
        self.other += sum(sums.values())


Figures = dict[str, Figure]
"""Figures by name; those that are zero are left out."""


def add_figures(figures: Figures, more: Figures) -> None:
    """Add `more` to `figures`."""
    for name, figure in more.items():
        if name not in figures:
            figures[name] = Figure()
        figures[name].add(figure)


def subtract_figures(figures: Figures, less: Figures) -> None:
    """Subtract `less`, which was added before, from `figures`."""
    for name, figure in less.items():
        mine = figures[name]
        mine.subtract(figure)
        if not mine:
            del figures[name]


def limited(figures: Figures, keys: Collection[bytes]) -> Figures:
    """Return `figures` with only `keys` kept by key; their other sums count as other."""
    return {name: figure.limited(keys) for name, figure in figures.items()}
