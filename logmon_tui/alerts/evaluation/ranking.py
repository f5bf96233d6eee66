"""Ranking: subjects in the order of ranks that change often. Pure."""

from heapq import heapify, heappop, heappush
from typing import TypeAlias

from logmon_tui.alerts.model.incident import Subject

Rank: TypeAlias = tuple[float, bytes] | tuple[int, int, bytes]
"""What orders subjects. It ends with the subject, so that no two are equal."""

_SLACK = 100
"""Outdated ranks that a ranking may hold beside as many as it has subjects."""


class Ranking:
    """Subjects with a rank each. The one with the least is found in little time, however many.

    It is a heap in which outdated ranks stay until they come first, or are half of all.
    """

    __slots__ = ("_heap", "_ranks")

    def __init__(self) -> None:
        self._ranks: dict[Subject, Rank] = {}
        self._heap: list[tuple[Rank, Subject]] = []

    def __len__(self) -> int:
        return len(self._ranks)

    def __contains__(self, subject: Subject) -> bool:
        return subject in self._ranks

    def put(self, subject: Subject, rank: Rank) -> None:
        """Give a subject its rank, instead of the one that it had."""
        if self._ranks.get(subject) == rank:
            return
        self._ranks[subject] = rank
        if len(self._heap) > 2 * len(self._ranks) + _SLACK:
            self._heap = [(each, ranked) for ranked, each in self._ranks.items()]
            heapify(self._heap)
        else:
            heappush(self._heap, (rank, subject))

    def discard(self, subject: Subject) -> None:
        """Take a subject out, if it is in."""
        self._ranks.pop(subject, None)

    def least(self) -> Rank | None:
        """Return the least rank; None without a subject."""
        while self._heap:
            rank, subject = self._heap[0]
            if self._ranks.get(subject) == rank:
                return rank
            heappop(self._heap)
        return None

    def pop(self) -> Subject:
        """Take out the subject with the least rank, and return it.

        Raises IndexError without a subject.
        """
        self.least()
        _, subject = heappop(self._heap)
        del self._ranks[subject]
        return subject
