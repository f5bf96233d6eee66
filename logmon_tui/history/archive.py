"""Archive: what keeps closed minutes and hours. `state` has the implementation."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from logmon_tui.history.sums import Sums
from logmon_tui.metrics.bucket import MetricsBucket

MINUTE = 60
HOUR = 3_600
WIDTHS = (MINUTE, HOUR)
"""Seconds of the slices of time that an archive keeps, each for a time of its own."""


class Recorded(NamedTuple):
    """A minute that is over, or hits that came for it later: its first second and its bucket."""

    start: int
    bucket: MetricsBucket


class Archive(Protocol):
    """Keeps minutes, and the hours made of them. What it cannot read it leaves out.

    Public attribute: `version`, another number whenever what it would return changed.
    """

    version: int

    def take(self, minutes: Sequence[Recorded], newest: int) -> None:
        """Keep closed minutes, merged with what it has; drop what is too old at `newest`."""

    def sums(self, width: int, since: int, until: int) -> list[tuple[int, Sums]]:
        """Return start and totals of the slices `width` seconds wide that begin in a time.

        The time is from `since` to before `until`. Slices without hits are missing.
        """

    def bucket(self, width: int, since: int, until: int) -> MetricsBucket | None:
        """Return the merge of those slices' buckets; None if there is none."""

    def since(self, width: int) -> int | None:
        """Return where the oldest slice of a width begins, None if there is none."""


class Forgetful:
    """The archive of a run that keeps none."""

    version = 0

    def take(self, minutes: Sequence[Recorded], newest: int) -> None:
        """Keep nothing."""

    def sums(self, width: int, since: int, until: int) -> list[tuple[int, Sums]]:  # noqa: ARG002
        """Return nothing."""
        return []

    def bucket(self, width: int, since: int, until: int) -> MetricsBucket | None:  # noqa: ARG002
        """Return nothing."""
        return None

    def since(self, width: int) -> int | None:  # noqa: ARG002
        """Return nothing."""
        return None
