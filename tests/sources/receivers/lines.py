"""Lines to send, and waiting for what a receiver makes of them."""

import socket
import time
from typing import NamedTuple

from logmon_tui.sources.base import Chunk
from logmon_tui.sources.receivers.receiver import Receiver
from tests.watching import DEADLINE

LINE = b'203.0.113.5 - - [29/Nov/2026:18:00:00 +0000] "GET /api/user HTTP/1.1" 200 612 "-" "curl"'


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Taken(NamedTuple):
    """A line with its server and its site, and the stream that it came in."""

    line: bytes
    server: bytes
    site: bytes
    stream: str


def taken(chunk: bytes) -> list[Taken]:
    """Return the lines of a chunk, each with its server."""
    if not chunk:
        return []
    assert isinstance(chunk, Chunk)
    assert chunk.endswith(b"\n")
    lines = chunk[:-1].split(b"\n")
    origins = [origin for origin in chunk.origins for _ in range(origin.lines)]
    assert len(lines) == len(origins)
    return [
        Taken(line, origin.server, origin.site, chunk.stream)
        for line, origin in zip(lines, origins, strict=True)
    ]


def wait_for(source: Receiver, count: int) -> list[Taken]:
    """Read as the pipeline does, until `count` lines have come."""
    found: list[Taken] = []
    deadline = time.monotonic() + DEADLINE
    while len(found) < count:
        found += taken(source.read())
        if len(found) < count:
            assert time.monotonic() < deadline, (len(found), found[-3:], source.status())
            source.wait(0.02)
    return found
