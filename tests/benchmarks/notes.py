"""Notes of who wrote or showed how many lines when, and what they tell: rates and delays."""

import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path

import msgspec

Notes = list[tuple[float, int]]
"""Monotonic times, and how many lines there were then."""


class Spread(msgspec.Struct, frozen=True):
    """How some times are spread, in seconds."""

    median: float
    p95: float
    most: float
    count: int


def read_notes(path: Path) -> Notes:
    """Read the whole lines of a file of notes."""
    text = path.read_text(encoding="ascii") if path.exists() else ""
    pairs = [line.split() for line in text.split("\n")[:-1]]
    return [(float(moment), int(lines)) for moment, lines in pairs]


def rate_of(writes: Notes) -> float:
    (began, first), (ended, last) = writes[0], writes[-1]
    return (last - first) / (ended - began) if ended > began else 0.0


def lags(writes: Notes, pictures: Notes) -> list[float]:
    """Return, for each picture, the age of the oldest line written before it that it lacks."""
    counts = [lines for _, lines in writes]
    found = []
    for moment, lines in pictures:
        if writes[0][0] <= moment <= writes[-1][0]:
            missing = bisect_right(counts, lines)
            late = moment - writes[missing][0] if missing < len(writes) else 0.0
            found.append(max(0.0, late))
    return found


def delays(writes: Notes, pictures: Notes) -> list[float]:
    """Return, for the last line of each write, how long it took until a picture counted it."""
    counts = [lines for _, lines in pictures]
    places = [(moment, bisect_left(counts, lines)) for moment, lines in writes]
    return [pictures[at][0] - moment for moment, at in places if at < len(pictures)]


def spread(times: Sequence[float]) -> Spread:
    """Return how these times are spread; all zero if there are none."""
    if not times:
        return Spread(0.0, 0.0, 0.0, 0)
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return Spread(statistics.median(ordered), p95, ordered[-1], len(ordered))
