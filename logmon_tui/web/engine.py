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
    waits until those before it are paid for.
    """

    def __init__(self, post: Callable[[Command], None]) -> None:
        self.post = post
        self.latest = Snapshot()
        self._paid = 0.0  # monotonic time at which all answers so far are paid for
        self._typical = 0.0  # CPU seconds of an answer

    async def ask(self, question: Question) -> Snapshot:
        """Return the answer to `question`. Raises TimeoutError if it does not come in time."""
        return (await self.answer(question)).snapshot

    async def answer(self, question: Question) -> Answer:
        """Return the answer to `question`, and what it took, as `ask` does."""
        expected = self._typical
        await self._wait_for_turn(expected)
        answer: Future[Answer] = Future()
        self.post(
            Ask(
                question,
                lambda snapshot, seconds: _settle(answer, Answer(snapshot, seconds)),
                lambda error: _fail(answer, error),
            )
        )
        found = await asyncio.wait_for(asyncio.wrap_future(answer), ANSWER_SECONDS)
        self._paid += (found.seconds - expected) / SHARE
        self._typical += (found.seconds - self._typical) / 8
        return found

    async def _wait_for_turn(self, expected: float) -> None:
        """Wait until an answer of so many CPU seconds may be asked for. Raises TimeoutError."""
        now = time.monotonic()
        begin = max(self._paid, now - SAVED_SECONDS)
        if begin - now > ANSWER_SECONDS:
            raise TimeoutError
        self._paid = begin + expected / SHARE
        if begin > now:
            await asyncio.sleep(begin - now)


def _settle(answer: Future[Answer], found: Answer) -> None:
    """Give an answer, unless nobody waits for it any more."""
    if answer.set_running_or_notify_cancel():
        answer.set_result(found)


def _fail(answer: Future[Answer], error: Exception) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_exception(error)
