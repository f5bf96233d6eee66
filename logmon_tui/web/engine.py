"""Engine: what a server knows of the watch that runs beside it, on another thread."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from logmon_tui.monitor.commands import Ask, Command
from logmon_tui.snapshot import Question, Snapshot

ANSWER_SECONDS = 10.0
"""Maximum seconds that a question waits: a pipeline that reads a backlog answers between chunks."""

SHARE = 0.05
"""Share of a core that answers may take of the pipeline's thread, over the last seconds."""

SAVED_SECONDS = 5.0
"""Seconds whose unused share may be used at once, by a page that opens, say."""


class Answer(NamedTuple):
    """A Snapshot, and the CPU seconds that the pipeline's thread took to make it."""

    snapshot: Snapshot
    seconds: float


class Engine:
    """Passes questions and commands to a watch, and has its newest Snapshot.

    `post` has the pipeline apply a command; any thread may call it. Public attributes: `post`, and
    `latest`, the newest Snapshot, which the pipeline's thread replaces.

    However many questions are asked, answers take no more than `SHARE` of a core: each of them
    waits until those before it are paid for. Viewers of the page wait for each other alone, and
    programs for all: a script that asks without a pause makes no page stale.
    """

    def __init__(self, post: Callable[[Command], None]) -> None:
        self.post = post
        self.latest = Snapshot()
        self._all = _Account()
        self._viewers = _Account()
        self._typical = 0.0  # CPU seconds of an answer

    async def ask(self, question: Question) -> Snapshot:
        """Return the answer to a program. Raises TimeoutError if it does not come in time."""
        return (await self._answer(question, self._all)).snapshot

    async def answer(self, question: Question) -> Answer:
        """Return the answer to viewers, and what it took; raises as `ask` does."""
        return await self._answer(question, self._viewers)

    async def _answer(self, question: Question, account: "_Account") -> Answer:
        """Return the answer, once what is in `account` is paid for."""
        expected = self._typical
        now = time.monotonic()
        begin = account.free_at(now)
        if begin - now > ANSWER_SECONDS:
            raise TimeoutError
        for each in {account, self._all}:
            each.charge(expected, now)
        if begin > now:
            await asyncio.sleep(begin - now)
        answer: Future[Answer] = Future()
        self.post(
            Ask(
                question,
                lambda snapshot, seconds: _settle(answer, Answer(snapshot, seconds)),
                lambda error: _fail(answer, error),
            )
        )
        found = await asyncio.wait_for(asyncio.wrap_future(answer), ANSWER_SECONDS)
        for each in {account, self._all}:
            each.paid += (found.seconds - expected) / SHARE
        self._typical += (found.seconds - self._typical) / 8
        return found


class _Account:
    """What answers have taken. `paid` is the monotonic time at which they are all paid for."""

    def __init__(self) -> None:
        self.paid = 0.0

    def free_at(self, now: float) -> float:
        """Return the time at which the next answer may be asked for; some of it may be saved up."""
        return max(self.paid, now - SAVED_SECONDS)

    def charge(self, seconds: float, now: float) -> None:
        """Note that an answer takes so many CPU seconds."""
        self.paid = self.free_at(now) + seconds / SHARE


def _settle(answer: Future[Answer], found: Answer) -> None:
    """Give an answer, unless nobody waits for it any more."""
    if answer.set_running_or_notify_cancel():
        answer.set_result(found)


def _fail(answer: Future[Answer], error: Exception) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_exception(error)
