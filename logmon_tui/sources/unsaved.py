"""Finds where to resume after a run that could save nothing: only its start time is known."""

import os
from pathlib import Path

from logmon_tui.sources.base import FilePosition, LogPosition
from logmon_tui.sources.followed_file import FollowedFile
from logmon_tui.sources.listed import file_at
from logmon_tui.sources.seek import Start, Timestamp, first_since, newest_second
from logmon_tui.sources.siblings import Siblings

_NANOSECONDS = 1_000_000_000


class UnknownPlaceError(Exception):
    """It cannot be known how far a log had been written when the run began."""


def position_since(
    log: Path, begun: float, start: Start, timestamp: Timestamp
) -> LogPosition | None:
    """Return where a run that began at `begun` (epoch seconds) would have started to read `log`.

    That place lies in the oldest of the log's files written to since then; newer files, rotated or
    not, are read whole. `start` says how far before its beginning a run reads. Returns None if
    nothing was written since then. Raises OSError, and UnknownPlaceError if the log's times are not
    those of the clock, as when an old log is replayed.
    """
    target = Path(os.path.realpath(log))
    siblings = Siblings(target)
    since = begun * _NANOSECONDS
    current = file_at(target)
    rotated = filter(siblings.is_rotated, siblings.all())
    files = [*(each for each in rotated if each.written >= since), *current]
    if not files or any(each.written < since for each in current):
        return None
    wanted = start.second_for(begun)
    newest = newest_second(target, timestamp)
    if wanted is not None and newest is not None and newest < wanted:
        raise UnknownPlaceError
    file = FollowedFile(files[0].path, 0)
    try:
        if wanted is not None:
            file.go_to(first_since(file.pread, file.size, wanted, timestamp))
        first = FilePosition(file.identity, file.place)
    finally:
        file.close()
    unread = {each.identity for each in files}
    return LogPosition(
        opened=(first,),
        known=tuple(each for each in siblings.known if each.identity not in unread),
        target=os.fsencode(target),
        directory=siblings.directory,
    )
