"""Connection: one client's, with limits that uvicorn itself does not have."""

import asyncio
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from logmon_tui.web.problems import MEDIA_TYPE, problem_body

MAX_CONNECTIONS = 256
"""Maximum connections at a time; further ones are closed unanswered."""
REQUEST_SECONDS = 10.0
"""Maximum seconds from a connection, or from the first byte of a further request, to its end."""
STUCK_SECONDS = 20.0
"""Seconds after which a client that takes nothing of its answer is dropped."""
IDLE_SECONDS = 30
"""Seconds for which a connection may wait for its next request."""
MAX_HEAD = 16 * 1024
"""Maximum bytes of the head of a request."""


class Connection(H11Protocol):
    """Speaks HTTP with a client, which is dropped if it sends or takes too slowly."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sending: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, if there is room."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        else:
            self._sending = self.loop.call_later(REQUEST_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._cancel_timers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Go on with a request."""
        if self._sending is None and self.conn.their_state is h11.IDLE:
            self._sending = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)
        super().data_received(data)
        if self._sending is not None and self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._sending.cancel()
            self._sending = None

    def pause_writing(self) -> None:
        """Give the client some time to take what is sent."""
        super().pause_writing()
        if self._taking is None:
            self._taking = self.loop.call_later(STUCK_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Note that the client takes what is sent."""
        super().resume_writing()
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours tells the same
        """Refuse what is no HTTP, in the form of all problems."""
        body = problem_body(HTTPStatus.BAD_REQUEST, "this is no proper HTTP request")
        headers = [("content-type", MEDIA_TYPE), ("content-length", str(len(body)))]
        headers += [("connection", "close"), ("x-content-type-options", "nosniff")]
        try:
            sent = self.conn.send(h11.Response(status_code=400, headers=headers)) or b""
            sent += self.conn.send(h11.Data(data=body)) or b""
            self.transport.write(sent + (self.conn.send(h11.EndOfMessage()) or b""))
        except h11.LocalProtocolError:
            pass  # an answer to the request before has begun
        self.transport.close()

    def _cancel_timers(self) -> None:
        for timer in (self._sending, self._taking):
            if timer is not None:
                timer.cancel()
        self._sending = self._taking = None
