"""What is said of the limits that a user set for a report. Frozen values."""

from enum import StrEnum

import msgspec


class LimitState(StrEnum):
    """How a window stands to a limit."""

    KEPT = "kept"
    CROSSED = "crossed"
    UNKNOWN = "unknown"


class Verdict(msgspec.Struct, frozen=True):
    """A limit as it was written, how the window stands to it, and why in words.

    `baseline` and `present` are what was compared, in the metric's unit; None if not known.
    """

    limit: str
    state: LimitState
    baseline: float | None
    present: float | None
    message: str
