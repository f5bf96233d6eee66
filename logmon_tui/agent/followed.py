"""FollowedLog: reads one log in batches of chunks, ready to be sent, and knows what was sent."""

import time
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from logmon_tui.agent.altered import Alteration
from logmon_tui.agent.recognised import Recognised
from logmon_tui.agent.saved import Planned, Progress, SavedProgress
from logmon_tui.agent.slicing import PlannedSlicing
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.fleet.protocol import MAX_LOG, MAX_TEXT, Lines
from logmon_tui.formats.detection import timestamp_reader
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.sources.base import LogPosition, SourceState
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import Start

MAX_CHUNKS = 32
"""Maximum chunks of one batch, and so of those that are on their way at once: 2 MB of log."""

HELD = 10**9
"""Maximum unsent bytes of deleted files that are kept: the disk has no room for them until then."""

_USUAL_LINE = 200
"""Bytes of a line, for an estimate where no line was sent yet."""


@dataclass(frozen=True, slots=True)
class Host:
    """Whose lines are sent: names of the host and its site."""

    name: str
    site: str = ""


class Read(NamedTuple):
    """A chunk that was read: what to send, how many lines and bytes of the log it is."""

    planned: Planned
    message: Lines
    lines: int
    size: int


@dataclass(slots=True)
class _Batch:
    """The chunks on their way. `base` is the place before them; None before the first batch."""

    base: LogPosition | None = None
    header: bytes = b""
    chunks: list[Read] = field(default_factory=list)


