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

_EXAMINED = 20
"""Maximum lines that are looked at to find one of an access log."""

SERVER_NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._:-]{0,252}")
SITE_NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._-]{0,62}")


class _Kind:
    """Lines of text of a server, or its lines of JSON; they belong to `stream`."""

    __slots__ = ("_judge_at", "stream")

    def __init__(self) -> None:
        self._judge_at = -JUDGE_SECONDS
        self.stream = ""

    def judge(self, lines: bytes, now: float, streams: set[str]) -> str:
        """Return to which of `streams` these `lines` belong, by the look of one now and then."""
        if now < self._judge_at and not lines.startswith(HEADER):
            return self.stream
        self._judge_at = now + JUDGE_SECONDS
        shapes = map(shape_of, lines.split(b"\n", _EXAMINED)[:_EXAMINED])
        shape = next(filter(None, shapes), "")
        # What a header says holds until the next header.
        if shape and (not is_header(self.stream) or is_header(shape)):
            if len(streams) < MAX_STREAMS:
                streams.add(shape)
            self.stream = shape if shape in streams else ""
        return self.stream


class Sender:
    """A server that sends lines; `label` is `site/server`, or `server` where there is no site.

    Two of its programs may write text and JSON: no parser reads both.
    """

    __slots__ = ("_objects", "_text", "first_heard", "heard", "label", "site")

    def __init__(self, server: bytes, site: bytes, now: float) -> None:
        self.site = site
        self.label = b"%s/%s" % (site, server) if site else server
        self.first_heard = self.heard = now
        self._text, self._objects = _Kind(), _Kind()

    def stream_of(self, lines: bytes, now: float, streams: set[str]) -> str:
        """Return to which of `streams` the `lines` belong that came now."""
        kind = self._objects if lines.startswith(b"{") else self._text
        return kind.judge(lines, now, streams)


class Senders:
    """The servers that were heard of, by server and site."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Sender] = {}
        self._streams: set[str] = set()
        self._other = Sender(OTHER, b"", 0.0)
        self._looked = 0.0

    def hear(self, server: bytes, site: bytes, lines: bytes, now: float) -> tuple[Sender, str]:
        """Note that a server sent `lines`; return it, and the stream that they belong to.

        A server without a name of its own is the one that stands for all these.
        """
        sender = self._known.get((server, site)) or self._new(server, site, now)
        sender.heard = now
        return sender, sender.stream_of(lines, now, self._streams)

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
