"""HttpReceiver: a `Source` of lines that are posted by HTTP. h11 speaks the protocol."""

import asyncio
import socket
import time
from contextlib import suppress
from http import HTTPStatus

import h11

from logmon_tui.config.fleet import RECEIVE_TOKEN, FleetSettings
from logmon_tui.sources.receivers.access import encryption, may_send, token_for
from logmon_tui.sources.receivers.addresses import listening
from logmon_tui.sources.receivers.bodies import (
    MAX_BODY,
    RefusedError,
    decompressed,
    runs_in,
    too_large,
)
from logmon_tui.sources.receivers.inbox import Run
from logmon_tui.sources.receivers.otlp import runs_of_logs
from logmon_tui.sources.receivers.receiver import Receiver, bound
from logmon_tui.sources.receivers.requests import LOGS, Answer, Asked, asked, refused, taken
from logmon_tui.sources.receivers.syslog_messages import address_name
from logmon_tui.sources.receivers.troubles import Trouble

MAX_CONNECTIONS = 500
"""Maximum connections at a time; further ones are closed."""

IDLE_SECONDS = 75.0
"""Seconds for which a connection may wait for its next request."""

HEAD_SECONDS = 10.0
"""Seconds that the head of a request may take from its first byte on."""

BODY_SECONDS = 30.0
"""Seconds that the body of a request, and taking the answer, may take."""

MAX_HEAD = 16 * 1024
"""Maximum bytes of the head of a request."""

MAX_IN_FLIGHT = 64 * 1024 * 1024
"""Maximum bytes of all bodies that are being sent."""

_BLOCK = 64 * 1024


class HttpReceiver(Receiver):
    """A `Source` of the lines that are posted to the address `log`. Raises UsageError."""

    def __init__(self, log: str, fleet: FleetSettings) -> None:
        place = listening(log)
        self._token = token_for(log, place, fleet)
        self._ssl = encryption(log, place, fleet)
        self._socket = bound(log, place.address, socket.SOCK_STREAM)
        self._in_flight = 0
        super().__init__(log, [self._socket])

    async def _listen(self) -> None:
        handshake = None if self._ssl is None else HEAD_SECONDS
        await asyncio.start_server(
            self._connected,
            sock=self._socket,
            limit=_BLOCK,
            ssl=self._ssl,
            ssl_handshake_timeout=handshake,
        )

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        exchange = _Exchange(reader, writer)
        try:
            if self._enter(MAX_CONNECTIONS):
                while await self._answered(exchange):
                    pass
        except (OSError, TimeoutError, h11.ProtocolError, EOFError):
            pass  # the client broke off, or is no client
        finally:
            self._leave(writer)

    async def _answered(self, exchange: "_Exchange") -> bool:
        """Answer one request; return whether another may follow."""
        try:
            request = await exchange.request()
        except h11.RemoteProtocolError as error:
            why = RefusedError(
                HTTPStatus(error.error_status_hint), "this is no proper HTTP request"
            )
            await self._refuse(exchange, why)
            return False
        if request is None:
            return False
        try:
            answer = await self._answer(exchange, request)
        except RefusedError as error:
            await self._refuse(exchange, error)
            return False
        async with asyncio.timeout(BODY_SECONDS):
            return await exchange.send(answer)

    async def _answer(self, exchange: "_Exchange", request: h11.Request) -> Answer:
        """Take the lines of a request, all or none. Raises RefusedError."""
        headers = {name.decode("latin-1"): value for name, value in request.headers}
        if not may_send(headers, self._token):
            why = f"send Authorization: Bearer and the token, which {RECEIVE_TOKEN} sets"
            raise RefusedError(HTTPStatus.UNAUTHORIZED, why)
        found = asked(request.method, request.target, headers)
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while piece := await exchange.body():
                    self._in_flight += len(piece)
                    body += piece
                    if len(body) > MAX_BODY:
                        raise too_large()
                    if self._in_flight > MAX_IN_FLIGHT:
                        raise _no_room()
            runs, oversize = self._runs(found, bytes(body), exchange.address)
        except h11.RemoteProtocolError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is malformed") from error
        finally:
            self._in_flight -= len(body)
        if runs and not self._inbox.offer(runs):
            raise _no_room()
        self._oversize += oversize
        return taken(found)

    def _runs(self, request: Asked, body: bytes, address: bytes) -> tuple[list[Run], int]:
        """Return the lines of a body, and how many lines are too long. Raises RefusedError."""
        content = decompressed(body, request.encoding)
        server = request.server or address
        if request.path == LOGS:
            return runs_of_logs(content, request.kind, server, request.site, time.time())
        return runs_in(content, server, request.site, named=bool(request.server))

    async def _refuse(self, exchange: "_Exchange", error: RefusedError) -> None:
        """Say why a request is refused, and end the connection."""
        trouble = {
            HTTPStatus.UNAUTHORIZED: Trouble.UNKNOWN,
            HTTPStatus.SERVICE_UNAVAILABLE: Trouble.ASKED_TO_WAIT,
        }.get(error.status, Trouble.REFUSED)
        self._troubles.note(trouble)
        async with asyncio.timeout(HEAD_SECONDS):
            await exchange.send(refused(error))
            await exchange.linger()


