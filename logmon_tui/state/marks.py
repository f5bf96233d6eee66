r"""The marks file: a moment and its text a line, as `mark` and `echo >>` write them.

    2026-11-22T08:26:40Z api 4.12

The time is ISO 8601, UTC unless it says otherwise. Empty lines, and those that begin with `#`, are
no marks. Anybody may have written the file, so nothing of it is trusted: it is read whole only up
to `MAX_BYTES`, and what does not fit is told and passed over.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from logmon_tui.alerts.model.mark import LAST_SECOND, MAX_MARKS, MAX_TEXT, Mark
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.config.settings import Settings
from logmon_tui.escape import printable
from logmon_tui.fitting import crop
from logmon_tui.state.files import RefusedError, make_folder, shown
from logmon_tui.state.location import default_state_file

MAX_BYTES = 256 * 1024
"""Bytes at the end of a marks file that are read."""

ENDING = ".marks"
_LIKE = "2026-11-22T08:26:40Z api 4.12"
_PRIVATE = 0o600
_MAX_SHOWN = 60
"""Maximum characters of a line that an error message shows."""


def marks_file(logs: Sequence[str], settings: Settings) -> Path | None:
    """Return the marks file of a watch of `logs`: the one in `settings`, else beside their state.

    None for the demo, whose log is gone with it.
    """
    if settings.marks is not None:
        return Path(settings.marks)
    if settings.demo:
        return None
    state = Path(settings.state) if settings.state is not None else default_state_file(logs)
    return state.with_name(state.name + ENDING)


class ReadMarks(NamedTuple):
    """The marks of a file in the order of time, and one line on what could not be read."""

    marks: tuple[Mark, ...] = ()
    problem: str = ""


def add_mark(file: Path, mark: Mark) -> None:
    """Append a mark to `file`, in one write; create it for its owner alone if it is missing.

    Raises RefusedError for what is no plain file, OSError if it cannot be written.
    """
    if not file.parent.exists():
        make_folder(file.parent)
    _check_kind(file)
    descriptor = _opened(file)
    try:
        found = os.fstat(descriptor)
        _check_plain(found)
        line = f"{iso_time(mark.second)} {mark.text}\n".encode()
        if found.st_size and os.pread(descriptor, 1, found.st_size - 1) != b"\n":
            line = b"\n" + line  # somebody wrote a line without its end
        if os.write(descriptor, line) != len(line):
            raise OSError(0, "it could be written only in part")
    finally:
        os.close(descriptor)


def _opened(file: Path) -> int:
    """Return the descriptor of `file`, to append to it; create it if it is missing."""
    flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(file, flags | os.O_CREAT | os.O_EXCL, _PRIVATE)
    except FileExistsError:
        return os.open(file, flags)
    if os.geteuid() == 0:
        # Root deploys, a user watches: the file is for whoever owns its folder.
        owner = file.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def read_marks(file: Path) -> ReadMarks:
    """Return what is in a marks file. Raises RefusedError and OSError; waits for nothing."""
    _check_kind(file)
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        _check_plain(found)
        left_out = max(0, found.st_size - MAX_BYTES)
        content = os.pread(descriptor, MAX_BYTES, left_out)
    finally:
        os.close(descriptor)
    problems = []
    if left_out:
        content = content.partition(b"\n")[2]
        problems.append(f"only its last {MAX_BYTES // 1024} KiB are read; cut it")
    marks = sorted(_marks_of(content.split(b"\n"), problems), key=lambda mark: mark.second)
    return ReadMarks(tuple(marks[-MAX_MARKS:]), problems[0] if problems else "")


def _marks_of(lines: Sequence[bytes], problems: list[str]) -> Iterator[Mark]:
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        mark = mark_of(text)
        if mark is not None:
            yield mark
        elif not problems:
            found = crop(printable(text[:MAX_TEXT]), _MAX_SHOWN)
            problems.append(f"line {number} is no mark such as {_LIKE}: {found}")


def mark_of(line: bytes) -> Mark | None:
    """Return the mark in a line; None if there is none. Its text is cut to `MAX_TEXT`."""
    time, _, text = line.partition(b" ")
    try:
        found = datetime.fromisoformat(time.decode("ascii"))
        second = int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):  # of bytes that are not ASCII, too
        return None
    text = text.strip()[: 4 * MAX_TEXT]  # a character takes up to 4 bytes
    # A date with a blank after it would put the mark at midnight, and its time into the text.
    if b"T" not in time or not text or not 0 <= second <= LAST_SECOND:
        return None
    return Mark(second, text.decode("utf-8", "backslashreplace")[:MAX_TEXT])


def _check_kind(file: Path) -> None:
    """Raise RefusedError for a symbolic link, and for what opening might wait for."""
    try:
        _check_plain(file.lstat())
    except FileNotFoundError:
        return


def _check_plain(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise RefusedError("is a symbolic link, which is not followed; name the file itself")
    if not stat.S_ISREG(found.st_mode):
        raise RefusedError("is no plain file; name another with --marks")


class MarksReader:
    """Reads a marks file again whenever it has changed. Only one thread may use it.

    Public attributes: `marks`, in the order of time, and `problem`, one line on what is wrong with
    the file; empty if nothing is. What was read stays when the file is damaged or gone.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.marks: tuple[Mark, ...] = ()
        self.problem = ""
        self._seen: tuple[int, ...] | None = None  # what the file was like; None if it fails
        self._was_there = False

    def changed(self) -> bool:
        """Look whether the file has changed, and read it then; tell whether the marks changed."""
        try:
            found = self.file.lstat()
            seen = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode
            if seen == self._seen:
                return False
            read = read_marks(self.file)
        except FileNotFoundError:
            # A file that never was there is no problem: nobody has marked anything yet.
            return self._fail("is gone; what was read of it stays" if self._was_there else "")
        except RefusedError as error:
            return self._fail(str(error))
        except OSError as error:
            return self._fail(f"cannot be read: {error.strerror}")
        self._seen, self._was_there = seen, True
        self.problem = f"{shown(self.file)}: {read.problem}" if read.problem else ""
        before, self.marks = self.marks, read.marks
        return self.marks != before

    def _fail(self, why: str) -> bool:
        self.problem, self._seen = f"{shown(self.file)} {why}" if why else "", None
        return False
