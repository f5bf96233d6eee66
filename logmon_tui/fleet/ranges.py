"""Ranges: which bytes of a file have been counted, so that no line counts twice. Pure."""

from bisect import bisect_left
from collections.abc import Sequence

MAX_GAPS = 64
"""Maximum stretches kept of one file; then the oldest gap between them is closed."""


class Ranges:
    """The stretches of one file that were counted, as sorted pairs `(start, end)`.

    Most files have one. A broker that refused a message and took the next one leaves a gap, which
    is filled when the agent sends the refused message again.
    """

    __slots__ = ("_stretches",)

    def __init__(self, stretches: Sequence[tuple[int, int]] = ()) -> None:
        self._stretches = sorted(stretches)

    @property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """The stretches counted so far, in order; what `Ranges` can be made of again."""
        return tuple(self._stretches)

    @property
    def end(self) -> int:
        """The end of the last stretch, 0 without any."""
        return self._stretches[-1][1] if self._stretches else 0

    def add(self, start: int, end: int) -> bool:
        """Note a chunk; return whether it is to be counted, because no byte of it was counted.

        Chunks of a file never overlap in part (`protocol`); one that does is not counted, so that
        its lines count at most once.
        """
        known = self._stretches
        at = bisect_left(known, (start, end))
        after = at < len(known) and known[at][0] < end
        if after or (at and known[at - 1][1] > start):
            return False
        if at < len(known) and known[at][0] == end:
            end = known.pop(at)[1]
        if at and known[at - 1][1] == start:
            at -= 1
            start = known.pop(at)[0]
        known.insert(at, (start, end))
        if len(known) > MAX_GAPS:
            known[:2] = [(known[0][0], known[1][1])]
        return True