def _no_room() -> RefusedError:
    why = "lines come faster than they are read; send them again"
    return RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, why)


class _Exchange:
    """The requests of one connection, and their answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self.address = address_name((writer.get_extra_info("peername") or ("",))[0])

    async def request(self) -> h11.Request | None:
        """Return the head of the next request; None at the end of the connection."""
        event: object = self._protocol.next_event()
        if event is h11.NEED_DATA:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._receive()
            async with asyncio.timeout(HEAD_SECONDS):
                event = await self._event()
        return event if isinstance(event, h11.Request) else None

    async def body(self) -> bytes:
        """Return the next bytes of the body, `b""` at its end."""
        while True:
            event = await self._event()
            if not isinstance(event, h11.Data):
                return b""
            if event.data:
                return bytes(event.data)

    async def _event(self) -> object:
        while True:
            event = self._protocol.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._protocol.they_are_waiting_for_100_continue:
                self._send(h11.InformationalResponse(status_code=100, headers=[]))
                await self._writer.drain()
            await self._receive()

    async def _receive(self) -> None:
        self._protocol.receive_data(await self._reader.read(_BLOCK))

    async def send(self, answer: Answer) -> bool:
        """Send an answer; return whether another request may follow."""
        if self._protocol.states[h11.SERVER] not in (h11.IDLE, h11.SEND_RESPONSE):
            return False
        status = answer.status
        length = [] if status is HTTPStatus.NO_CONTENT else [len(answer.body)]
        headers = [("Content-Length", str(each)) for each in length]
        if answer.body or length:
            headers += [("Content-Type", answer.kind), ("X-Content-Type-Options", "nosniff")]
        headers += [*answer.headers, *([("Connection", "close")] if answer.ends else [])]
        self._send(h11.Response(status_code=status, headers=headers, reason=status.phrase))
        if answer.body:
            self._send(h11.Data(data=answer.body))
        self._send(h11.EndOfMessage())
        await self._writer.drain()
        if set(self._protocol.states.values()) != {h11.DONE}:
            return False
        self._protocol.start_next_cycle()
        return True

    def _send(self, event: h11.Event) -> None:
        if data := self._protocol.send(event):
            self._writer.write(data)

    async def linger(self) -> None:
        """Read on for a while, so that the client gets the answer before the connection ends."""
        with suppress(OSError, RuntimeError):
            if self._writer.can_write_eof():
                self._writer.write_eof()
        for _ in range(2 * MAX_BODY // _BLOCK):
            if not await self._reader.read(_BLOCK):
                break


def check_http(log: str, fleet: FleetSettings) -> None:
    """Raise UsageError if lines cannot be posted to the address `log`."""
    place = listening(log)
    token_for(log, place, fleet)
    encryption(log, place, fleet)
    bound(log, place.address, socket.SOCK_STREAM).close()
