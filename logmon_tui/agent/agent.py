"""Agent: the loop that reads logs, sends what is new, and says how it is."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from logmon_tui import __version__
from logmon_tui.agent.followed import MAX_CHUNKS, FollowedLog, Host
from logmon_tui.agent.sending import Sender
from logmon_tui.escape import printable
from logmon_tui.fleet.access import Access
from logmon_tui.fleet.protocol import (
    HEALTH,
    LINES,
    MAX_LOG,
    Health,
    encode_health,
    subject,
    token,
)
from logmon_tui.sources.base import SourceState

FLUSH_SECONDS = 0.5
"""Seconds between two looks at logs: what was written in between is sent together."""
HEALTH_SECONDS = 5.0
"""Seconds between two messages of health."""
LAST_SECONDS = 1.0
"""Maximum seconds for the last words after a signal: a service must end soon."""
_AGAIN_SECONDS = 0.2
"""Seconds until a task that did not end is cancelled again."""
_MAX_LOGS, _MAX_MESSAGE = 100, 500


class Arrivals(Protocol):
    """Logs that come and go, such as those that match a pattern."""

    def new(self) -> Sequence[FollowedLog]:
        """Return the logs that are there since the last call."""

    def forget(self, log: FollowedLog) -> None:
        """Note that a log is gone; it may come again."""


async def _cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait until they have ended.

    nats-py swallows a cancellation while it flushes or waits for room, so each may need another.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN_SECONDS)


class Agent:
    """Sends the lines of logs to a broker until `stop`.

    `access` returns how the broker is reached. `told` hears in one line what is wrong, whenever
    that changes, and "" when nothing is. `arrivals` bring further logs, which are closed when they
    are gone.
    """

    def __init__(
        self,
        logs: Iterable[FollowedLog],
        host: Host,
        access: Callable[[], Access],
        told: Callable[[str], None],
        arrivals: Arrivals | None,
    ) -> None:
        self._logs = list(logs)
        self._host = host
        self._access = access
        self._hearer = told
        self._arrivals = arrivals
        self._passing: list[FollowedLog] = []  # those of the logs that `arrivals` brought
        self._trouble = ""  # of the broker
        self._unsaved = ""  # why the state cannot be saved
        self._stopping = asyncio.Event()
        self._told = ""

    def stop(self) -> None:
        """End soon: say so, and close; only the loop's own thread may call this."""
        self._stopping.set()

    async def run(self) -> None:
        """Send lines until `stop`."""
        host = self._host
        inbox = f"_INBOX.logmon.agent.{token(host.site)}.{token(host.name)}"
        sender = Sender(self._access, self._hear, f"logmon-tui agent {host.name}", inbox)
        tasks = [
            asyncio.create_task(self._send_for_ever(sender)),
            asyncio.create_task(self._speak_for_ever(sender)),
            asyncio.create_task(self._look_for_ever()),
        ]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # raises what went wrong
        finally:
            await _cancelled([stopping, *tasks])
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._say(sender, SourceState.ENDED), LAST_SECONDS)
            await sender.close()
            self._save(self._logs)
            for log in self._logs:
                log.close()

    async def _send_for_ever(self, sender: Sender) -> None:
        lines = subject(self._host.site, self._host.name, LINES)
        while True:
            began = time.monotonic()
            self._come_and_go()
            busy = self._read()
            saved = self._save(busy or self._logs)
            if saved and busy:
                await self._send(sender, lines, busy)
            if not saved or not any(log.backlog for log in busy):
                await asyncio.sleep(max(0.05, FLUSH_SECONDS - (time.monotonic() - began)))

    def _come_and_go(self) -> None:
        """Take on logs that are there now, and close those that are gone and were sent."""
        if self._arrivals is None:
            return
        for log in [each for each in self._passing if each.is_gone]:
            self._save([log])
            self._passing.remove(log)
            self._logs.remove(log)
            self._arrivals.forget(log)
            log.close()
        new = self._arrivals.new()
        self._passing += new
        self._logs += new

    def _read(self) -> list[FollowedLog]:
        """Read a batch; return the logs that have chunks in it. A loud log must not stop others."""
        if not self._logs:
            return []
        self._logs.append(self._logs.pop(0))
        busy, room = [], MAX_CHUNKS
        for log in self._logs:
            if log.read(room):
                busy.append(log)
            room -= len(log.chunks)
            if room <= 0:
                break
        return busy

    async def _send(self, sender: Sender, lines: str, logs: Sequence[FollowedLog]) -> None:
        messages = [chunk.message for log in logs for chunk in log.chunks]
        refused = set(map(id, await sender.send(lines, messages)))
        for log in logs:
            log.sent(refused)

    def _save(self, logs: Iterable[FollowedLog]) -> bool:
        """Save where logs are; return whether that worked: nothing is sent before."""
        try:
            for log in logs:
                log.save()
        except OSError as error:
            self._unsaved = f"the state cannot be saved, so nothing is sent: {error.strerror}"
            self._report()
            return False
        self._unsaved = ""
        return True

    async def _look_for_ever(self) -> None:
        """Notice rotations while chunks wait for the broker, and save how much waits."""
        saved = time.monotonic()
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            waiting = [log for log in self._logs if log.chunks or self._trouble]
            for log in waiting:
                log.look()
            if waiting and time.monotonic() > saved + HEALTH_SECONDS:
                with suppress(OSError):  # the next batch tells of it
                    for log in waiting:
                        log.save_what_waits()
                saved = time.monotonic()

    async def _speak_for_ever(self, sender: Sender) -> None:
        while True:
            await sender.connect()  # without any line to send, too
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._say(sender), HEALTH_SECONDS)
            self._report()
            await asyncio.sleep(HEALTH_SECONDS)

    async def _say(self, sender: Sender, state: SourceState | None = None) -> None:
        where = subject(self._host.site, self._host.name, HEALTH)
        await sender.tell(where, encode_health(self.health(state)))

    def health(self, state: SourceState | None = None) -> Health:
        """Return how the agent is; `state` is that of the logs unless it is given."""
        now = time.time()
        logs = self._logs
        since = [log.waiting_since for log in logs]
        waiting = [each for each in since if each is not None]
        newest = [log.newest for log in logs if log.newest is not None]
        return Health(
            host=self._host.name,
            site=self._host.site,
            agent=__version__[:32],
            state=(state or self._state()).value,
            at=now,
            newest=max(newest, default=None),
            lag=max(0.0, now - min(waiting)) if waiting else 0.0,
            backlog=sum(log.backlog for log in logs),
            sent=sum(log.progress.sent for log in logs),
            lost=sum(log.progress.lost for log in logs),
            lost_bytes=sum(log.progress.lost_bytes for log in logs),
            left_out=sum(log.progress.left_out for log in logs),
            logs=tuple(printable(log.log)[:MAX_LOG] for log in logs[:_MAX_LOGS]),
            message=printable(self._problem())[:_MAX_MESSAGE],
            interval=HEALTH_SECONDS,
        )

    def _state(self) -> SourceState:
        """Return the state of the log that is worst off."""
        states = {log.state for log in self._logs}
        worst = (SourceState.FAILED, SourceState.CATCHING_UP, SourceState.LIVE)
        return next((state for state in worst if state in states), SourceState.WAITING)

    def _problem(self) -> str:
        problems = (log.problem for log in self._logs)
        found = self._unsaved or next(filter(None, problems), "") or self._trouble
        return found or next(filter(None, (log.note for log in self._logs)), "")

    def _hear(self, trouble: str) -> None:
        self._trouble = trouble
        self._report()

    def _report(self) -> None:
        """Tell what is wrong whenever that changes."""
        text = self._trouble or self._problem()
        if text != self._told:
            self._told = text
            self._hearer(text)
