"""Baseline: the traffic with which Snapshots compare what they show. Frozen values."""

import msgspec

from logmon_tui.snapshot.past import Known
from logmon_tui.snapshot.traffic import Window


class Baseline(msgspec.Struct, frozen=True, eq=False):
    """The traffic `offset` seconds before what is shown; with 0, of the time just before that.

    `window` is made of what is `known`. Recorded minutes and hours are whole, so it may be longer
    than what is shown: compare hits a second. If nothing is known it says only for which time. Its
    rankings have the rows of all keys that what is shown has rows of.
    """

    offset: int
    window: Window = Window()
    known: Known = Known.NOTHING
