"""Worker: sends the messages of one target from a thread of its own, and tries again."""

import random
import threading
import time
from collections import deque

import msgspec
from msgspec.structs import replace

from logmon_tui.notify.message import Message
from logmon_tui.notify.target import Sender, SendError, UnavailableSender
from logmon_tui.snapshot import TargetStatus

MAX_WAITING = 100
"""Maximum messages in the queue; beyond it the oldest are dropped, as new ones matter more."""


class RetryPolicy(msgspec.Struct, frozen=True):
    """When to send a failed message again: at most `tries` times, until `max_age` seconds old.

    The pause between two tries starts at `shortest` seconds and doubles up to `longest`. A random
    factor from 0.5 to 1 shortens it, so that many watchers do not retry at the same time.
    """

    tries: int = 12
    max_age: float = 3_600.0
    shortest: float = 1.0
    longest: float = 300.0

    def pause(self, tries: int) -> float:
        """Return the seconds to wait after `tries` tries."""
        whole: float = min(self.longest, self.shortest * 2.0 ** min(tries - 1, 30))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311 - no secret is made of it


class _QueuedMessage(msgspec.Struct, frozen=True):
    message: Message
    queued_at: float  # monotonic


class Worker:
    """Sends to the target `name`; `put` never blocks, and any thread may call `status`."""

    def __init__(
        self, name: str, kind: str, sender: Sender, retry: RetryPolicy | None = None
    ) -> None:
        self._status = TargetStatus(
            name, kind, problem=sender.why if isinstance(sender, UnavailableSender) else ""
        )
        self._sender = sender
        self._retry = retry or RetryPolicy()
        self._queue: deque[_QueuedMessage] = deque()
        self._sending = False
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"notify-{kind}", daemon=True)

    def put(self, message: Message) -> None:
        """Queue a message for sending."""
        with self._changed:
            if self._closing:
                return
            if not self._thread.is_alive():
                self._thread.start()
            self._queue.append(_QueuedMessage(message, time.monotonic()))
            if len(self._queue) > MAX_WAITING:
                self._queue.popleft()
                self._update_status(dropped=self._status.dropped + 1)
            self._changed.notify_all()

    def status(self) -> TargetStatus:
        """Return what was sent, waits and was dropped, and the last problem."""
        with self._changed:
            return replace(self._status, waiting=len(self._queue) + self._sending)

    def finish(self) -> None:
        """Accept no more messages, and try each queued one once more; `join` waits for that."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def join(self, seconds: float) -> None:
        """Wait at most `seconds` until every message was tried, then abort the current one."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        if self._thread.is_alive():
            self._sender.close()

    def _run(self) -> None:
        while (queued := self._take()) is not None:
            self._deliver(queued)
            with self._changed:
                self._sending = False

    def _take(self) -> _QueuedMessage | None:
        """Wait for the next message and return it; None once there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            if not self._queue:
                return None
            self._sending = True
            return self._queue.popleft()

    def _deliver(self, queued: _QueuedMessage) -> None:
        """Send a message; drop it after the last try."""
        retry = self._retry
        for tries in range(1, retry.tries + 1):
            was_closing = self._closing
            problem, for_good = self._try_to_send(queued.message)
            if not problem:
                return
            too_old = time.monotonic() - queued.queued_at >= retry.max_age
            last = for_good or too_old or was_closing or tries == retry.tries
            with self._changed:
                self._update_status(problem=problem, dropped=self._status.dropped + last)
                if last:
                    return
                self._changed.wait_for(lambda: self._closing, retry.pause(tries))

    def _try_to_send(self, message: Message) -> tuple[str, bool]:
        """Send once; return the problem, empty if none, and whether another try is useless."""
        try:
            self._sender.send(message)
        except SendError as error:
            return str(error), error.for_good
        except Exception as error:  # noqa: BLE001 - the thread must not die; texts may be secret
            return f"failed ({type(error).__name__})", False
        with self._changed:
            self._update_status(sent=self._status.sent + 1, problem="", sent_at=time.time())
        return "", False

    def _update_status(self, **changes: object) -> None:
        self._status = replace(self._status, **changes)
