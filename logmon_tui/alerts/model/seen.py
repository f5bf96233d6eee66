"""RuleSeen: what a rule saw of a log, so that a user can tell why it did not fire. Values only."""

import msgspec

from logmon_tui.alerts.model.incident import Subject


class Nearest(msgspec.Struct, frozen=True):
    """The value nearest to the mildest threshold, or farthest beyond it, and when it was first so.

    `second` is that of the verdict, and `hits` are what the value was made of.
    """

    value: float
    hits: int
    subject: Subject
    second: int


class RuleSeen(msgspec.Struct, frozen=True):
    """The `hits` that a rule counted, of how many `subjects`, and the value that came `nearest`.

    `nearest` is None if no window had enough hits for a value; `most_hits` is how many the fullest
    one had. Of a rule for all traffic, `subjects` is 1 if it counted a hit.
    """

    hits: int = 0
    subjects: int = 0
    most_hits: int = 0
    nearest: Nearest | None = None
