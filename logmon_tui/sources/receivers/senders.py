"""Senders: which servers have sent lines, when, and with which other servers they share a parser.

Names come from the network: their characters, length and number are bounded.
"""

import re
from collections.abc import Sequence

from logmon_tui.sources.base import ServerStatus
from logmon_tui.sources.receivers.shapes import HEADER, is_header, shape_of

MAX_SENDERS = 1_000
"""Maximum servers with a name of their own; the others are `OTHER`."""

OTHER = b"(other)"
"""The name of the servers for which there was no room."""

FORGET_SECONDS = 3_600.0
"""Seconds of silence after which a server makes room for a new one."""

JUDGE_SECONDS = 10.0
"""Seconds between two looks at the shape of a server's lines."""

MAX_STREAMS = 32
"""Maximum streams of lines with a shape of their own; further shapes share one."""

SERVER_NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._:-]{0,252}")
SITE_NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._-]{0,62}")


class Sender:
    """A server that sends lines.

    `label` is `site/server`, or `server` where there is no site. Its lines belong to `stream`.
    """

    __slots__ = ("_judge_at", "first_heard", "heard", "label", "site", "stream")

    def __init__(self, server: bytes, site: bytes, now: float) -> None:
        self.site = site
        self.label = b"%s/%s" % (site, server) if site else server
        self.first_heard = self.heard = self._judge_at = now
        self.stream = ""

    def hear(self, lines: bytes, now: float, streams: set[str]) -> None:
        """Note that `lines` came; they tell to which of `streams` their server belongs."""
        self.heard = now
        if now < self._judge_at and not lines.startswith(HEADER):
            return
        self._judge_at = now + JUDGE_SECONDS
        shape = next(
            (shape for line in lines.split(b"\n", 20)[:20] if (shape := shape_of(line))), ""
        )
        # What a header says holds until the next header.
        if shape and (not is_header(self.stream) or is_header(shape)):
            if shape not in streams and len(streams) < MAX_STREAMS:
                streams.add(shape)
            self.stream = shape if shape in streams else ""


class Senders:
    """The servers that were heard of, by server and site."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Sender] = {}
        self._streams: set[str] = set()
        self._other = Sender(OTHER, b"", 0.0)
        self._looked = 0.0

    def hear(self, server: bytes, site: bytes, lines: bytes, now: float) -> Sender:
        """Note that a server sent `lines`; return it, or the one that stands for all others."""
        sender = self._known.get((server, site)) or self._new(server, site, now)
        sender.hear(lines, now, self._streams)
        return sender

    def _new(self, server: bytes, site: bytes, now: float) -> Sender:
        if len(self._known) >= MAX_SENDERS and now >= self._looked + JUDGE_SECONDS:
            self._looked = now  # not for each hostile name
            silent = [key for key, each in self._known.items() if now - each.heard > FORGET_SECONDS]
            for key in silent:
                del self._known[key]
        if len(self._known) >= MAX_SENDERS:
            if not self._other.first_heard:
                self._other.first_heard = now
            return self._other
        return self._known.setdefault((server, site), Sender(server, site, now))

    def statuses(self) -> Sequence[ServerStatus]:
        """Return what is known of each server. One that sends nothing may just be idle."""
        heard = [*self._known.values(), *([self._other] if self._other.first_heard else [])]
        return [
            ServerStatus(
                server=each.label, site=each.site, heard=each.heard, first_heard=each.first_heard
            )
            for each in heard
        ]
