"""Connects to a broker, for good: a lost connection is made again for ever, with bounded pauses.

`connected` returns a client of nats-py, which connects again by itself after a network failure or a
restart of the broker. It closes for good only when the broker refuses it, as with changed
credentials. Then its owner calls `connected` again, with an `Access` read anew: `is_closed` tells.

What goes wrong is told in one line, without secrets. This module imports nats-py and asyncio, which
are slow; so import it late.
"""

import asyncio
import contextlib
import logging
import random
import re
import socket
import ssl
from collections.abc import Callable
from typing import Any

from nats import errors
from nats.aio.client import Client, Server

from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.fleet.access import Access

CONNECT_SECONDS = 5
"""Maximum seconds for each step of connecting."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
"""Seconds until connecting is tried again: at first, and at most."""
PING_SECONDS = 10
"""Seconds between two pings: a broker that vanished without a word is noticed after three."""
_PENDING = 8 * 1024 * 1024
"""Maximum bytes of messages that wait in the client for the connection."""

# Without a handler, what the client logs would go to the terminal.
logging.getLogger("nats").addHandler(logging.NullHandler())
# After each TLS connection asyncio would warn of how nats-py hears its end, which nobody can mend.
logging.getLogger("asyncio").addFilter(lambda record: "eof_received" not in record.getMessage())

Told = Callable[[str], None]
"""Takes one line about the connection: what is wrong, or empty when it works again."""


class _Failed(Exception):  # noqa: N818 - a signal, which ends the first try to connect
    """The first try to connect failed."""


class _Client(Client):
    """A client that never sends anything, nor a password, without TLS if TLS was asked for.

    Nor does a message whose subject or headers are no text end its connection, for then it would
    get that message again and again. Whatever ends a try to connect, or interrupts closing, no
    socket is left open.
    """

    needs_tls = False

    def _connect_command(self) -> bytes:
        if self.needs_tls and not self._server_info.get("tls_required"):
            raise errors.SecureConnWantedError
        command: bytes = super()._connect_command()
        return command

    def abandon(self) -> None:
        """Close the socket, and nothing else."""
        transport: Any = self._transport
        if transport:
            transport.close()

    async def _connect_to_server(self, *server: Any) -> None:
        self.abandon()  # what the try before has left
        await super()._connect_to_server(*server)

    async def _close(self, *how: Any) -> None:
        try:
            await super()._close(*how)
        finally:
            self.abandon()

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        try:
            found: dict[str, str] | None = await super()._process_headers(headers)
        except (UnicodeDecodeError, LookupError):
            return None
        return found

    def _build_message(self, sid: int, subject: bytes, *others: Any) -> Any:
        text = subject.decode(errors="replace").encode()
        return super()._build_message(sid, text, *others)


def pause(attempt: int) -> float:
    """Return the seconds to wait before attempt number `attempt` to connect, from 1 on.

    They grow and are drawn at random in part: a broker that comes back must not have to serve
    a thousand agents in the same moment.
    """
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempt - 1, 16))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


INBOX = "_INBOX.logmon.dashboard"
"""The beginning of the subjects at which a dashboard gets answers. An agent has others, so that a
broker can forbid it to hear those of anyone else."""


async def connected(
    access: Access, told: Told, name: str = "logmon-tui", inbox: str = INBOX
) -> Client:
    """Return a connected client; try for ever. `told` hears why it does not work, and that it does.

    `name` is what the broker calls the connection. Answers come to subjects that begin with
    `inbox`.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return await connect_once(access, told, name, inbox)
        except UsageError as error:
            told(str(error))
        await asyncio.sleep(pause(attempt))


