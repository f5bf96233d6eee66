"""Source: the interface of every source of log lines, and its state and position. Does no I/O."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import msgspec

from logmon_tui.formats.model.origin import Origin
from logmon_tui.sources.identity import FilePosition, Identity, KnownFile, Place

if TYPE_CHECKING:
    from logmon_tui.sources.file_part import FilePart

__all__ = [
    "Chunk",
    "Feed",
    "FilePosition",
    "HasParts",
    "Identity",
    "KnownFile",
    "KnowsServers",
    "LogPosition",
    "Place",
    "ServerStatus",
    "Slice",
    "Slicing",
    "Source",
    "SourceState",
    "SourceStatus",
    "overall_state",
]


class SourceState(StrEnum):
    """What a source is doing."""

    WAITING = "waiting"  # the log does not exist yet
    CATCHING_UP = "catching up"  # reading a backlog: what was in the log before
    LIVE = "live"  # every byte written so far has been handed over
    ENDED = "ended"  # nothing more will come: standard input closed, or archive read
    FAILED = "failed"  # cannot be read now; reading is tried again


class LogPosition(msgspec.Struct, frozen=True):
    """Everything the next run needs to resume a log, however the log rotates meanwhile.

    - `opened`: the files being read, oldest first.
    - `given_up`: files that were read to their end.
    - `known`: the old files beside the log.
    - `target`: the path of the log's file, with symbolic links resolved.
    - `written`: when that file changed last (ns, 0 if unknown).
    - `left`: earlier targets of the log's links; servers may still write to them.
    - `last_lines`: the last lines read of the newest file, at most 1 KiB. They tell where to resume
      if somebody edits the log.
    - `directory`: the directory of the log's file.

    The counts are those of `SourceStatus`. Of a log that is no file of this machine, `feed` is all
    there is: what its source needs, in a form of its own.
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
    feed: bytes = b""


class SourceStatus(msgspec.Struct, frozen=True):
    """The state of a source at one moment; immutable, so any thread may keep it.

    `position` and `size` are bytes of the current file: handed over, and present.
    `polling` is true where file events do not work and only polling finds new lines.
    `message` says in one line what is wrong and how to mend it; empty if nothing is.
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


_PRECEDENCE = (
    SourceState.CATCHING_UP,
    SourceState.FAILED,
    SourceState.LIVE,
    SourceState.WAITING,
    SourceState.ENDED,
)
"""The state of all sources together is the first of these that any of them has."""


def overall_state(sources: Iterable[SourceStatus]) -> SourceState | None:
    """Return the state to show for all sources together, None if there are none."""
    states = {source.state for source in sources}
    return next((state for state in _PRECEDENCE if state in states), None)


class Slice(NamedTuple):
    """Which bytes of which file one read returned: `file` is the id of its contents."""

    file: bytes
    start: int
    end: int


class Slicing(Protocol):
    """Names the files of a log, and decides how many bytes one read returns at most."""

    def new_id(self) -> bytes:
        """Return a name for contents that were found just now; never the same again."""

    def takes(self, file: bytes) -> bool:
        """Tell whether lines of a file may be read now; what is not named yet is b""."""

    def limit(self, file: bytes, start: int, held: int) -> int:
        """Return how many bytes to read of a file at most; 0 ends an unfinished line where it is.

        A line begins at `start`, and its first `held` bytes have been read already.
        """


class Chunk(bytes):
    """Whole lines with the servers that wrote them: what `Source.read` may return instead of bytes.

    `origins` follow each other and together are all lines. Lines of the same `stream` are in one
    format; it is the name of a preset where that is known, else any name.
    """

    origins: tuple[Origin, ...]
    stream: str

    @classmethod
    def of(cls, lines: bytes, origins: Sequence[Origin], stream: str = "") -> "Chunk":
        """Return `lines`, each ended by a newline, with their origins."""
        chunk = cls(lines)
        chunk.origins = tuple(origins)
        chunk.stream = stream
        return chunk


class ServerStatus(msgspec.Struct, frozen=True):
    """What a source has heard of one server.

    `heard` is when it last said anything, `first_heard` when it first did (monotonic seconds).
    `beats` is true if it speaks even without traffic, so that its silence means trouble. `lag` is
    how old its newest lines were when they came (seconds), None if not known. `backlog` are the
    bytes that it has not sent yet. `lost` lines were deleted there before they could be sent;
    `left_out` ones were left out on purpose. `version` is that of its agent. `message` says in one
    line what is wrong there and how to mend it. `ended` is true once it said that it ends.
    """

    server: bytes
    site: bytes = b""
    heard: float | None = None
    first_heard: float | None = None
    beats: bool = False
    lag: float | None = None
    backlog: int = 0
    lost: int = 0
    left_out: int = 0
    version: str = ""
    message: str = ""
    ended: bool = False


class Feed(NamedTuple):
    """What a source knows of the servers whose lines it brings: its name, its state, and these."""

    name: str
    state: SourceState
    servers: Sequence[ServerStatus]


@runtime_checkable
class KnowsServers(Protocol):
    """A source whose lines come from other machines."""

    def servers(self) -> Sequence[ServerStatus]:
        """Return what is known of each server, in any order."""


class Source(Protocol):
    """Returns whole lines as chunks of bytes, in order, each once. Used by one thread only.

    `read` never waits: it returns up to a few megabytes of whole lines, each ended by a newline,
    or `b""` when there are none now. `wait` returns early when new bytes may have come.
    Neither raises when something happens to the log: `status` reports the error.
    """

    def read(self) -> bytes:
        """Return the next whole lines, or `b""`."""

    def preamble(self) -> bytes:
        """Return lines from before the place where reading began; `read` never returns them.

        They help to recognise the format: the header in force, if the log has headers, and the last
        lines before the start.
        """

    def wait(self, seconds: float) -> None:
        """Sleep until new bytes may have come, for at most `seconds`."""

    def wake(self) -> None:
        """End a `wait` early; the only method that any thread may call."""

    def status(self) -> SourceStatus:
        """Return the state of the source now."""

    def position(self) -> LogPosition | None:
        """Return where the next run resumes: after everything `read` has returned so far.

        None for a source that cannot be read again, such as standard input.
        """

    def close(self) -> None:
        """Close files and stop watching; further reads return `b""`."""


@runtime_checkable
class HasParts(Protocol):
    """A source of which others may read a long backlog."""

    def part(self) -> "FilePart | None":
        """Return the next lines, which whoever gets them reads and closes; None if `read` must."""

    def note(self, part: "FilePart") -> None:
        """Note what was found out while a part was read."""
