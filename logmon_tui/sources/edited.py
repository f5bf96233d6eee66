"""Finds where to resume a log that was edited, cut or saved anew, so that no line counts twice."""

import os

from logmon_tui.sources.base import Place
from logmon_tui.sources.followed_file import MARK, FollowedFile, digest
from logmon_tui.sources.lines import CHUNK
from logmon_tui.sources.seek import PROBE, Timestamp, first_since

_LATE = 60  # maximum seconds by which a line may be older or newer than those around it


def place_after(
    file: FollowedFile, last_lines: bytes, place: Place, timestamp: Timestamp
) -> int | None:
    """Return the offset at which to resume in `file`, which has replaced an edited log.

    The replaced log was read up to `place`, and `last_lines` were the last lines read. If `file`
    contains them, reading resumes after them. Otherwise, if `file` begins like that log or with
    older lines, reading resumes after the second of the last line read. Returns None if nothing
    shows that `file` holds what was read. Reads at most the part that is not newer than
    `last_lines`; raises OSError.
    """
    if not _differ(last_lines):
        return None
    newest = _newest_second(last_lines, timestamp)
    if newest is None:
        return _end_of(last_lines, file.descriptor, 2 * place.offset + PROBE)
    later = first_since(file.pread, file.size, newest + 1, timestamp)
    end = _end_of(last_lines, file.descriptor, later + PROBE)
    if end is None and _is_edited(file, place, later, newest, timestamp):
        return later
    return end


def is_saved_copy(file: FollowedFile, original: FollowedFile) -> bool:
    """Tell whether `file` holds everything `original` holds, as after an editor saved it anew.

    False if all lines of `original` are alike: another log could hold the same. Raises OSError.
    """
    beginning, place = original.beginning, original.place
    if not place.offset or not _differ(beginning):
        return False
    size = os.fstat(original.descriptor).st_size
    start = size - min(MARK, size)
    end = os.pread(original.descriptor, size - start, start)
    return file.holds(place) and os.pread(file.descriptor, size - start, start) == end


def _differ(text: bytes) -> bool:
    """Tell whether the whole lines are not all the same: identical lines identify no log."""
    return len(set(text[: text.rfind(b"\n") + 1].splitlines())) > 1


def _end_of(lines: bytes, descriptor: int, size: int) -> int | None:
    """Return where `lines` end in the first `size` bytes of an open file; None if not there."""
    start, kept = 0, b"\n"
    while start < size and (block := os.pread(descriptor, CHUNK, start)):
        text = kept + block
        found = text.find(b"\n" + lines)
        if found >= 0:
            return start - len(kept) + found + 1 + len(lines)
        start += len(block)
        kept = text[-len(lines) - 1 :]
    return None


def _newest_second(lines: bytes, timestamp: Timestamp) -> int | None:
    """Return the newest credible second of some lines; None if they have no timestamps."""
    found = map(timestamp, lines.splitlines())
    seconds = sorted(second for second in found if second is not None)
    if not seconds:
        return None
    return max(second for second in seconds if second <= seconds[len(seconds) // 2] + _LATE)


def _is_edited(
    file: FollowedFile, place: Place, later: int, newest: int, timestamp: Timestamp
) -> bool:
    """Tell whether a file holds an edited version of what was read, up to its offset `later`.

    `newest` is the second of the last line read.
    """
    beginning, length = file.beginning, min(MARK, place.offset)
    same = len(beginning) >= length and digest(beginning[:length]) == place.head
    if same and _differ(beginning[:length]):
        return True
    first = timestamp(beginning.split(b"\n", 1)[0])
    older = first is not None and first < newest - _LATE
    return older and later * 2 >= place.offset
