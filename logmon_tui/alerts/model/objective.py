"""ObjectiveStatus: how a service objective stands. Values only."""

import msgspec


class ObjectiveStatus(msgspec.Struct, frozen=True):
    """An objective with the hits of the last 30 days, and how many of them were bad.

    `target` is the share that must be good, from 0 to 1. `since` is the first second that the
    counts cover, None before the first hit.
    """

    name: str
    title: str
    target: float
    hits: int = 0
    bad: int = 0
    since: int | None = None

    @property
    def good_share(self) -> float | None:
        """The share of good hits, None without hits."""
        return 1 - self.bad / self.hits if self.hits else None

    @property
    def budget_left(self) -> float:
        """The part of the error budget that is left: 1 for all of it, below 0 if overspent."""
        if not self.hits:
            return 1.0
        return 1 - self.bad / self.hits / round(1 - self.target, 9)
