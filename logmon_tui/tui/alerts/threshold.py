"""How a key moves the threshold. A pure function."""

import math

MIN_THRESHOLD = 0.1
MAX_THRESHOLD = 1e9


def nudged(threshold: float, direction: int) -> float:
    """Return `threshold` a tenth higher (1) or lower (-1), to two significant digits."""
    moved = threshold * (1.1 if direction > 0 else 0.9)
    digits = 1 - math.floor(math.log10(moved))
    return min(MAX_THRESHOLD, max(MIN_THRESHOLD, round(moved, digits)))
