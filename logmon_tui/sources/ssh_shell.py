"""RemoteShell: what can be asked about a log on another machine, and what was answered."""

import os
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from logmon_tui.sources import ssh_script as script
from logmon_tui.sources.followed_file import digest
from logmon_tui.sources.rotated_names import LogNames, is_compressed_name
from logmon_tui.sources.ssh_place import FileOnRemote, RemotePlace
from logmon_tui.sources.ssh_replies import Listed, RemoteFile, listed, told, with_contents
from logmon_tui.sources.ssh_script import FILE_BYTES, LARGE, Span

Ask: TypeAlias = Callable[[bytes, int], bytes]
"""Sends a request, and returns the answer, which has at most so many bytes of contents."""

UNSETTLED = "is replaced all the time"

_LIVE_BYTES = 4 * LARGE
_LISTING_BYTES = 2 * 1024 * 1024
_TRIES = 5


class UnreadableError(Exception):
    """A file that was just listed cannot be read: it was renamed, or there is no permission."""


class Listing(NamedTuple):
    """The log's own file, and the plain files that were rotated from it, newest first."""

    own: Listed
    problem: str
    rotated: tuple[Listed, ...]

    def of(self, inode: int) -> list[Listed]:
        """Return the files of this inode."""
        return [each for each in (self.own, *self.rotated) if inode and each.inode == inode]


class RemoteShell:
    """Asks about the log at `path`. What `ask` raises, and ReplyError, comes out of every method.

    A file is addressed by the `ending` of its path, after what it shares with the log's.
    """

    def __init__(self, ask: Ask, path: str) -> None:
        self._ask = ask
        self._stem, self._ending = os.path.splitext(path)  # noqa: PTH122 - as a string
        self._names = LogNames(os.path.basename(path))  # noqa: PTH119 - as a string
        self._base = os.path.basename(self._stem)  # noqa: PTH119 - as a string

    def look(self) -> RemoteFile:
        """Return the file at the log's path."""
        return told(self._ask(script.poll(0, Span.of(0, 0)), 0).partition(b"\n")[0])

    def poll(self, file: FileOnRemote) -> tuple[RemoteFile, bytes | None]:
        """Return the file at the log's path, and what was appended if it is still `file`.

        None in place of the bytes says that the file does not hold what was read of it.
        """
        behind = file.size - file.offset
        mark = file.mark
        length = len(mark) + (FILE_BYTES if behind > _LIVE_BYTES else _LIVE_BYTES - len(mark))
        span = Span.of(file.offset - len(mark), length)
        answer = self._ask(script.poll(file.inode, span), 2 * FILE_BYTES)
        found, contents = with_contents(answer)
        if found.problem or found.inode != file.inode:
            return found, b""
        contents = contents[span.lead :]
        if not contents.startswith(mark) or (contents == mark and found.size > file.offset):
            return found, None
        return found, contents[len(mark) :]

    def take(self, file: FileOnRemote) -> bytes | None:
        """Return the next bytes of a file that is held open, empty at its end.

        None says that it does not hold what was read of it.
        """
        if file.taken:
            span = Span(LARGE, 0, FILE_BYTES // LARGE, 0)
            return self._ask(script.take(file.descriptor, span), FILE_BYTES)
        mark = file.mark
        span = Span.of(file.offset - len(mark), FILE_BYTES)
        contents = self._ask(script.take(file.descriptor, span), 2 * FILE_BYTES)[span.lead :]
        if not contents.startswith(mark):
            return None
        file.taken = True
        return contents[len(mark) :]

    def hold(self) -> RemoteFile:
        """Open the log's own file, so that it can be read on when it was rotated; return it."""
        return self._held(script.HOLD)

    def hold_old(self, found: Listed, descriptor: int) -> RemoteFile:
        """Open a rotated file for `take`; return it."""
        return self._held(script.hold_old(descriptor, found.ending))

    def _held(self, request: bytes) -> RemoteFile:
        for _ in range(_TRIES):
            before, *after = map(told, self._ask(request, 0).splitlines())
            if before.problem or not after:
                return before
            if after[0].problem or after[0].inode == before.inode:
                return after[0]
        return RemoteFile(problem=UNSETTLED)

    def pass_on(self, descriptor: int) -> None:
        """Move the log's own file, as it was opened, to the descriptor of a rotated one."""
        self._ask(script.pass_on(descriptor), 0)

    def drop(self, descriptor: int) -> None:
        """Close a rotated file."""
        self._ask(script.drop(descriptor), 0)

    def listing(self) -> Listing:
        """Return the files, once two listings in a row agree.

        A file that is renamed during a listing may be missing from it.
        """
        found = self._listed()
        for _ in range(_TRIES):
            before, found = found, self._listed()
            if [each[:2] for each in before.rotated] == [each[:2] for each in found.rotated]:
                break
        return found

    def _listed(self) -> Listing:
        line, _, lines = self._ask(script.LIST, _LISTING_BYTES).partition(b"\n")
        own = told(line)
        rotated = (
            each
            for each in listed(lines, os.fsencode(self._stem))
            if each.inode != own.inode and self._is_rotated(self._base + each.ending)
        )
        return Listing(Listed(self._ending, own.inode, own.size), own.problem, tuple(rotated))

    def _is_rotated(self, name: str) -> bool:
        member = self._names.member(name)
        return member is not None and member.rotated and not is_compressed_name(name)

    def own(self, inode: int) -> Listed:
        """Return the log's own file, of this inode, as if it was listed."""
        return Listed(self._ending, inode, 0)

    def read(self, found: Listed, length: int, offset: int) -> bytes:
        """Return at most `length` bytes of a listed file; empty if another has its name now."""
        span = Span.of(offset, length)
        answer = self._ask(script.part(found.ending, span), span.block * span.blocks)
        file, contents = with_contents(answer)
        if file.problem or file.inode != found.inode:
            return b""
        return contents[span.lead : span.lead + length]

    def mark(self, found: Listed, place: RemotePlace) -> bytes | None:
        """Return what stands before `place` in a file; None if it was not read up to there.

        Raises UnreadableError if that cannot be read.
        """
        if found.size < place.offset:
            return None
        if not place.length:
            return b""
        mark = self.read(found, place.length, place.offset - place.length)
        if not mark:
            raise UnreadableError
        return mark if digest(mark) == place.mark else None
