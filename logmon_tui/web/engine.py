"""Engine: what a server knows of the watch that runs beside it, on another thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from logmon_tui.monitor.commands import Ask, Command
from logmon_tui.snapshot import Question, Snapshot

ANSWER_SECONDS = 10.0
"""Maximum seconds that a question waits: a pipeline that reads a backlog answers between chunks."""


class Engine:
    """Passes questions and commands to a watch, and has its newest Snapshot.

    `post` has the pipeline apply a command; any thread may call it. Public attribute: `latest`, the
    newest Snapshot, which the pipeline's thread replaces.
    """

    def __init__(self, post: Callable[[Command], None]) -> None:
        self.post = post
        self.latest = Snapshot()

    async def ask(self, question: Question) -> Snapshot:
        """Return the answer to `question`. Raises TimeoutError if it does not come in time."""
        answer: Future[Snapshot] = Future()
        self.post(
            Ask(
                question,
                lambda snapshot: _settle(answer, snapshot),
                lambda error: _fail(answer, error),
            )
        )
        return await asyncio.wait_for(asyncio.wrap_future(answer), ANSWER_SECONDS)


def _settle(answer: Future[Snapshot], snapshot: Snapshot) -> None:
    """Give an answer, unless nobody waits for it any more."""
    if answer.set_running_or_notify_cancel():
        answer.set_result(snapshot)


def _fail(answer: Future[Snapshot], error: Exception) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_exception(error)
