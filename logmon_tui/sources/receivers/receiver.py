"""Receiver: the `Source` of what other machines send. It listens in a thread of its own."""

import asyncio
import os
import resource
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from logmon_tui.config.address import Address
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.sources.base import LogPosition, ServerStatus, SourceState, SourceStatus
from logmon_tui.sources.receivers.inbox import Inbox
from logmon_tui.sources.receivers.troubles import Trouble, Troubles

BACKLOG = 128
"""Maximum connections that the system queues until they are accepted."""

FULL_SECONDS = 0.1
"""Seconds until a connection whose lines have no room offers them again."""

_OTHER_FILES = 150
"""Open files that connections leave to the rest of the program."""


class Receiver(ABC):
    """A `Source` of the lines that come in at `sockets`; `log` is its name.

    Nothing that comes raises an error: `status` counts what could not be taken.
    """

    def __init__(self, log: str, sockets: Sequence[socket.socket]) -> None:
        self._name = printable(log)
        self._sockets = sockets
        self._awake = threading.Event()
        self._inbox = Inbox(self._awake.set)
        self._troubles = Troubles()
        self._oversize = 0
        self._connections = 0
        self._closed = False
        self._loop = asyncio.new_event_loop()
        # The error of a connection must not be printed across the screen.
        self._loop.set_exception_handler(lambda _loop, context: self._failed(context))
        self._ending = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="receiver", daemon=True)
        self._thread.start()

    @abstractmethod
    async def _listen(self) -> None:
        """Begin to listen at the sockets."""

    def read(self) -> bytes:
        """Return the lines of one stream that have come, a few megabytes at most, or `b""`."""
        return b"" if self._closed else self._inbox.take()

    def preamble(self) -> bytes:
        """Return nothing: everything that comes is read."""
        return b""

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, so that lines are read together, but not while many wait."""
        if not self._inbox.due:
            self._awake.wait(seconds)
            self._awake.clear()

    def wake(self) -> None:
        """End a `wait` early; any thread may call this."""
        self._awake.set()

    def status(self) -> SourceStatus:
        """Return the status; the size is the number of bytes of lines that have come."""
        return SourceStatus(
            name=self._name,
            state=SourceState.ENDED if self._closed else SourceState.LIVE,
            position=self._inbox.taken,
            size=self._inbox.arrived,
            message=self._troubles.message(),
            oversize=self._oversize,
        )

    def position(self) -> LogPosition | None:
        """Return None: what was sent cannot be asked for again."""
        return None

    def servers(self) -> Sequence[ServerStatus]:
        """Return what is known of the servers that sent lines."""
        return self._inbox.servers()

    def close(self) -> None:
        """Give up the sockets, and wait until the thread has ended."""
        if not self._closed:
            self._closed = True
            with suppress(RuntimeError):  # its loop has ended
                self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())
        for each in self._sockets:
            each.close()

    async def _serve(self) -> None:
        await self._listen()
        await self._ending.wait()

    def _failed(self, context: Mapping[str, Any]) -> None:
        """Count an error that nothing caught: too many open files, or one of the program."""
        of_system = isinstance(context.get("exception"), OSError)
        self._troubles.note(Trouble.CROWDED if of_system else Trouble.FAILED)

    def _enter(self, most: int) -> bool:
        """Count a connection; return False if it is one too many."""
        self._connections += 1
        if self._connections <= _room(most):
            return True
        self._troubles.note(Trouble.CROWDED)
        return False

    def _leave(self, writer: asyncio.StreamWriter) -> None:
        """End a connection."""
        self._connections -= 1
        with suppress(OSError, RuntimeError):
            writer.transport.abort()


def _room(most: int) -> int:
    """Return how many connections may be open: `most`, or what the limit of open files leaves."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most if files == resource.RLIM_INFINITY else max(1, min(most, files - _OTHER_FILES))


def bound(log: str, address: Address, kind: socket.SocketKind) -> socket.socket:
    """Return a socket at `address`: a listening one for TCP. Raises SourceError."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=kind, flags=socket.AI_PASSIVE)
        family, _, _, _, place = found[0]
        made = socket.socket(family, kind)
        try:
            made.setblocking(False)  # noqa: FBT003 - the only form
            if kind is socket.SOCK_STREAM:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(place)
            if kind is socket.SOCK_STREAM:
                made.listen(BACKLOG)
        except OSError:
            made.close()
            raise
    except (OSError, UnicodeError) as error:
        raise SourceError(f"{printable(log)}: {_why(error)}") from error
    return made


def _why(error: OSError | UnicodeError) -> str:
    """Say why an address is refused, and how to mend it."""
    if isinstance(error, UnicodeError):
        return "cannot be listened at: no name of a host; name another address"
    number = error.errno or 0  # negative if the host's name is unknown
    why = os.strerror(number) if number > 0 else error.strerror or str(error)
    mend = "name another address"
    if isinstance(error, PermissionError):
        mend = "choose a port from 1024 on"
    return f"cannot be listened at: {why[0].lower()}{why[1:]}; {mend}"
