"""Asking: passes questions and commands to the engine, a few at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from logmon_tui.monitor.commands import Command
from logmon_tui.snapshot import Question, Snapshot
from logmon_tui.web.engine import Engine
from logmon_tui.web.problems import ProblemError

MAX_QUESTIONS = 8
"""Maximum questions of all clients at a time."""


class Asking:
    """Asks `engine`; used in one event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asked = 0
        self._changed: tuple[Snapshot, Snapshot] | None = None

    @property
    def latest(self) -> Snapshot:
        """The newest Snapshot; only what it tells of traffic depends on what a screen shows.

        Whoever changes the watch finds the change in it at once.
        """
        if self._changed is not None and self._changed[0] is self._engine.latest:
            return self._changed[1]
        return self._engine.latest

    async def ask(self, question: Question) -> Snapshot:
        """Return the answer to a question. Raises ProblemError (429) and TimeoutError."""
        with self._turn():
            return await self._engine.ask(question)

    async def apply(self, command: Command) -> Snapshot:
        """Have a command applied, and return what there is then. Raises as `ask` does."""
        with self._turn():
            self._engine.post(command)
            found = await self._engine.ask(Question())
        self._changed = self._engine.latest, found
        return found

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold one of the places for questions. Raises ProblemError (429) if all are taken."""
        if self._asked >= MAX_QUESTIONS:
            problem = f"{MAX_QUESTIONS} questions wait for their answers already; ask again"
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, problem, {"Retry-After": "1"})
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1
