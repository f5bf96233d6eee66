"""What every source of log lines offers, and how it tells its state. No I/O lives here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class SourceState(StrEnum):
    """Where a source stands."""

    WAITING = "waiting"  # the log does not exist yet
    CATCHING_UP = "catching up"  # reading what stood in the log before
    LIVE = "live"  # every byte written so far has been handed over
    ENDED = "ended"  # no more will come (standard input closed, archive read)
    FAILED = "failed"  # cannot be read now; tried again


class Identity(NamedTuple):
    """What stays the same when a file is renamed."""

    device: int
    inode: int


class Place(NamedTuple):
    """How far a file has been read, and what it must hold to be that file.

    `head` and `mark` are digests of the first and of the last bytes before `offset`, 1 KiB at
    most: device numbers change and inodes are used again, what a log holds at both places hardly
    ever is the same. The last `held` bytes before `offset` are a line without its end, not handed
    over yet; `skipping` says that `offset` lies inside a line that is too long.
    """

    offset: int = 0
    head: bytes = b""
    mark: bytes = b""
    held: int = 0
    skipping: bool = False


class FilePosition(NamedTuple):
    """One file of a log, and how far it has been handed over."""

    identity: Identity
    place: Place


class KnownFile(NamedTuple):
    """A file beside the log that is old: it is not to be read.

    `head` is the digest of its first `length` bytes.
    """

    identity: Identity
    length: int
    head: bytes


@dataclass(frozen=True, slots=True)
class LogPosition:
    """All that is needed to go on reading a log in another run, however it rotated meanwhile.

    `opened` are the files being read, oldest first, `given_up` those that were read to their end.
    `target` is the path, without symbolic links, of the file that the log's path named, `written`
    the time of its last change (ns, 0 if unknown), `directory` the one it lies in, and `known` are
    the old files beside it. `left` are targets that links named before, whose files may still be
    open. `last_lines` are the last ones read of the newest file, at most 1 KiB: if somebody edits
    the log, they tell where to go on. The counts are those of `SourceStatus`.
    """

    opened: tuple[FilePosition, ...] = ()
    given_up: tuple[FilePosition, ...] = ()
    known: tuple[KnownFile, ...] = ()
    target: bytes = b""
    written: int = 0
    left: tuple[bytes, ...] = ()
    last_lines: bytes = b""
    directory: Identity | None = None
    rotations: int = 0
    truncations: int = 0
    oversize: int = 0


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source at one moment; immutable, so any thread may keep it.

    `position` and `size` count the bytes of the current file handed over and present.
    `polling` is true where file events do not work and only the poll finds new lines.
    `message` says in one line what is wrong and how to mend it, or is empty.
    `rotations`, `truncations` and `oversize` count what happened since the start.
    """

    name: str
    state: SourceState = SourceState.WAITING
    position: int = 0
    size: int = 0
    polling: bool = False
    message: str = ""
    rotations: int = 0
    truncations: int = 0
    oversize: int = 0


class Source(Protocol):
    """Yields whole lines as chunks of bytes, in order, each once. Used by one thread only.

    `read` never waits: it returns up to a few megabytes of whole lines, each ended by a newline,
    or `b""` when there are none now. `wait` returns early when a hint of new bytes comes.
    Neither raises for what happens to the log: faults are told in `status`.
    """

    def read(self) -> bytes:
        """Return the next whole lines, or `b""`."""

    def preamble(self) -> bytes:
        """Return lines that stand before those that `read` returned first, and are not read.

        They tell how the others are to be read: the header in force, if the log has headers, and
        the last lines before the start.
        """

    def wait(self, seconds: float) -> None:
        """Sleep until a hint of new bytes comes, `seconds` at most."""

    def wake(self) -> None:
        """End a `wait` early; the one method that any thread may call."""

    def status(self) -> SourceStatus:
        """Tell where the source stands."""

    def position(self) -> LogPosition | None:
        """Return where to go on in another run, after what `read` returned so far.

        None where a source cannot be read again, like standard input.
        """

    def close(self) -> None:
        """Give up files and watches; further reads return `b""`."""
