"""Exporter: serves the newest picture to Prometheus. What stands on its page is not known here.

One thread of its own answers. A client has a few seconds for a small request, and few may be
connected at once, so none can hold up the program or each other for long.
"""

import asyncio
import os
import socket
import threading
from dataclasses import replace
from http import HTTPStatus

from logmon_tui.config.address import Address
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.reports.prometheus import CONTENT_TYPE, SnapshotCollector
from logmon_tui.snapshot import Snapshot

PATH = b"/metrics"
MOST_SECONDS = 5.0
MOST_CONNECTIONS = 32
MOST_REQUEST = 8 * 1024
_BACKLOG = 16
_END = b"\r\n\r\n"


class Exporter:
    """Answers `GET /metrics` at `address` with the picture that was published last.

    Raises UsageError if it cannot listen there.
    """

    def __init__(self, address: Address) -> None:
        self._socket = _listening(address)
        self._collector = SnapshotCollector()
        self._published: Snapshot | None = None
        self._page = b""
        self._connections = 0
        self._loop = asyncio.new_event_loop()
        # What a client does wrong is no news, and a line of it would stand across the screen.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._ending = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="exporter", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens at."""
        port: int = self._socket.getsockname()[1]
        return port

    def publish(self, snapshot: Snapshot) -> None:
        """Answer with this picture from now on; any thread may call this."""
        before = self._published
        if before is not None and snapshot.ingest.failure and not snapshot.ingest.hits:
            # A watch that begins again knows no totals yet; counters never go back.
            failing = replace(before.ingest, failure=snapshot.ingest.failure)
            snapshot = replace(before, ingest=failing)
        self._published = snapshot

    def close(self) -> None:
        """Give up the port, and wait until the thread has ended."""
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(
            self._welcome, sock=self._socket, limit=MOST_REQUEST, backlog=_BACKLOG
        )
        await self._ending.wait()
        server.close()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and end the connection whatever comes of it."""
        self._connections += 1
        try:
            if self._connections <= MOST_CONNECTIONS:
                async with asyncio.timeout(MOST_SECONDS):
                    writer.write(self._answer(await reader.readuntil(_END)))
                    await writer.drain()
                    writer.write_eof()
                    await reader.read(MOST_REQUEST)  # until the client has taken it all
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._connections -= 1
            writer.transport.abort()

    def _answer(self, request: bytes) -> bytes:
        method, _, rest = request.partition(b"\r\n")[0].partition(b" ")
        target, _, protocol = rest.partition(b" ")
        if not protocol.startswith(b"HTTP/1."):
            return _response(HTTPStatus.BAD_REQUEST)
        if method != b"GET":
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, headers="Allow: GET\r\n")
        if target.partition(b"?")[0] != PATH:
            return _response(HTTPStatus.NOT_FOUND)
        if self._published is None:
            return _response(HTTPStatus.SERVICE_UNAVAILABLE)
        return _response(HTTPStatus.OK, self._rendered(self._published), CONTENT_TYPE)

    def _rendered(self, snapshot: Snapshot) -> bytes:
        """Return the page of a picture, made once however often it is asked for."""
        if self._collector.snapshot is not snapshot:
            self._collector.snapshot = snapshot
            self._page = self._collector.page()
        return self._page


def _response(
    status: HTTPStatus, body: bytes = b"", kind: str = "text/plain", headers: str = ""
) -> bytes:
    body = body or f"{status.phrase}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\n"
        f"{headers}Connection: close\r\n\r\n"
    )
    return head.encode() + body


def _listening(address: Address) -> socket.socket:
    """Return a socket that listens. Raises UsageError if there can be none."""
    try:
        found = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, place = found[0]
        return socket.create_server(place, family=family, backlog=_BACKLOG)
    except OSError as error:
        host = f"[{address.host}]" if ":" in address.host else address.host
        where = f"--metrics-listen {printable(host)}:{address.port}"
        number = error.errno or 0  # less than 0 for a name that means nothing
        why = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise UsageError(f"{where}: {why[0].lower()}{why[1:]}; name another address") from error
