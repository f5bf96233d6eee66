"""Worker: sends the messages of one target from a thread of its own, and tries again."""

import random
import threading
import time
from collections import deque
from typing import NamedTuple

from logmon_tui.notify.message import Message
from logmon_tui.notify.target import Dead, Sender, SendError
from logmon_tui.snapshot import TargetStatus

MOST_WAITING = 100
"""Of more messages the oldest are dropped: what is new matters more."""


class Patience(NamedTuple):
    """How long a message is tried: so many times, not when older than `age` seconds.

    The pauses between begin with `shortest` seconds and double up to `longest`; each is cut by
    chance, to a half at most, so that many watchers do not come at once.
    """

    tries: int = 12
    age: float = 3_600.0
    shortest: float = 1.0
    longest: float = 300.0

    def pause(self, tries: int) -> float:
        """Return how many seconds to wait after so many tries."""
        whole: float = min(self.longest, self.shortest * 2.0 ** min(tries - 1, 30))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311 - no secret is made of it


class _Waiting(NamedTuple):
    message: Message
    since: float  # monotonic


class Worker:
    """Sends to the target `name`; `put` never blocks, and any thread may ask for the `status`."""

    def __init__(
        self, name: str, kind: str, sender: Sender, patience: Patience | None = None
    ) -> None:
        self._status = TargetStatus(
            name, kind, problem=sender.why if isinstance(sender, Dead) else ""
        )
        self._sender = sender
        self._patience = patience or Patience()
        self._waiting: deque[_Waiting] = deque()
        self._sending = False
        self._closing = False
        self._stirred = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"notify-{kind}", daemon=True)

    def put(self, message: Message) -> None:
        """Have a message sent."""
        with self._stirred:
            if self._closing:
                return
            if not self._thread.is_alive():
                self._thread.start()
            self._waiting.append(_Waiting(message, time.monotonic()))
            if len(self._waiting) > MOST_WAITING:
                self._waiting.popleft()
                self._note(dropped=self._status.dropped + 1)
            self._stirred.notify_all()

    def status(self) -> TargetStatus:
        """Tell how the target does."""
        with self._stirred:
            return self._status._replace(waiting=len(self._waiting) + self._sending)

    def finish(self) -> None:
        """Take no more, and try once more what waits; `join` waits for that."""
        with self._stirred:
            self._closing = True
            self._stirred.notify_all()

    def join(self, seconds: float) -> None:
        """Wait until all is tried, but so many seconds at most; then end what is being sent."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        if self._thread.is_alive():
            self._sender.close()

    def _run(self) -> None:
        while (waiting := self._take()) is not None:
            self._deliver(waiting)
            with self._stirred:
                self._sending = False

    def _take(self) -> _Waiting | None:
        """Return the next message as soon as there is one, None when there will be no more."""
        with self._stirred:
            self._stirred.wait_for(lambda: self._waiting or self._closing)
            if not self._waiting:
                return None
            self._sending = True
            return self._waiting.popleft()

    def _deliver(self, waiting: _Waiting) -> None:
        """Send a message, or give it up in the end."""
        patience = self._patience
        for tries in range(1, patience.tries + 1):
            was_closing = self._closing
            problem, for_good = self._try_to_send(waiting.message)
            if not problem:
                return
            too_old = time.monotonic() - waiting.since >= patience.age
            last = for_good or too_old or was_closing or tries == patience.tries
            with self._stirred:
                self._note(problem=problem, dropped=self._status.dropped + last)
                if last:
                    return
                self._stirred.wait_for(lambda: self._closing, patience.pause(tries))

    def _try_to_send(self, message: Message) -> tuple[str, bool]:
        """Send once; return what went wrong, and whether it would again."""
        try:
            self._sender.send(message)
        except SendError as error:
            return str(error), error.for_good
        except Exception as error:  # noqa: BLE001 - the thread must not die; texts may be secret
            return f"failed ({type(error).__name__})", False
        with self._stirred:
            self._note(sent=self._status.sent + 1, problem="", sent_at=time.time())
        return "", False

    def _note(self, **changes: object) -> None:
        self._status = self._status._replace(**changes)  # type: ignore[arg-type]  # by name