class FollowedLog:
    """A log, and how far it was sent.

    Call `read`, `save`, and `sent` once the broker has all chunks; then `read` again. `alteration`
    changes lines and leaves some out. `start` is where a log begins that was never followed.
    Raises UsageError if the state cannot be used.
    """

    def __init__(  # noqa: PLR0913 - one for each choice
        self,
        log: str,
        host: Host,
        folder: Path,
        *,
        formats: FormatSelector,
        alteration: Alteration,
        start: Start,
    ) -> None:
        self.log = log
        self._dropped = 0  # lines too long for a message, which count as lost
        self._host = host
        self._saving = SavedProgress(folder, log)
        try:
            progress = self._saving.load()
        except UsageError:
            self._saving.close()
            raise
        self.progress = progress or Progress(log=log.encode(errors="surrogateescape"))
        self._slicing = PlannedSlicing(self.progress.planned)
        self._alteration = alteration
        self._recognised = Recognised(formats.of(log), formats.known, self.progress.header)
        self._observer = FileObserver(
            Path(log),
            start=start,
            timestamp=timestamp_reader(formats.candidates(log)),
            position=self.progress.position,
            events=False,
            slicing=self._slicing,
        )
        self._batch = _Batch()
        self._lost_seen = 0
        self._saved: Progress | None = progress
        self._caught_up = self._read_at = self.progress.caught_up
        self._complete = False

    @property
    def newest(self) -> float | None:
        """The time of the newest line read (epoch seconds), if it is known."""
        return self._recognised.newest

    @property
    def chunks(self) -> Sequence[Read]:
        """The chunks on their way."""
        return self._batch.chunks

    @property
    def backlog(self) -> int:
        """The bytes written that the broker does not have yet."""
        return self._observer.backlog + sum(chunk.size for chunk in self._batch.chunks)

    @property
    def waiting_since(self) -> float | None:
        """When everything had been sent last, None if everything is (epoch seconds)."""
        if self._complete and not self._batch.chunks:
            return None  # but perhaps for a line that has no end yet
        return self._caught_up or time.time()

    @property
    def state(self) -> SourceState:
        """What the log is doing."""
        return self._observer.status().state

    @property
    def is_gone(self) -> bool:
        """Whether no file of the log is left, and all of it was sent."""
        return not self._batch.chunks and self.state is SourceState.WAITING

    @property
    def problem(self) -> str:
        """What is wrong with the log, in one line; empty if nothing is."""
        message = self._saving.note or self._observer.status().message
        return f"{printable(self.log)}: {message}" if message else ""

    @property
    def note(self) -> str:
        """What the user may have meant otherwise, in one line; empty if nothing."""
        note = self._alteration.note(self._recognised.format)
        return f"{printable(self.log)}: {note}" if note else ""

    def look(self) -> None:
        """Notice rotations, and what was deleted, while nothing can be sent."""
        self._observer.look(HELD)
        self._count_lost()

    def save_what_waits(self) -> None:
        """Save how much waits in which files, while nothing can be sent. Raises OSError.

        So another run can tell how much of it was deleted meanwhile.
        """
        now, base = self._observer.position(), self._batch.base
        if now is None or base is None:
            return
        seen = {file.place.id: file for file in now.opened}
        known = {file.place.id for file in base.opened}
        opened = [
            file._replace(place=file.place._replace(size=seen[file.place.id].place.size))
            if file.place.id in seen
            else file
            for file in base.opened
        ]
        opened += [file for name, file in seen.items() if name not in known]
        self._batch.base = replace(base, opened=tuple(opened))
        self.save()

    def read(self, room: int = MAX_CHUNKS) -> bool:
        """Read the next batch, of `room` chunks at most, unless one is on its way.

        Returns whether there is any chunk now.
        """
        if self._batch.chunks:
            return True
        self._observer.look(HELD)
        base = self._observer.position()
        self._count_lost()
        if base is None:
            return False
        self._batch.base, self._batch.header = base, self._recognised.header
        self._slicing.begin(base)
        read_at = time.time()
        more = True
        while more and len(self._batch.chunks) < room:
            lines = self._observer.read()
            if lines:
                self._add(lines)
            more = bool(lines) or self._observer.moved
        self._complete = not more and not self._slicing.skipped
        self._read_at = read_at
        if self._complete and not self._batch.chunks:
            self._caught_up = read_at
        return bool(self._batch.chunks)

    def _add(self, lines: bytes) -> None:
        chunk = self._slicing.chunk(self._observer.last, lines, self._rename)
        known = self._recognised
        known.begin(self._observer.preamble())  # known since the first read
        before = known.format
        header = known.examine(lines)
        altered, left_out = self._alteration.apply(lines, before or known.format, chunk.start)
        if (
            header and altered and not altered.startswith(b"#")
        ):  # whoever begins here must know the fields
            altered = header + altered
        count = lines.count(b"\n")
        if len(altered) > MAX_TEXT:
            self._dropped += count
            altered, left_out, count = b"", 0, 0
        message = Lines(
            host=self._host.name,
            site=self._host.site,
            file=chunk.file.decode(),
            start=chunk.start,
            end=chunk.end,
            lines=altered,
            format=known.name,
            log=printable(self.log)[:MAX_LOG],
            left_out=min(left_out, chunk.end - chunk.start),
        )
        size = chunk.end - chunk.start
        self._batch.chunks.append(Read(chunk, message, count, size))

    def _rename(self, file: bytes, name: bytes) -> None:
        """Give the contents of a file another id, also in the place before the batch."""
        self._observer.rename(file, name)
        if self._batch.base is not None:
            opened = tuple(
                each._replace(place=each.place._replace(id=name)) if each.place.id == file else each
                for each in self._batch.base.opened
            )
            self._batch.base = replace(self._batch.base, opened=opened)

    def _count_lost(self) -> None:
        """Add what was deleted unread; its lines are estimated by the length of others."""
        lost, self._lost_seen = self._observer.lost - self._lost_seen, self._observer.lost
        if not lost:
            return
        was = self.progress
        usual = was.sent_bytes / was.sent if was.sent else _USUAL_LINE
        self.progress = msgspec.structs.replace(
            was, lost=was.lost + max(1, round(lost / usual)), lost_bytes=was.lost_bytes + lost
        )

    def save(self) -> None:
        """Save where the next run goes on, unless that is saved already. Raises OSError."""
        planned = {each.planned: None for each in self._batch.chunks}
        planned |= dict.fromkeys(self._slicing.planned)
        self.progress = msgspec.structs.replace(
            self.progress,
            position=self._batch.base,
            planned=tuple(planned),
            header=self._batch.header,
        )
        if self.progress != self._saved:
            caught_up = self._caught_up  # which alone is no reason to write
            self._saving.save(msgspec.structs.replace(self.progress, caught_up=caught_up))
            self._saved = self.progress

    def sent(self, refused: Container[int] = ()) -> None:
        """Note that the broker has all chunks, but those `refused` for their size, by id()."""
        was, chunks = self.progress, self._batch.chunks
        too_large = [chunk for chunk in chunks if id(chunk.message) in refused]
        chunks = [chunk for chunk in chunks if id(chunk.message) not in refused]
        self._dropped += sum(chunk.lines for chunk in too_large)
        self.progress = msgspec.structs.replace(
            was,
            sent=was.sent + sum(chunk.lines - chunk.message.left_out for chunk in chunks),
            sent_bytes=was.sent_bytes + sum(chunk.size for chunk in chunks),
            left_out=was.left_out + sum(chunk.message.left_out for chunk in chunks),
            lost=was.lost + self._dropped,
            lost_bytes=was.lost_bytes + sum(chunk.size for chunk in too_large),
        )
        if self._complete:
            self._caught_up = self._read_at
        self._dropped = 0
        position = self._observer.position()
        self._batch = _Batch(position, self._recognised.header)

    def close(self) -> None:
        """Close the log and release its state."""
        self._observer.close()
        self._saving.close()
