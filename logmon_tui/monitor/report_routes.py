"""Sums up the routes of a report from those of its paths.

So each distinct path is matched with routes once, not once per batch.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.routes import Routing
from logmon_tui.metrics.key_sums import KeySums

_ROUTED_AT_ONCE = 5_000
"""Paths whose routes are found at once: more would take more memory, and no less time."""


class RouteSums(msgspec.Struct, frozen=True):
    """The `sums` by route; `names` are the routes, and `of_path` has the number of each path's."""

    sums: KeySums
    names: list[bytes]
    of_path: NDArray[np.intp]


def route_sums(paths: KeySums, routing: Routing) -> RouteSums:
    """Return the sums by route; paths that were not kept count as other."""
    of_path, names = _routes_of(paths.keys.tolist(), routing)
    return RouteSums(paths.grouped(of_path, names), names, of_path)


def _routes_of(paths: Sequence[bytes], routing: Routing) -> tuple[NDArray[np.intp], list[bytes]]:
    """Return the number of each path's route, and the routes in the order of their numbers."""
    numbers: dict[bytes, int] = {}
    codes: list[int] = []
    for start in range(0, len(paths), _ROUTED_AT_ONCE):
        routes = routing.routes_of(paths[start : start + _ROUTED_AT_ONCE])
        codes += [numbers.setdefault(each, len(numbers)) for each in routes]
    return np.array(codes, dtype=np.intp), list(numbers)
