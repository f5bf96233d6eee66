"""Feed: from the messages of a stream to chunks of lines, each line once. Reads no clock, no I/O.

Messages come in the order of the stream. Those of one format are joined, so that the lines of a
thousand servers cost few calls of a parser.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from msgspec.structs import replace

from logmon_tui.escape import printable
from logmon_tui.fleet.protocol import Health, Lines
from logmon_tui.formats.model.origin import Origin
from logmon_tui.formats.presets import PRESETS
from logmon_tui.sources.base import Chunk, ServerStatus
from logmon_tui.sources.broker.counted_ranges import CountedRanges, Range, oldest_kept
from logmon_tui.sources.broker.feed_place import FeedPlace
from logmon_tui.sources.lines import CHUNK

KEPT_BROKEN = 3
"""How many broken messages are kept, with what is wrong with them."""

FORGET_SECONDS = 86_400
"""Seconds after which a server that said nothing is no longer listed."""

_LOOK_SECONDS = 60
"""Seconds of the broker's clock between two looks at what is to be forgotten."""

_LINE = 200
"""Bytes of a line of a server whose lines are not known yet."""


class Place(NamedTuple):
    """Reading begins in a stream: `made` then, at the message `next`, 0 where that is not known."""

    made: str
    next: int


class Message(NamedTuple):
    """A message of the stream, number `sequence`, that reached the broker `at` (epoch seconds).

    `heard` is the same moment in monotonic seconds of this machine. `content` is the reason if the
    message is broken.
    """

    sequence: int
    at: float
    heard: float
    subject: str
    content: Lines | Health | str


class _Waiting(NamedTuple):
    """Lines that were taken in, and are handed over with the others of their stream."""

    server: bytes
    sent: Lines
    at: float