async def connect_once(
    access: Access, told: Told, name: str = "logmon-tui", inbox: str = INBOX
) -> Client:
    """Return a connected client, or raise UsageError, in one line, if it does not work at once.

    Later losses of the connection are told, and mended by the client itself.
    """
    client = _Client()
    client.needs_tls = access.tls
    tries = 0

    async def failed(error: Exception) -> None:
        if not working:
            raise _Failed from error
        told(problem(error, access))

    async def lost() -> None:
        if working and not client.is_closed:
            told(f"{access.address}: the connection is lost; trying again")

    async def back() -> None:
        nonlocal tries
        tries = 0
        told("")

    def next_server(servers: list[Server], _info: dict[str, Any]) -> tuple[Server, float]:
        nonlocal tries
        tries += 1
        return servers[(tries - 1) % len(servers)], pause(tries)

    working = False
    try:
        await client.connect(
            access.address,
            name=name,
            error_cb=failed,
            disconnected_cb=lost,
            reconnected_cb=back,
            connect_timeout=CONNECT_SECONDS,
            max_reconnect_attempts=-1,
            reconnect_to_server_handler=next_server,
            ping_interval=PING_SECONDS,
            pending_size=_PENDING,
            inbox_prefix=inbox,
            **access.options,
        )
    except (_Failed, OSError, ValueError, errors.Error) as error:
        cause = error.__cause__ if isinstance(error, _Failed) else error
        with_reason = problem(cause or error, access)
        await _closed(client)
        raise UsageError(with_reason) from error
    except asyncio.CancelledError:
        client.abandon()
        raise
    working = True
    told("")
    return client


async def _closed(client: Client) -> None:
    """Close a client that never worked, whatever it may say."""
    with contextlib.suppress(Exception):  # the reason is known already
        await asyncio.wait_for(client.close(), CONNECT_SECONDS)


_REFUSALS = (
    ("authorization violation", "refuses who one is; check user, password, token or key"),
    ("authorization failed", "refuses who one is; check user, password, token or key"),
    ("user authentication expired", "the credentials have expired; get new ones"),
    ("user authentication revoked", "the credentials were revoked; get new ones"),
    ("authentication timeout", "was told too late who one is; trying again"),
    ("maximum connections", "takes no more connections; raise its max_connections"),
)
"""What a broker says, in lower case, and what it means."""

_FORBIDDEN = re.compile(
    r"permissions violation for (publish|subscription) to \"?([^\"\s]+)", re.IGNORECASE
)
"""What a broker says to whoever lacks a right, and for which subject."""

_LOST = "the connection is lost; trying again"
_FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (
        errors.SecureConnWantedError,
        "offers no TLS; turn it on there, or write nats:// if the network is safe",
    ),
    (ssl.SSLError, "TLS fails; the broker may want a client certificate: --certificate and --key"),
    (socket.gaierror, "the host's name cannot be resolved; check it, and DNS"),
    (ConnectionRefusedError, "nothing listens there; start the broker, or check host and port"),
    (errors.StaleConnectionError, _LOST),
    (ConnectionError, _LOST),
    (asyncio.IncompleteReadError, _LOST),
    (TimeoutError, "does not answer; check host, port and firewall"),
)
"""Errors, the special ones first, and what they mean."""


def problem(error: BaseException, access: Access) -> str:
    """Return in one line what is wrong with a connection; no secret is in it."""
    return f"{access.address}: {_what(error)}"


def _what(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); check --ca and the name"
    for kind, plain in _FAILURES:
        if isinstance(error, kind):
            return plain
    if isinstance(error, OSError):
        return printable(error.strerror or "cannot be reached")
    return _said(str(error).removeprefix("nats: ").strip("'\" ")) or type(error).__name__


def _said(text: str) -> str:
    """Return in plain words what a broker said."""
    said = text.lower()
    for words, plain in _REFUSALS:
        if words in said:
            return plain
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        verb = "publish to" if forbidden[1].lower() == "publish" else "hear"
        subject = printable(forbidden[2][:200])
        return f"does not allow to {verb} {subject} (shown in small letters); check the permissions"
    return printable(text[:200])
