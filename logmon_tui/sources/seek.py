"""Finds where reading begins in an existing log, by reading a few blocks of it.

A log of any size opens at once: the search bisects by timestamps instead of reading the log.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import msgspec

from logmon_tui.sources.lines import LONGEST_LINE

PROBE = 64 * 1024
"""Bytes read at one place of the log."""

_TAIL = 4 * 1024 * 1024  # maximum bytes at the end that are searched for a timestamp
_SAMPLES = 16  # maximum lines of a probe whose timestamps are read
_NEWEST = 5  # last lines whose median is trusted
_RECENT = 10  # last lines whose median the log clock is certain to believe
_AHEAD = 60  # maximum seconds by which a credible line may be ahead of the median

Read: TypeAlias = Callable[[int, int], bytes]
"""Returns at most so many bytes of an open log, from an offset on, as `os.pread` does."""

Timestamp: TypeAlias = Callable[[bytes], int | None]
"""Returns the epoch second of a line (without its newline), or None if it has no timestamp."""


class Start(msgspec.Struct, frozen=True):
    """Where reading begins in a log that exists already.

    `seconds_back` counts from the log's newest line; 0 means its end, None its beginning.
    """

    seconds_back: int | None

    def offset(self, read: Read, size: int, timestamp: Timestamp) -> int:
        """Return where to begin in an open log of `size` bytes: the offset of a line's start."""
        if self.seconds_back is None:
            return 0
        if self.seconds_back == 0:
            return line_start(read, size)
        return find_start(read, size, self.seconds_back, timestamp)

    def second_for(self, begun: float) -> int | None:
        """Return the second from which a run started at `begun` (epoch) read a live log.

        None means the beginning of the log.
        """
        return None if self.seconds_back is None else int(begun) - self.seconds_back


FROM_START = Start(None)
FROM_END = Start(0)


class _Line(msgspec.Struct, frozen=True):
    start: int
    text: bytes


def line_start(read: Read, offset: int) -> int:
    """Return the offset at which the line around `offset` begins.

    Searches back over the longest line allowed. If that holds no newline, the rest of the line
    from the returned offset is still too long, and so it is dropped.
    """
    furthest = max(0, offset - LONGEST_LINE - 1)
    end = offset
    while end > furthest:
        start = max(furthest, end - PROBE)
        newline = read(end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return furthest


def newest_second(path: Path, timestamp: Timestamp) -> int | None:
    """Return a second that the log certainly reaches; None if its end has no timestamp.

    It is the median of the last `_RECENT` lines, so the log clock will believe it.
    """
    return _at_end(path, lambda read, size: _middle(read, size, timestamp))


def last_second(path: Path, timestamp: Timestamp) -> int | None:
    """Return the newest credible second at the end of a file; None if it has no timestamp."""
    return _at_end(path, lambda read, size: _newest(read, size, timestamp, PROBE))


def last_second_of(lines: Sequence[bytes], timestamp: Timestamp) -> int | None:
    """Return the newest credible second of the last `lines`; None if they have no timestamp."""
    seconds = (timestamp(line) for line in reversed(lines))
    return _credible(list(islice((each for each in seconds if each is not None), _NEWEST)))


def _at_end(path: Path, find: Callable[[Read, int], int | None]) -> int | None:
    """Return what `find` finds in an open file of a size; None if it is no readable plain file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        return find(partial(os.pread, descriptor), status.st_size)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _middle(read: Read, size: int, timestamp: Timestamp) -> int | None:
    seconds = sorted(_last_seconds(read, size, timestamp, PROBE, _RECENT))
    return seconds[(len(seconds) - 1) // 2] if seconds else None


def find_start(
    read: Read, size: int, seconds: int, timestamp: Timestamp, probe: int = PROBE
) -> int:
    """Return the start of a line after which all lines of the last `seconds` follow.

    "Last" counts from the newest timestamp at the end of the first `size` bytes. Returns 0 if no
    line at the end has a timestamp, or if all lines are recent. Reads like `first_since`.
    """
    newest = _newest(read, size, timestamp, probe)
    if newest is None:
        return 0
    return first_since(read, size, newest - seconds, timestamp, probe)


def first_since(
    read: Read, size: int, oldest_wanted: int, timestamp: Timestamp, probe: int = PROBE
) -> int:
    """Return the start of a line after which all lines since `oldest_wanted` (epoch) follow.

    Timestamps need only rise roughly: medians decide, so a single late or future line does no harm.
    A stretch without timestamps counts as recent: better to read too much than too little.
    Reads O(log `size`) blocks of `probe` bytes; raises OSError.
    """
    low, high = 0, size
    distance = probe
    while high - low > probe:
        middle = high - distance if low == 0 and distance < high else (low + high) // 2
        distance *= 2
        lines = list(_whole_lines(read, middle, min(middle + probe, size)))
        median = _median(lines[:: len(lines) // _SAMPLES + 1], timestamp)
        if median is not None and median < oldest_wanted:
            low = lines[0].start
        else:
            high = middle
    last_old = low
    for line in _whole_lines(read, low, min(high + 2 * probe, size)):
        second = timestamp(line.text)
        if second is not None and second >= oldest_wanted:
            break
        if second is not None:
            last_old = line.start + len(line.text) + 1
    return last_old


def _newest(read: Read, size: int, timestamp: Timestamp, probe: int) -> int | None:
    """Return the newest credible timestamp of the last few lines; None if they have none."""
    return _credible(_last_seconds(read, size, timestamp, probe, _NEWEST))


def _credible(seconds: list[int]) -> int | None:
    """Return the newest second that is not far ahead of most of these; None if there are none."""
    if not seconds:
        return None
    middle = sorted(seconds)[len(seconds) // 2]
    return max(second for second in seconds if second <= middle + _AHEAD)


def _last_seconds(read: Read, size: int, timestamp: Timestamp, probe: int, count: int) -> list[int]:
    """Return up to `count` of the last timestamps; empty if the tail has none."""
    length = probe
    while True:
        lines = list(_whole_lines(read, max(0, size - length), size))
        seconds: list[int] = []
        for line in reversed(lines):
            second = timestamp(line.text)
            if second is not None:
                seconds.append(second)
            if len(seconds) == count:
                break
        if seconds or length >= min(size, _TAIL):
            return seconds
        length *= 2


def _median(lines: list[_Line], timestamp: Timestamp) -> int | None:
    seconds = sorted(second for line in lines if (second := timestamp(line.text)) is not None)
    return seconds[len(seconds) // 2] if seconds else None


def _whole_lines(read: Read, start: int, end: int) -> Iterator[_Line]:
    """Yield the lines that lie wholly in [start, end)."""
    # The byte before `start` shows whether a line begins there.
    begin = max(0, start - 1)
    block = read(end - begin, begin)
    position = block.find(b"\n") + 1 if start else 0
    if start and not position:
        return
    while (newline := block.find(b"\n", position)) >= 0:
        yield _Line(begin + position, block[position:newline])
        position = newline + 1
