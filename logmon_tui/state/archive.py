"""StateArchive: minutes and hours of the past, in a state file and in a stage before it.

What is over goes to the stage at once, a private database in memory that spills to a temporary
file. With each save of the state it moves on to the state file, in the same transaction. So what
cannot be saved for hours, during a backlog or with a full disk, stays bounded.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from logmon_tui.config.past import DEFAULTS, Retention
from logmon_tui.history.archive import MINUTE, Slice
from logmon_tui.history.sums import Sums, merged
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.state import history_rows as rows
from logmon_tui.state.known_sums import KnownSums

_Asked = TypeVar("_Asked")

_STAGE_KB = 16_384
"""Memory of the stage beyond which it uses a temporary file."""

OTHERS_SECONDS = 1.0
"""Seconds between two looks at how far another instance has recorded."""

NOTE = "some minutes or hours of the past are damaged, and left out"


class Asking(Protocol):
    """Returns what a function reads from a connection; None if nothing can be read."""

    def __call__(self, ask: Callable[[sqlite3.Connection], _Asked]) -> _Asked | None:
        """Return what `ask` reads."""


class StateArchive:
    """An Archive of a state file, from which it reads by `ask`.

    While another instance saves into the file, `shared` returns true, and the minutes in it count
    instead of this run's own ones of the same time. `retention` of None keep nothing.
    """

    def __init__(
        self,
        ask: Asking | None = None,
        retention: Retention | None = DEFAULTS,
        shared: Callable[[], bool] = lambda: False,
    ) -> None:
        self._ask = ask
        self.retention = retention
        self._shared = shared
        # The empty name makes a temporary database that only this connection sees.
        self._stage = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._stage.execute(f"PRAGMA cache_size = -{_STAGE_KB}")
        rows.create(self._stage)
        self._staged = False
        self._known = KnownSums()
        self._newest = 0
        self._others: tuple[float, int] = (0.0, 0)  # `others_until`, and when it was read
        self._damaged = False
        self.version = 0

    @property
    def note(self) -> str:
        """One line on what could not be read; empty if all could."""
        return NOTE if self._damaged else ""

    @property
    def others_until(self) -> int | None:
        """Minutes before this second were recorded by the instance that saves; None if none is."""
        if not self._shared():
            return None
        read, until = self._others
        now = time.monotonic()
        if now - read >= OTHERS_SECONDS or not read:
            newest = self._asked(lambda connection: rows.newest(connection, MINUTE))
            until = 0 if newest is None else newest + MINUTE
            self.version += until != self._others[1]
            self._others = now, until
            self._known.expect_changes()
        return until

    def _asked(self, ask: Callable[[sqlite3.Connection], _Asked]) -> _Asked | None:
        return None if self._ask is None else self._ask(ask)

    def take(self, slices: Sequence[Slice], newest: int) -> None:
        """Stage slices until the next save; drop what is too old at the second `newest`."""
        self._newest = max(self._newest, newest)
        if self.retention is None or not slices:
            return
        with contextlib.suppress(sqlite3.Error), _transaction(self._stage):  # the disk may be full
            self._damaged |= rows.write(self._stage, slices, self.retention) > 0
            rows.prune(self._stage, self._newest, self.retention)
        self._staged = True
        self.version += 1

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what is staged into a state file, within the transaction of a save.

        Raises sqlite3.Error.
        """
        if self.retention is None:
            rows.clear(connection)
        elif self._staged:
            self._damaged |= rows.copy(self._stage, connection, self.retention) > 0
            rows.prune(connection, self._newest, self.retention)

    def written(self) -> None:
        """Note that the save has worked."""
        if self._staged:
            self._known.forget(rows.places(self._stage))
            rows.clear(self._stage)
            self._staged = False

    def take_over(self, over: int | None) -> None:
        """Go on after another instance, which has recorded all minutes before the second `over`."""
        if self.retention is not None and over is not None:
            with contextlib.suppress(sqlite3.Error), _transaction(self._stage):
                self._damaged |= rows.keep_from(self._stage, over, self.retention) > 0
        self.forget_file()

    def forget_file(self) -> None:
        """Note that the file is another one now."""
        self._known.clear()
        self.version += 1

    def sums(self, width: int, since: int, until: int) -> list[tuple[int, Sums]]:
        """Return start and totals of the slices that begin from `since` to before `until`."""
        others = self.others_until
        saved = {} if self._ask is None else self._saved_sums(width, since, until)
        if others is None:
            staged = rows.read_sums(self._stage, width, since, until)
        else:
            staged = rows.sums_of_minutes(self._stage, width, max(since, others), until)
        self._damaged |= staged.damaged > 0
        for start, sums in staged.sums.items():
            saved[start] = merged([saved[start], sums]) if start in saved else sums
        return sorted(saved.items())

    def _saved_sums(self, width: int, since: int, until: int) -> dict[int, Sums]:
        found = self._known.between(self._asked, width, since, until)
        self._damaged |= found.damaged > 0
        return found.sums

    def bucket(self, width: int, since: int, until: int) -> MetricsBucket | None:
        """Return the merge of the buckets of those slices; None if one has no keys."""
        others = self.others_until
        found = [self._asked(lambda connection: rows.read_bucket(connection, width, since, until))]
        if others is None:
            found.append(rows.read_bucket(self._stage, width, since, until))
        else:  # the stage's hours have minutes that are in the file too
            found.append(rows.read_bucket(self._stage, MINUTE, max(since, others), until))
        parts = [each for each in found if each is not None]
        self._damaged |= any(each.damaged for each in parts)
        if any(each.unkeyed for each in parts):
            return None
        buckets = [each.bucket for each in parts if each.bucket is not None]
        for each in buckets[1:]:
            buckets[0].add(each)
        return buckets[0] if buckets else None

    def since(self, width: int) -> int | None:
        """Return where the oldest slice of a width begins, None if there is none."""
        found = self._asked(lambda connection: rows.oldest(connection, width))
        staged = rows.oldest(self._stage, width)
        return min((each for each in (found, staged) if each is not None), default=None)

    def close(self) -> None:
        """Forget what is staged."""
        self._stage.close()


class MemoryArchive(StateArchive):
    """An Archive for a run that saves no state: all stays in the stage."""

    def __init__(self, retention: Retention | None = DEFAULTS) -> None:
        super().__init__(None, retention)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    with connection:
        connection.execute("BEGIN")
        yield
