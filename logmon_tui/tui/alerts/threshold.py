"""The threshold after a key moved it up or down. Pure."""

import math

MIN_THRESHOLD = 0.1
MAX_THRESHOLD = 1e9
"""Minimum and maximum requests per second that keys can set."""


def nudged(threshold: float, direction: int) -> float:
    """Return `threshold` 10 % higher (1) or lower (-1), rounded to two significant digits."""
    moved = threshold * (1.1 if direction > 0 else 0.9)
    digits = 1 - math.floor(math.log10(moved))
    return min(MAX_THRESHOLD, max(MIN_THRESHOLD, round(moved, digits)))
