"""What a report tells of each hour or of each day. Frozen values."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from logmon_tui.config.output import By
from logmon_tui.snapshot.traffic import Errors


class PeriodRow(NamedTuple):
    """The figures of one period, which begins at the second `start` (UTC epoch).

    `start` is None for the sum of all periods before those that are kept apart. `visitors` is an
    estimate with a standard error of 1.6 %, None if the log has no clients. `p95` is the response
    time in seconds, None if no hit has one; `resolution` is that of the log, 0 if not known.
    """

    start: int | None = None
    hits: int = 0
    bytes: int = 0
    visitors: int | None = None
    errors: Errors = Errors()
    p95: float | None = None
    resolution: float = 0.0


class Timeline(msgspec.Struct, frozen=True):
    """The figures of successive columns of `length` seconds, none missing; empty if not asked for.

    Their rows tell no bytes and no visitors.
    """

    length: int = 1
    rows: tuple[PeriodRow, ...] = ()


class PeriodTable(msgspec.Struct, frozen=True):
    """The periods of a report, oldest first; `earlier` sums up those that are not kept apart."""

    by: By = By.HOUR
    rows: tuple[PeriodRow, ...] = ()
    earlier: PeriodRow | None = None

    @property
    def timed(self) -> bool:
        """Whether any period has a response time."""
        return any(row.p95 is not None for row in self.all())

    def all(self) -> Iterator[PeriodRow]:
        """Yield all rows, oldest first."""
        if self.earlier is not None:
            yield self.earlier
        yield from self.rows
