"""Baseline: the traffic with which Snapshots compare what they show. Frozen values."""

from dataclasses import dataclass, field

from logmon_tui.snapshot.past import Known
from logmon_tui.snapshot.traffic import Window


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """The traffic `offset` seconds before what is shown; with 0, of the time just before that.

    `window` is made of what is `known`. Recorded minutes and hours are whole, so it may be longer
    than what is shown: compare hits a second. If nothing is known it says only for which time. Its
    rankings have the rows of all keys that what is shown has rows of.
    """

    offset: int
    window: Window = field(default_factory=Window)
    known: Known = Known.NOTHING
