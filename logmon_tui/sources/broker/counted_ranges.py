"""CountedRanges: which bytes of which files of which servers were handed over. Pure.

Chunks may come twice, overlap, and come in another order than they were written. Each byte of a
file is to be handed over once.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

MAX_FILES = 64
"""Maximum files known of a server; the one that was silent longest is forgotten first."""

MAX_SERVERS = 10_000
"""Maximum servers whose files are known; the one that was silent longest is forgotten first."""

MAX_RANGES = 32
"""Maximum ranges known of a file. Beyond that the earliest gap is given up for good."""

DAYS_KEPT = 7
"""Days after which a silent file is forgotten. If all of it were sent again, it would count twice:
so keep no messages longer than that in a stream."""

_DAY = 86_400


class Range(NamedTuple):
    """Bytes of a file from `start` up to `end`, without `end`."""

    start: int
    end: int


class FileRanges(msgspec.Struct, array_like=True):
    """The ranges of one file: sorted, and apart from each other.

    `seen` is when its last chunk reached the broker (epoch seconds). `given_up` bytes of gaps were
    forgotten: they will not be taken any more.
    """

    seen: float = 0.0
    ranges: list[Range] = []
    given_up: int = 0

    @property
    def missing(self) -> int:
        """The bytes between the first range and the last one that never came."""
        pairs = zip(self.ranges, self.ranges[1:], strict=False)
        return self.given_up + sum(later.start - former.end for former, later in pairs)

    def uncounted(self, wanted: Range) -> list[Range]:
        """Return the parts of a range that were not counted, in order."""
        parts = []
        start = wanted.start
        for known in self.ranges:
            if known.end <= start:
                continue
            if known.start >= wanted.end:
                break
            if known.start > start:
                parts.append(Range(start, known.start))
            start = known.end
        if start < wanted.end:
            parts.append(Range(start, wanted.end))
        return parts

    def count(self, counted: Range) -> None:
        """Note that a range, which may touch and overlap others, was counted."""
        if counted.start >= counted.end:
            return
        apart = [each for each in self.ranges if each.end < counted.start]
        after = [each for each in self.ranges if each.start > counted.end]
        joined = self.ranges[len(apart) : len(self.ranges) - len(after)]
        start = min([counted.start, *(each.start for each in joined)])
        end = max([counted.end, *(each.end for each in joined)])
        self.ranges = [*apart, Range(start, end), *after]
        while len(self.ranges) > MAX_RANGES:
            first, second = self.ranges[:2]
            self.given_up += second.start - first.end
            self.ranges[:2] = [Range(first.start, second.end)]


SavedRanges = dict[bytes, dict[bytes, FileRanges]]
"""The ranges of each file of each server."""


class CountedRanges:
    """The ranges of all files by server and file, each named by bytes."""

    def __init__(self, saved: SavedRanges | None = None) -> None:
        by_age = sorted((saved or {}).items(), key=lambda each: _last_seen(each[1]))
        self._servers = OrderedDict(
            (server, OrderedDict(sorted(files.items(), key=lambda each: each[1].seen)))
            for server, files in by_age
        )

    def uncounted(self, server: bytes, file: bytes, wanted: Range) -> list[Range]:
        """Return the parts of a range of a file that were not counted, in order."""
        known = self._servers[server].get(file) if server in self._servers else None
        return [wanted] if known is None else known.uncounted(wanted)

    def count(self, server: bytes, file: bytes, counted: Range, seen: float) -> None:
        """Note that a range was counted; its chunk reached the broker at `seen` (epoch seconds)."""
        files = self._servers.setdefault(server, OrderedDict())
        self._servers.move_to_end(server)
        known = files.setdefault(file, FileRanges())
        files.move_to_end(file)
        known.count(counted)
        known.seen = max(known.seen, seen)
        if len(files) > MAX_FILES:
            files.popitem(last=False)
        if len(self._servers) > MAX_SERVERS:
            self._servers.popitem(last=False)

    def missing(self, server: bytes) -> int:
        """Return the bytes of a server that were left out between chunks that came."""
        return sum(file.missing for file in self._servers.get(server, {}).values())

    def servers(self) -> Iterator[tuple[bytes, float]]:
        """Yield each server that is known, and when its last lines reached the broker (epoch)."""
        for server, files in self._servers.items():
            yield server, _last_seen(files)

    def forget_before(self, seen: float) -> None:
        """Forget files that were silent since `seen` (epoch seconds)."""
        for server, files in list(self._servers.items()):
            while files and next(iter(files.values())).seen < seen:
                files.popitem(last=False)
            if not files:
                del self._servers[server]

    def saved(self) -> SavedRanges:
        """Return what another run needs."""
        return {server: dict(files) for server, files in self._servers.items()}


def _last_seen(files: dict[bytes, FileRanges]) -> float:
    return max((file.seen for file in files.values()), default=0.0)


def oldest_kept(now: float) -> float:
    """Return since when a file must have been heard of to be remembered (epoch seconds)."""
    return now - DAYS_KEPT * _DAY
