"""What is measured of a subject, and how a rule stands with it. Values only."""

from typing import NamedTuple

from logmon_tui.alerts.evaluation.limit_state import LimitState, Step
from logmon_tui.alerts.model.rule import Limit


class Reading(NamedTuple):
    """What a rule measures of one subject, and the hits that it is measured of.

    The value is None where there is nothing to measure. One of fewer hits than the rule asks for
    is told but not judged.
    """

    value: float | None
    hits: int
    enough: bool = True

    @property
    def judged(self) -> float | None:
        """The value that is judged, None where it is undefined."""
        return self.value if self.enough else None


class Standing(NamedTuple):
    """How a rule stands with one subject: a latch for each of its limits."""

    latches: tuple[LimitState, ...]
    pending_since: int | None  # when the mildest threshold was crossed that led here

    @property
    def idle(self) -> bool:
        """Whether there is nothing to remember."""
        return all(latch.step is Step.OFF for latch in self.latches)

    def in_force(self, limits: tuple[Limit, ...]) -> Limit:
        """Return the worst of `limits` whose severity is in force; the mildest if none is."""
        held = [limit for limit, latch in zip(limits, self.latches, strict=True) if latch.holds]
        return held[-1] if held else limits[0]