class Feed:
    """Takes messages with `take`, and hands over their lines with `chunk`.

    `place` is where the run before stopped. At any time it is `state` from which a next run hands
    over exactly what this one did not.
    """

    def __init__(self, place: FeedPlace) -> None:
        self._made = place.made
        self._next = place.next
        self._since = place.since
        self._counted = CountedRanges(place.counted)
        self._waiting: dict[str, list[_Waiting]] = {}
        self._first_waiting = 0  # sequence of the first message whose lines wait
        self._gathered = 0
        self._servers: dict[bytes, ServerStatus] = {}
        self._healths: dict[bytes, Health] = {}
        self._read: dict[bytes, tuple[int, int]] = {}  # bytes and lines, by server
        self._look_due = 0.0
        self._broken = 0
        self._first_broken: list[str] = []

    def remember(self, heard: float, wall: float) -> None:
        """List the servers that the run before knew; `heard` is now (monotonic), as `wall` is."""
        for server, seen in self._counted.servers():
            silent = max(0.0, wall - seen)
            if seen and silent < FORGET_SECONDS:
                self._listed(server, _site_of(server), heard - silent)

    @property
    def full(self) -> bool:
        """Whether enough lines wait; then hand over some before you take more."""
        return self._gathered >= CHUNK

    @property
    def waits(self) -> bool:
        """Whether lines wait to be handed over."""
        return bool(self._waiting)

    def begin(self, place: Place) -> None:
        """Note that the next messages are those from `place` on; no lines may wait."""
        self._made, self._next = place.made, place.next

    def take(self, message: Message) -> None:
        """Take in a message."""
        content = message.content
        if isinstance(content, str):
            self._note_broken(message, content)
        elif isinstance(content, Health):
            self._hear(content, message.heard)
        else:
            self._gather(content, message)
        self._next = message.sequence + 1
        if message.at >= self._look_due:
            self._look_due = message.at + _LOOK_SECONDS
            self._counted.forget_before(oldest_kept(message.at))
            self._forget_servers(message.heard - FORGET_SECONDS)

    def _gather(self, sent: Lines, message: Message) -> None:
        server = name_of(sent.site, sent.host)
        self._listed(server, sent.site.encode(), message.heard)
        if not self._waiting:
            self._first_waiting = message.sequence
        waiting = _Waiting(server, sent, message.at)
        self._waiting.setdefault(_stream_of(server, sent), []).append(waiting)
        self._gathered += len(sent.lines)

    def chunk(self) -> bytes:
        """Return the lines of one stream that wait, each only if it was not handed over, or b""."""
        while self._waiting:
            stream = next(iter(self._waiting))
            pieces: list[bytes] = []
            origins: list[Origin] = []
            for waiting in self._waiting.pop(stream):
                self._gathered -= len(waiting.sent.lines)
                lines = self._uncounted(waiting)
                if lines:
                    pieces.append(lines)
                    site = waiting.sent.site.encode()
                    origins.append(Origin(waiting.server, site, lines.count(b"\n")))
            if pieces:
                return Chunk.of(b"".join(pieces), origins, stream)
        return b""

    def _uncounted(self, waiting: _Waiting) -> bytes:
        """Return the lines that were not handed over yet, and note that they are now."""
        server, sent, at = waiting
        file, whole = sent.file.encode(), Range(sent.start, sent.end)
        parts = self._counted.uncounted(server, file, whole)
        lines = sent.lines if parts == [whole] else _cut(sent, parts)
        if lines is None:
            parts, lines = [], b""
        for part in parts:
            self._counted.count(server, file, part, at)
        read, count = self._read.get(server, (0, 0))
        self._read[server] = read + len(lines), count + lines.count(b"\n")
        self._count_lost(server)
        return lines

    def state(self) -> FeedPlace:
        """Return where the next run goes on, after everything that was handed over."""
        first = self._first_waiting if self._waiting else self._next
        return FeedPlace(self._made, first, self._since, self._counted.saved())

    # The servers

    def servers(self) -> Sequence[ServerStatus]:
        """Return what is known of each server."""
        return tuple(self._servers.values())

    def _listed(self, server: bytes, site: bytes, heard: float) -> ServerStatus:
        """Note that a server was heard; return what is known of it."""
        known = self._servers.get(server)
        if known is None:
            known = ServerStatus(server, site, heard, heard, beats=True)
        else:
            known = replace(known, heard=max(heard, known.heard or heard))
        self._servers[server] = known
        return known

    def _hear(self, health: Health, heard: float) -> None:
        server = name_of(health.site, health.host)
        known = self._listed(server, health.site.encode(), heard)
        self._healths[server] = health
        self._servers[server] = replace(
            known,
            lag=health.lag,
            backlog=health.backlog,
            left_out=health.left_out,
            version=health.agent,
            message=health.message,
            ended=health.state == "ended",
        )
        self._count_lost(server)

    def _count_lost(self, server: bytes) -> None:
        """Note the lines that a server lost: those it tells of, and those the broker deleted.

        How many lines were in a gap can only be guessed, by the length of the others.
        """
        health = self._healths.get(server, Health())
        gaps = max(0, self._counted.missing(server) - health.lost_bytes)
        read, count = self._read.get(server, (0, 0))
        length = read / count if count else _LINE
        lost = health.lost + (max(1, round(gaps / length)) if gaps else 0)
        known = self._servers.get(server)
        if known is not None and known.lost != lost:
            self._servers[server] = replace(known, lost=lost)

    def _forget_servers(self, heard: float) -> None:
        for server, known in list(self._servers.items()):
            if known.heard is not None and known.heard < heard:
                del self._servers[server]
                self._healths.pop(server, None)
                self._read.pop(server, None)

    # Broken messages

    def _note_broken(self, message: Message, reason: str) -> None:
        self._broken += 1
        if len(self._first_broken) < KEPT_BROKEN:
            self._first_broken.append(
                f"number {message.sequence} of {printable(message.subject)}: {reason}"
            )

    @property
    def broken(self) -> str:
        """One line about the broken messages, empty if there were none."""
        if not self._broken:
            return ""
        message = "message was" if self._broken == 1 else "messages were"
        return f"{self._broken:,} broken {message} skipped ({'; '.join(self._first_broken)})"


def name_of(site: str, host: str) -> bytes:
    """Return the name of a server, `site/host`, or `host` where it belongs to no site."""
    return (f"{site}/{host}" if site else host).encode()


def _cut(sent: Lines, parts: Sequence[Range]) -> bytes | None:
    """Return the lines of some parts of a range; None if the text does not tell which these are.

    It does not where lines were altered, nor where a part begins or ends within a line.
    """
    if len(sent.lines) != sent.end - sent.start:
        return None
    cuts = {offset - sent.start for part in parts for offset in part} - {0}
    if any(sent.lines[cut - 1 : cut] != b"\n" for cut in cuts):
        return None
    return b"".join(sent.lines[a - sent.start : b - sent.start] for a, b in parts)


def _site_of(server: bytes) -> bytes:
    site, slash, _ = server.partition(b"/")
    return site if slash else b""


def _stream_of(server: bytes, sent: Lines) -> str:
    """Return the stream of lines: their format, or where that is not known, their log."""
    return sent.format if sent.format in _joined() else f"{server.decode()}/{sent.log}"


@cache
def _joined() -> frozenset[str]:
    """Return the names of the formats whose lines can be read beside those of other servers.

    Where headers name the fields, those of one server must not count for another.
    """
    return frozenset(each.name for each in PRESETS if not each.header_mark)
