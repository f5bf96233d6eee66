"""StandardInput: lines from standard input, or another descriptor whose reads block."""

import os
import queue
import select
import threading

from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.sources.lines import BLOCK, LIVE_CHUNK, LineSplitter

_BLOCKS = 32  # maximum blocks read ahead; beyond that the writer has to wait


class StandardInput:
    """A `Source` that reads an open file descriptor to its end.

    A thread reads ahead, so that each line is available as soon as it is written.
    """

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._blocks: queue.Queue[bytes] = queue.Queue(_BLOCKS)
        self._hint = threading.Event()
        self._closing = threading.Event()
        self._splitter = LineSplitter()
        self._taken = 0
        self._ended = False
        self._failure = ""
        self._thread = threading.Thread(target=self._read_ahead, name="standard-input", daemon=True)
        self._thread.start()

    def read(self) -> bytes:
        """Return the lines that have arrived, a few megabytes at most, or `b""`; never waits."""
        pieces: list[bytes] = []
        gathered = 0
        while gathered < LIVE_CHUNK and not self._ended:
            try:
                block = self._blocks.get_nowait()
            except queue.Empty:
                break
            self._taken += len(block)
            gathered += len(block)
            self._ended = not block
            pieces.append(self._splitter.feed(block) if block else self._splitter.finish())
        return b"".join(pieces)

    def wait(self, seconds: float) -> None:
        """Sleep until something arrives, for at most `seconds`."""
        self._hint.wait(seconds)
        self._hint.clear()

    def wake(self) -> None:
        """End a `wait` early; any thread may call this."""
        self._hint.set()

    def status(self) -> SourceStatus:
        """Return the status; the size is the number of bytes taken so far."""
        return SourceStatus(
            name="standard input",
            state=SourceState.ENDED if self._ended else SourceState.LIVE,
            position=self._taken - self._splitter.held,
            size=self._taken,
            message=self._failure,
            oversize=self._splitter.oversize,
        )

    def preamble(self) -> bytes:
        """Return nothing: everything from the beginning is read."""
        return b""

    def position(self) -> None:
        """Return None: standard input cannot be read again."""

    def close(self) -> None:
        """Stop reading; the descriptor stays open."""
        self._ended = True
        self._splitter.reset()
        self._closing.set()

    def _read_ahead(self) -> None:
        """Queue block after block, and an empty one at the end."""
        block = b"\n"
        while block and not self._closing.is_set():
            block = self._next_block()
            self._hand_over(block)

    def _next_block(self) -> bytes:
        while True:
            try:
                return os.read(self._descriptor, BLOCK)
            except BlockingIOError:  # the descriptor was opened elsewhere with O_NONBLOCK
                select.select([self._descriptor], [], [])
            except OSError as error:
                self._failure = f"cannot be read: {error.strerror}"
                return b""

    def _hand_over(self, block: bytes) -> None:
        while not self._closing.is_set():
            try:
                self._blocks.put(block, timeout=1)
            except queue.Full:
                continue
            self._hint.set()
            return
