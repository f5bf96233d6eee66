"""How far the files of a log on another machine were read; its form in the saved state. Pure."""

from typing import Annotated

import msgspec

from logmon_tui.sources.followed_file import digest
from logmon_tui.sources.lines import LONGEST_LINE, LineSplitter
from logmon_tui.sources.ssh_script import MARK

MAX_HIDDEN = 16
"""Maximum files that were read to their end and are gone, which are remembered."""

MAX_KNOWN = 400
"""Maximum files beside the log that are remembered."""

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Digest = Annotated[bytes, msgspec.Meta(max_length=16)]


class RemotePlace(msgspec.Struct, frozen=True, array_like=True):
    """How far a file was read, and how to recognise it.

    `mark` is the digest of the `length` bytes before `offset`. The last `held` of them are an
    unfinished line, not handed over yet; `skipping` says that `offset` lies inside a line that is
    too long.
    """

    inode: _Count
    offset: _Count = 0
    length: Annotated[int, msgspec.Meta(ge=0, le=MARK)] = 0
    mark: _Digest = b""
    held: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_LINE)] = 0
    skipping: bool = False


class KnownOld(msgspec.Struct, frozen=True, array_like=True):
    """An old file beside the log, which must not be read.

    `head` is the digest of its first `length` bytes.
    """

    inode: _Count
    length: Annotated[int, msgspec.Meta(ge=0, le=MARK)]
    head: _Digest


class RemotePlaces(msgspec.Struct, frozen=True, array_like=True):
    """Everything by which another connection, or another run, goes on.

    `opened` are the files that are being read, oldest first; with `at_path`, the last one is the
    log's own. `ended` were read to their end. `known` are older.
    """

    opened: Annotated[tuple[RemotePlace, ...], msgspec.Meta(max_length=MAX_KNOWN)] = ()
    at_path: bool = False
    ended: Annotated[tuple[RemotePlace, ...], msgspec.Meta(max_length=MAX_KNOWN)] = ()
    known: Annotated[tuple[KnownOld, ...], msgspec.Meta(max_length=MAX_KNOWN)] = ()

    def packed(self) -> bytes:
        """Return the form in the saved state."""
        return msgspec.msgpack.encode(self)


def unpacked(feed: bytes) -> RemotePlaces | None:
    """Return the places in a saved state; None if these bytes cannot be what was saved."""
    try:
        places = msgspec.msgpack.decode(feed, type=RemotePlaces)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    fit = all(each.length <= each.offset and each.held <= each.offset for each in places.opened)
    return places if fit and (places.opened or not places.at_path) else None


class FileOnRemote:
    """One file of a log, how far it was read, and its unfinished line.

    `size` is what is known of its bytes. It `grew_at` a monotonic time. `descriptor` is where it is
    held open, 0 if it is not; `taken` says that the descriptor stands at `offset`.
    """

    def __init__(self, inode: int, now: float, size: int) -> None:
        self.inode = inode
        self.offset = 0
        self.size = size
        self.grew_at = now
        self.descriptor = 0
        self.taken = False
        self.mark = b""  # the last bytes before `offset`
        self.splitter = LineSplitter()
        self._saved: RemotePlace | None = None

    @classmethod
    def at(cls, place: RemotePlace, now: float) -> "FileOnRemote":
        """Return the file of a saved place; it must be found by `place`, and `resume` there."""
        file = cls(place.inode, now, place.offset)
        file.offset = place.offset
        file._saved = place
        return file

    @property
    def place(self) -> RemotePlace:
        """How far it was read."""
        if self._saved is not None:
            return self._saved
        held, skipping = self.splitter.held, self.splitter.skipping
        mark = digest(self.mark)
        return RemotePlace(self.inode, self.offset, len(self.mark), mark, held, skipping)

    @property
    def position(self) -> int:
        """How many bytes were handed over, or dropped."""
        return self.offset - self.splitter.held

    def resume(self, inode: int, mark: bytes) -> None:
        """Go on in the file `inode`, in which `mark` stands before the place."""
        self.inode = inode
        self.descriptor, self.taken = 0, False
        place, self._saved = self._saved, None
        if place is None:
            return  # the unfinished line is still there
        self.offset = place.offset - place.held
        self.mark = mark[: len(mark) - place.held] if place.held < len(mark) else b""
        if place.skipping:
            self.splitter.skip_line()

    def go_to(self, offset: int, mark: bytes) -> None:
        """Begin at the start of a line instead of at 0; `mark` is what stands before it."""
        self.offset, self.mark = offset, mark[-MARK:]

    def begin_anew(self) -> None:
        """Begin at 0: what was read is gone."""
        self.offset, self.mark, self._saved = 0, b"", None
        self.descriptor, self.taken = 0, False
        self.splitter.reset()

    def accept(self, block: bytes, now: float) -> bytes:
        """Take the next bytes; return the lines that they complete."""
        if not block:
            return b""
        self.offset += len(block)
        self.size = max(self.size, self.offset)
        self.grew_at = now
        self.mark = (self.mark + block[-MARK:])[-MARK:]
        return self.splitter.feed(block)
