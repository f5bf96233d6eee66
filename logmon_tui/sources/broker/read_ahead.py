"""ReadAhead: runs a StreamReader in a thread, and holds a bounded amount of what it reads."""

import asyncio
import threading
import time
from collections import deque
from contextlib import suppress

from logmon_tui.sources.broker.inbox import Begun, Received
from logmon_tui.sources.broker.stream_reader import StreamReader

AHEAD_BYTES = 32 * 1024 * 1024
"""Maximum bytes of messages read ahead; beyond that the broker has to keep them."""

CLOSE_SECONDS = 1.5
"""Maximum seconds to wait for the thread when the source is closed: a broker may be stuck."""

_CANCEL_SECONDS = 0.25


class ReadAhead:
    """The Inbox of a StreamReader, from which another thread takes.

    The problem is (what is wrong, whether it is only that there is no stream).
    """

    def __init__(self) -> None:
        self.hint = threading.Event()
        self.closing = threading.Event()
        self.problem = ("", False)
        self.bytes = 0
        self._lock = threading.Lock()
        self._items: deque[Begun | Received] = deque()
        self._free: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread: threading.Thread | None = None

    def start(self, reader: StreamReader) -> None:
        """Start the thread."""
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(reader)), name="broker", daemon=True
        )
        self._thread.start()

    async def _run(self, reader: StreamReader) -> None:
        self._free = asyncio.Event()
        with self._lock:
            if self.closing.is_set():
                return
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.create_task(reader.run())
        with suppress(asyncio.CancelledError):
            await self._task

    # Called by the reader, in its thread

    def put(self, item: Begun | Received) -> None:
        """Take the next item."""
        with self._lock:
            self._items.append(item)
            self.bytes += item.size if isinstance(item, Received) else 0
        self.hint.set()

    async def room(self) -> None:
        """Wait until there is room for more."""
        free = self._free
        while free is not None and self.bytes >= AHEAD_BYTES:
            free.clear()
            if self.bytes >= AHEAD_BYTES:
                await free.wait()

    def tell(self, problem: str, *, no_stream: bool = False) -> None:
        """Take one line that says what is wrong, empty if nothing is."""
        self.problem = (problem, no_stream)

    # Called by the pipeline's thread

    def take(self) -> Begun | Received | None:
        """Return the oldest item; None if there is none."""
        with self._lock:
            if not self._items:
                return None
            item = self._items.popleft()
            if not isinstance(item, Received):
                return item
            full = self.bytes >= AHEAD_BYTES
            self.bytes -= item.size
            if full and self.bytes < AHEAD_BYTES and self._loop is not None and self._free:
                with suppress(RuntimeError):  # the loop has just ended
                    self._loop.call_soon_threadsafe(self._free.set)
        return item

    def close(self) -> None:
        """End the thread."""
        self.closing.set()
        end = time.monotonic() + CLOSE_SECONDS
        while self._thread is not None and self._thread.is_alive() and time.monotonic() < end:
            self._cancel()  # again and again: what awaits may take one for something else
            self._thread.join(_CANCEL_SECONDS)
        self.hint.set()

    def _cancel(self) -> None:
        with self._lock:
            if self._loop is not None and self._task is not None:
                with suppress(RuntimeError):  # the loop has just ended
                    self._loop.call_soon_threadsafe(self._task.cancel)
