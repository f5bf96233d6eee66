"""KnownFiles: which files beside a log on another machine were read, or must not be read."""

from collections.abc import Collection

from logmon_tui.sources.followed_file import digest
from logmon_tui.sources.ssh_place import (
    MAX_HIDDEN,
    MAX_KNOWN,
    FileOnRemote,
    KnownOld,
    RemotePlace,
    RemotePlaces,
)
from logmon_tui.sources.ssh_replies import Listed
from logmon_tui.sources.ssh_script import MARK
from logmon_tui.sources.ssh_shell import Listing, RemoteShell, UnreadableError


class KnownFiles:
    """The files that were read to their end, and the old ones that were there before.

    An inode alone tells no file, as the system gives it to another one later.
    """

    def __init__(self, places: RemotePlaces) -> None:
        self._ended = {each.inode: each for each in places.ended}
        self._old = {each.inode: each for each in places.known}

    def places(self, opened: tuple[RemotePlace, ...], *, at_path: bool) -> RemotePlaces:
        """Return these files together with those that are being read."""
        return RemotePlaces(opened, at_path, tuple(self._ended.values()), tuple(self._old.values()))

    def end(self, place: RemotePlace) -> None:
        """Note how far a file was read that is not read on."""
        self._ended.pop(place.inode, None)
        self._ended[place.inode] = place
        if len(self._ended) > MAX_KNOWN:
            del self._ended[next(iter(self._ended))]

    def noted(
        self, shell: RemoteShell, listing: Listing, being_read: Collection[int]
    ) -> "KnownFiles":
        """Return these files with every rotated one that is not being read, and no other, as old.

        What was read and is gone is forgotten, but for the last ones: they may only be hidden.
        Nothing changes here: the connection may be cut in the middle.
        """
        old = tuple(
            self._noted(shell, each)
            for each in listing.rotated[:MAX_KNOWN]
            if each.inode not in being_read and each.inode not in self._ended
        )
        present = {each.inode for each in listing.rotated}
        last = set(list(self._ended)[-MAX_HIDDEN:])
        ended = tuple(
            place for inode, place in self._ended.items() if inode in present or inode in last
        )
        return KnownFiles(RemotePlaces(ended=ended, known=old))

    def _noted(self, shell: RemoteShell, found: Listed) -> KnownOld:
        known = self._old.get(found.inode)
        if known is not None and _is(shell, found, known):
            return known
        head = shell.read(found, MARK, 0)
        return KnownOld(found.inode, len(head), digest(head))

    def new(
        self, shell: RemoteShell, listing: Listing, being_read: Collection[int], now: float
    ) -> list[FileOnRemote]:
        """Return the files that were rotated since the last look, oldest first.

        A file that was read to its end before is among them if it has grown since. Nothing changes
        here; call `read_on` for each that will be read.
        """
        found = []
        for each in reversed(listing.rotated):
            if each.inode not in being_read:
                found += self._unread(shell, each, now)
        return found

    def read_on(self, file: FileOnRemote) -> None:
        """Note that a file is being read; it may be one that was read to its end before."""
        self._ended.pop(file.inode, None)

    def _unread(self, shell: RemoteShell, found: Listed, now: float) -> list[FileOnRemote]:
        """Return the file as a list of one if something in it was not read, else an empty one."""
        if (place := self._ended.get(found.inode)) is not None:
            try:
                mark = shell.mark(found, place)
            except UnreadableError:
                return []  # it was read, and whatever was appended cannot be
            if mark is not None:
                if place.offset == found.size:
                    return []
                file = FileOnRemote.at(place, now)
                file.resume(found.inode, mark)
                file.size = found.size
                return [file]
        known = self._old.get(found.inode)
        if known is not None and _is(shell, found, known):
            return []
        return [FileOnRemote(found.inode, now, found.size)]


def _is(shell: RemoteShell, found: Listed, known: KnownOld) -> bool:
    """Tell by its beginning whether a file is the one that was noted."""
    return digest(shell.read(found, known.length, 0) if known.length else b"") == known.head
