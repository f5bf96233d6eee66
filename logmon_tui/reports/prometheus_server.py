"""Exporter: serves the newest Snapshot to Prometheus; `prometheus` makes the page.

If it is told to, it also takes marks (`mark_receiver`).

A thread of its own answers requests. Time and size of a request and the number of connections are
limited, so that no client can hold up the program or other clients for long.
"""

import asyncio
import os
import socket
import threading
from http import HTTPStatus

from logmon_tui.config.address import Address
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.reports import mark_receiver
from logmon_tui.reports.mark_receiver import Answer, MarkReceiver
from logmon_tui.reports.prometheus import CONTENT_TYPE, SnapshotCollector, following
from logmon_tui.snapshot import Snapshot

PATH = b"/metrics"
MAX_SECONDS = 5.0
"""Seconds until a connection is closed, answered or not."""
MAX_CONNECTIONS = 32
"""Maximum connections at a time; further ones are closed unanswered."""
MAX_REQUEST = 8 * 1024
"""Maximum bytes of a request."""
_BACKLOG = 16
"""Maximum connections that the system queues until they are accepted."""
_END = b"\r\n\r\n"
_HTTP = b"HTTP/1."


class Exporter:
    """Answers `GET /metrics` at `address` with the Snapshot that was published last.

    With `marks`, `POST /marks` adds one. Raises UsageError if it cannot listen there.
    """

    def __init__(self, address: Address, marks: MarkReceiver | None = None) -> None:
        self._socket = listening(address, "--metrics-listen")
        self._marks = marks
        self._collector = SnapshotCollector()
        self._published: Snapshot | None = None
        self._page = b""
        self._connections = 0
        self._loop = asyncio.new_event_loop()
        # A client's error is not worth a message, which would be printed across the screen.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._ending = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="exporter", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        port: int = self._socket.getsockname()[1]
        return port

    def publish(self, snapshot: Snapshot) -> None:
        """Answer with this Snapshot from now on; any thread may call this."""
        self._published = following(self._published, snapshot)

    def close(self) -> None:
        """Give up the port, and wait until the thread has ended."""
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(
            self._handle, sock=self._socket, limit=MAX_REQUEST, backlog=_BACKLOG
        )
        await self._ending.wait()
        server.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, then close the connection even if that failed."""
        self._connections += 1
        try:
            if self._connections <= MAX_CONNECTIONS:
                async with asyncio.timeout(MAX_SECONDS):
                    head = await reader.readuntil(_END)
                    writer.write(await self._mark(head, reader) or self._answer(head))
                    await writer.drain()
                    writer.write_eof()
                    await reader.read(MAX_REQUEST)  # until the client has read it and closes
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._connections -= 1
            writer.transport.abort()

    async def _mark(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        """Return the answer to a request about marks; empty for any other, or if none are taken."""
        method, path, protocol = _asked(head)
        if self._marks is None or path != mark_receiver.PATH or not protocol.startswith(_HTTP):
            return b""
        headers = _headers(head)
        answer = self._marks.refused(method, headers)
        if answer is None:
            body = await reader.readexactly(int(headers["content-length"]))
            answer = self._marks.take(headers, body)
        return _told(answer)

    def _answer(self, request: bytes) -> bytes:
        method, path, protocol = _asked(request)
        if not protocol.startswith(_HTTP):
            return _response(HTTPStatus.BAD_REQUEST)
        if method != b"GET":
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, headers="Allow: GET\r\n")
        if path != PATH:
            return _response(HTTPStatus.NOT_FOUND)
        if self._published is None:
            return _response(HTTPStatus.SERVICE_UNAVAILABLE)
        return _response(HTTPStatus.OK, self._rendered(self._published), CONTENT_TYPE)

    def _rendered(self, snapshot: Snapshot) -> bytes:
        """Return the page of a Snapshot; the page is made once for each."""
        if self._collector.snapshot is not snapshot:
            self._collector.snapshot = snapshot
            self._page = self._collector.page()
        return self._page


def _asked(head: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the method, the path and the protocol of a request."""
    method, _, rest = head.partition(b"\r\n")[0].partition(b" ")
    target, _, protocol = rest.partition(b" ")
    return method, target.partition(b"?")[0], protocol


def _headers(head: bytes) -> dict[str, bytes]:
    """Return the headers of a request by their names in lower case; the last of a name counts."""
    pairs = (line.partition(b":") for line in head.split(b"\r\n")[1:] if line)
    return {name.decode("latin-1").lower(): value.strip() for name, _, value in pairs}


def _told(answer: Answer) -> bytes:
    body = f"{answer.text}\n".encode() if answer.text else b""
    return _response(answer.status, body, "text/plain; charset=utf-8", answer.headers)


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


def listening(address: Address, option: str) -> socket.socket:
    """Return a listening socket. Raises UsageError if the system refuses what `option` names."""
    try:
        found = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, place = found[0]
        return socket.create_server(place, family=family, backlog=_BACKLOG)
    except OSError as error:
        host = f"[{address.host}]" if ":" in address.host else address.host
        where = f"{option} {printable(host)}:{address.port}"
        number = error.errno or 0  # negative if the host name is unknown
        why = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise UsageError(f"{where}: {why[0].lower()}{why[1:]}; name another address") from error
