"""Troubles: what a receiver could not take, as one line. Losses are told for good."""

import time
from collections import Counter
from enum import StrEnum

NOTICE_SECONDS = 60.0
"""Seconds for which a trouble that lost no line is told."""


class Trouble(StrEnum):
    """What may go wrong, as it is told after its number; of one, without the `(s)`."""

    FULL = "line(s) lost, as they came faster than they could be read"
    DROPPED = "datagram(s) lost in the system's buffer; raise net.core.rmem_max, or send by TCP"
    CUT = "message(s) cut off by the end of a connection"
    FAILED = "message(s) lost by an error of the program"
    CROWDED = "connection(s) refused, as too many are open"
    UNKNOWN = "request(s) refused, as the token was wrong"
    REFUSED = "request(s) refused; their senders were told why"
    ASKED_TO_WAIT = "request(s) told to come again, as lines came faster than they could be read"


_LOST = {Trouble.FULL, Trouble.DROPPED, Trouble.CUT, Trouble.FAILED}


class Troubles:
    """Counts troubles; one thread notes, another reads."""

    def __init__(self) -> None:
        self._counts: Counter[Trouble] = Counter()
        self._noted: dict[Trouble, float] = {}

    def note(self, trouble: Trouble, count: int = 1) -> None:
        """Count something that went wrong `count` times."""
        if count:
            self._counts[trouble] += count
            self._noted[trouble] = time.monotonic()

    def count(self, trouble: Trouble) -> int:
        """Return how often something went wrong."""
        return self._counts[trouble]

    def message(self) -> str:
        """Return what is wrong in one line, empty if nothing is."""
        since = time.monotonic() - NOTICE_SECONDS
        told = [
            f"{self._counts[each]:,} {each.replace('(s)', 's' if self._counts[each] > 1 else '')}"
            for each in Trouble
            if each in self._noted and (each in _LOST or self._noted[each] >= since)
        ]
        return "; ".join(told)
