"""Archive: what keeps the slices of time that are over. `state` has the implementation."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from logmon_tui.history.sums import Sums
from logmon_tui.metrics.bucket import MetricsBucket

MINUTE = 60
HOUR = 3_600
WIDTHS = (MINUTE, HOUR)
"""Seconds of the slices of time that an archive keeps, each for a time of its own."""


class Slice(NamedTuple):
    """A minute or an hour, or hits that came for it later: its width, first second and bucket.

    Minutes belong to an hour, and are added to it. A minute that is not `keyed` has no keys: those
    of its hits come with a slice of the hour, which such a minute is not added to.
    """

    width: int
    start: int
    bucket: MetricsBucket
    keyed: bool = True


class Archive(Protocol):
    """Keeps slices of time. What it cannot read it leaves out."""

    version: int
    """Another number whenever what it would return changed."""

    @property
    def others_until(self) -> int | None:
        """Minutes before this second were recorded by another instance that runs, if not None."""

    def take(self, slices: Sequence[Slice], newest: int) -> None:
        """Keep slices, merged with what it has; drop what is too old at the second `newest`."""

    def sums(self, width: int, since: int, until: int) -> list[tuple[int, Sums]]:
        """Return start and totals of the slices `width` seconds wide that begin in a time.

        The time is from `since` to before `until`. Slices without hits are missing.
        """

    def bucket(self, width: int, since: int, until: int) -> MetricsBucket | None:
        """Return the merge of those slices' buckets; None if one has no keys, or none has hits."""

    def since(self, width: int) -> int | None:
        """Return where the oldest slice of a width begins, None if there is none."""


class NoArchive:
    """The archive of a run that keeps none."""

    version = 0
    others_until: int | None = None

    def take(self, slices: Sequence[Slice], newest: int) -> None:
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
