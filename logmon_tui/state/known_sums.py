"""KnownSums: the totals of a state file's slices, decoded once. Graphs of days need thousands."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from logmon_tui.history.archive import WIDTHS
from logmon_tui.history.sums import Sums
from logmon_tui.state.history_rows import FoundSums, Place, read_sums

REREAD_SECONDS = 5.0
"""Seconds for which totals of a file that another instance changes are taken for true."""

NEWEST_SLICES = 10
"""Newest slices of such a file that are read anew then; the others, to which only few late hits
are added, every thirtieth time."""

_ALL_ANEW = 30


class KnownSums:
    """Caches what was read; whoever writes rows must call `forget`."""

    def __init__(self) -> None:
        self._found: dict[int, dict[int, Sums]] = {}
        self._read: dict[int, tuple[int, int]] = {}  # the time of which all is read, by width
        self._checked = 0.0
        self._rounds = 0

    def clear(self) -> None:
        """Forget all."""
        self._found.clear()
        self._read.clear()

    def forget(self, places: Iterable[Place]) -> None:
        """Forget the slices at `places`, and those after them."""
        for width in WIDTHS:
            starts = [start for each, start in places if each == width]
            self._cut(width, min(starts, default=None))

    def drop_old(self, width: int, second: int) -> None:
        """Forget the slices of a width that end by `second`: their rows are deleted."""
        found = self._found.get(width, {})
        for each in [each for each in found if each + width <= second]:
            del found[each]

    def _cut(self, width: int, start: int | None) -> None:
        """Forget the slices of a width from `start` on."""
        if start is None or width not in self._read:
            return
        begin, end = self._read[width]
        self._read[width] = begin, max(begin, min(end, start))
        found = self._found[width]
        for each in [each for each in found if each >= start]:
            del found[each]

    def expect_changes(self) -> None:
        """Forget what another instance is likely to have changed since the last time."""
        now = time.monotonic()
        if now - self._checked < REREAD_SECONDS:
            return
        self._checked = now
        self._rounds += 1
        if self._rounds % _ALL_ANEW == 0:
            self.clear()
        for width in list(self._found):
            newest = max(self._found[width], default=None)
            if newest is not None:
                self._cut(width, newest - NEWEST_SLICES * width)

    def between(self, ask: Callable[..., Any], width: int, since: int, until: int) -> FoundSums:
        """Return the totals of the slices that begin from `since` to before `until`, as copies."""
        found = self._found.setdefault(width, {})
        begin, end = self._read.get(width, (since, since))
        if since < begin or since > end:
            found.clear()
            begin = end = since
        damaged = 0
        if until > end:
            read = ask(lambda connection: read_sums(connection, width, end, until))
            if read is None:
                return FoundSums(dict(found), 0)
            damaged = read.damaged
            found.update(read.sums)
            end = until
        self._read[width] = begin, end
        wanted = {start: sums for start, sums in found.items() if since <= start < until}
        return FoundSums(wanted, damaged)
