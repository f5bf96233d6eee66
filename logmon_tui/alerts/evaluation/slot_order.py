"""SlotOrder: the slots that have hits, in ascending order."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator


class SlotOrder:
    """A set of slots that knows which one comes next."""

    def __init__(self) -> None:
        self._slots: set[int] = set()
        self._order: list[int] = []  # the same slots, ascending

    def __contains__(self, slot: int) -> bool:
        return slot in self._slots

    def __iter__(self) -> Iterator[int]:
        return iter(self._order)

    def add(self, slot: int) -> None:
        """Add a slot, unless it is there already."""
        if slot not in self._slots:
            self._slots.add(slot)
            insort(self._order, slot)

    def discard(self, slot: int) -> None:
        """Remove a slot if it is there."""
        if slot in self._slots:
            self._slots.remove(slot)
            del self._order[bisect_left(self._order, slot)]

    def discard_before(self, slot: int) -> None:
        """Remove all slots before this one."""
        gone = self._order[: bisect_left(self._order, slot)]
        del self._order[: len(gone)]
        self._slots.difference_update(gone)

    def next_after(self, slot: int) -> int | None:
        """Return the first slot after this one, None if there is none."""
        place = bisect_right(self._order, slot)
        return self._order[place] if place < len(self._order) else None
