"""KnownFiles: which files beside a log on another machine were read, or must not be read."""

from collections.abc import Collection

from logmon_tui.sources.followed_file import digest
from logmon_tui.sources.ssh_place import (
    MAX_FILES,
    MAX_KNOWN,
    FileOnRemote,
    KnownOld,
    RemotePlace,
    RemotePlaces,
)
from logmon_tui.sources.ssh_replies import Listed
from logmon_tui.sources.ssh_script import MARK
from logmon_tui.sources.ssh_shell import Listing, RemoteShell


class KnownFiles:
    """The files that were read to their end, and the old ones that were there before.

    An inode alone tells no file, as the system gives it to another one later.
    """

    def __init__(self, places: RemotePlaces) -> None:
        self._ended = list(places.ended)
        self._old = {each.inode: each for each in places.known}

    def places(self, opened: tuple[RemotePlace, ...], *, at_path: bool) -> RemotePlaces:
        """Return these files together with those that are being read."""
        return RemotePlaces(opened, at_path, tuple(self._ended), tuple(self._old.values()))

    def end(self, place: RemotePlace) -> None:
        """Note how far a file was read that is not read on."""
        self._ended = [*self._ended, place][-MAX_FILES:]

    def noted(
        self, shell: RemoteShell, listing: Listing, being_read: Collection[int]
    ) -> "KnownFiles":
        """Return these files with every rotated one that is not being read, and no other, as old.

        Nothing changes here: the connection may be cut in the middle.
        """
        ended = {each.inode for each in self._ended}
        old = tuple(
            self._noted(shell, each)
            for each in listing.rotated[:MAX_KNOWN]
            if each.inode not in being_read and each.inode not in ended
        )
        return KnownFiles(RemotePlaces(ended=tuple(self._ended), known=old))

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
        self._ended = [each for each in self._ended if each.inode != file.inode]

    def _unread(self, shell: RemoteShell, found: Listed, now: float) -> list[FileOnRemote]:
        """Return the file as a list of one if something in it was not read, else an empty one."""
        for place in self._ended:
            if place.inode != found.inode:
                continue
            if (mark := shell.mark(found, place)) is not None:
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
