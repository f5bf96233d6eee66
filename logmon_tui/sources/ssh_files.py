"""RemoteFiles: which files of a log on another machine are being read, and where they are now.

After a cut the files are searched for: by inode and by the bytes before the place that was reached,
then by these bytes alone, as in the copy that copytruncate leaves. Files that came to be rotated
meanwhile are read whole, in their order.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from logmon_tui.escape import printable
from logmon_tui.sources.preamble import lines_before
from logmon_tui.sources.seek import Start, Timestamp
from logmon_tui.sources.ssh_known import KnownFiles
from logmon_tui.sources.ssh_place import FileOnRemote, RemotePlaces
from logmon_tui.sources.ssh_replies import Listed, RemoteFile, is_missing
from logmon_tui.sources.ssh_script import MARK, OWN
from logmon_tui.sources.ssh_shell import Listing, RemoteShell, UnreadableError

NO_PERMISSION = "Permission denied"
_TRIES = 10


class RemoteFiles:
    """The files of one log.

    - `old`: the rotated files that are being read, oldest first.
    - `current`: the log's own file, None if there is none.
    - `found`: whether this connection has found them all; `find` does that.
    - `begun`: whether it is known where reading begins.
    - `goal`: how many bytes `current` had when it was found.
    - `problem`: why nothing can be read, in one line; empty if it can.
    - `lost_at`: when a file was lost before it was read to its end (monotonic seconds).
    - `preamble`: the header and the last lines from before the place where reading began.

    What the shell raises comes out of every method that asks it; nothing is then half done.
    """

    def __init__(
        self,
        places: RemotePlaces | None,
        start: Start,
        timestamp: Timestamp,
        clock: Callable[[], float],
    ) -> None:
        self._start = start
        self._timestamp = timestamp
        self._clock = clock
        self._known = KnownFiles(places or RemotePlaces())
        self.old: list[FileOnRemote] = []
        self.current: FileOnRemote | None = None
        if places is not None:
            self.old = [FileOnRemote.at(each, clock()) for each in places.opened]
            self.current = self.old.pop() if places.at_path else None
        self.begun = places is not None
        self.found = False
        self.goal = 0
        self.problem = ""
        self.lost_at: float | None = None
        self.preamble = b""
        self.rotations = 0
        self.truncations = 0
        self._denied = 0  # how often a file could not be read when it was searched for
        self._oversize = 0  # of files that are not read any more

    @property
    def all(self) -> list[FileOnRemote]:
        """The files that are being read, oldest first."""
        return [*self.old, *([self.current] if self.current is not None else [])]

    @property
    def _inodes(self) -> set[int]:
        return {each.inode for each in self.all}

    @property
    def places(self) -> RemotePlaces:
        """Where another connection, or another run, goes on."""
        opened = tuple(each.place for each in self.all)
        return self._known.places(opened, at_path=self.current is not None)

    @property
    def oversize(self) -> int:
        """How many lines were dropped for their length."""
        return self._oversize + sum(each.splitter.oversize for each in self.all)

    def connect(self, shell: RemoteShell) -> None:
        """Go on through a new connection."""
        self._shell = shell
        self.found = False

    def find(self) -> None:
        """Find the place where to read. If a file cannot be read now, `problem` tells it."""
        try:
            listing, held = self.settled()
            if held.problem and not is_missing(held):
                self.cannot(held.problem)
            elif self.begun:
                self._find_again(listing, held)
            else:
                self._begin(listing, held)
        except UnreadableError:
            self._denied += 1
            self.cannot(NO_PERMISSION)

    def cannot(self, problem: str) -> None:
        """Note that nothing can be read, and why."""
        mend = "; let the user of ssh read it" if problem == NO_PERMISSION else ""
        self.problem = f"cannot be read: {printable(problem)}{mend}; trying again"

    def settled(self) -> tuple[Listing, RemoteFile]:
        """Return a listing, and the log's own file in it, which is now held open there."""
        for _ in range(_TRIES):
            listing = self._shell.listing()
            if listing.problem:
                return listing, RemoteFile(problem=listing.problem)
            held = self._shell.hold()
            if held.problem or held.inode == listing.own.inode:
                return listing, held
        raise UnreadableError

    def _begin(self, listing: Listing, held: RemoteFile) -> None:
        """Begin to read the log: near its end, if it is there."""
        known = self._known.noted(self._shell, listing, ())
        if not held.problem:
            read = partial(self._shell.read, listing.own)
            offset = self._start.offset(read, held.size, self._timestamp)
            length = min(offset, MARK)
            mark = read(length, offset - length) if length else b""
            self.preamble = lines_before(read, offset) if offset else b""
            if len(mark) < length:
                raise UnreadableError  # it was renamed meanwhile
            self._adopt(held).go_to(offset, mark)
        self._known = known
        self.begun = self.found = True
        self.problem = ""

    def _adopt(self, held: RemoteFile) -> FileOnRemote:
        """Read the log's own file from its beginning; it is held open."""
        self.current = FileOnRemote(held.inode, self._clock(), held.size)
        self.current.descriptor = OWN
        self.goal = held.size
        self.problem = ""
        return self.current

    def _find_again(self, listing: Listing, held: RemoteFile) -> None:
        """Find the files that were being read, and those that came after them."""
        places = self._all_searched(listing)
        former, self.current, self.old = self.current, None, []
        former_inode = former.inode if former is not None else 0
        for file, found, mark in places:
            if found is None:
                self._miss(file, certain=file is not former and file.offset == file.size)
                continue
            file.resume(found.inode, mark)
            file.size = max(found.size, file.offset)
            if found is listing.own:
                self.current, file.descriptor, self.goal = file, OWN, file.size
            else:
                self.old.append(file)
        if former is not None:
            self.rotations += listing.own.inode != former_inode
            self.truncations += listing.own.inode == former_inode and self.current is not former
        if self.current is None:
            self.move_on(listing, held)
        elif not self.current.mark:
            # Nothing tells that it is the same file, so others may have come before it.
            self._read_new(listing)
        else:
            self._known = self._known.noted(self._shell, listing, self._inodes)
        self.found = True
        self.problem = ""
        self._denied = 0

    def _miss(self, file: FileOnRemote, *, certain: bool) -> None:
        """Note that a file was not found; it is `certain` or not that all of it was read."""
        if certain:
            self.end(file)
        else:
            self.lose(file)

    def _all_searched(self, listing: Listing) -> list[tuple[FileOnRemote, Listed | None, bytes]]:
        """Return where each file is now, or None, and what stands there before its place.

        Of a file of which nothing was read, only the inode is known. If that is the inode of a file
        that was recognised, or of the one at the path, it was used again and the file is left out.
        """
        places = [(file, *self.searched(file, listing)) for file in self.all]
        recognised = {found.inode for _, found, mark in places if found is not None and mark}
        return [
            (file, found, mark)
            for file, found, mark in places
            if found is None
            or mark
            or not (
                found.inode in recognised or (found is listing.own and file is not self.current)
            )
        ]

    def searched(self, file: FileOnRemote, listing: Listing) -> tuple[Listed | None, bytes]:
        """Return the file that was read up to the place of `file`, and what stands before it."""
        place = file.place
        same = listing.of(file.inode)
        others = [each for each in (listing.own, *listing.rotated) if each not in same]
        # A rotated file that nobody lets read must not hold back the log for good.
        forgiven = (UnreadableError,) if self._denied >= _TRIES and file in self.old else ()
        for each in same:
            with suppress(*forgiven):
                if (mark := self._shell.mark(each, place)) is not None:
                    return each, mark
        for each in others if place.length else ():
            with suppress(UnreadableError):  # it need not concern this log at all
                if each.inode and (mark := self._shell.mark(each, place)) is not None:
                    return each, mark
        return None, b""

    def move_on(self, listing: Listing, held: RemoteFile) -> None:
        """Read what was rotated meanwhile, and then the file that is at the path now."""
        self._read_new(listing)
        if held.problem and not is_missing(held):
            self.cannot(held.problem)
        elif not held.problem:
            self._adopt(held)

    def _read_new(self, listing: Listing) -> None:
        """Read the files that were rotated since the last look."""
        new = self._known.new(self._shell, listing, self._inodes, self._clock())
        being_read = self._inodes | {each.inode for each in new}
        self._known = self._known.noted(self._shell, listing, being_read)
        self.old += new
        for each in new:
            self._known.read_on(each)

    def lose(self, file: FileOnRemote) -> None:
        """Note that a file is gone before it was read to its end."""
        self.lost_at = self._clock()
        self.end(file)

    def end(self, file: FileOnRemote) -> None:
        """Note that a file is not read any further."""
        self._known.end(file.place)
        self.forget(file)

    def forget(self, file: FileOnRemote) -> None:
        """Note that what was read of a file is nowhere any more."""
        self._oversize += file.splitter.oversize
