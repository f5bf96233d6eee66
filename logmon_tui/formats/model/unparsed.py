"""UnparsedLine: what is kept of a line that is no hit."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")

KEPT_BYTES = 1_000
"""Maximum bytes kept of an unparsed line."""

KEPT_LINES = 1_000
"""Maximum newest unparsed lines kept of a batch."""

UNKNOWN_FORMAT = "no known log format"
"""The reason given while no format was recognised."""


class UnparsedLine(NamedTuple):
    """The first bytes of a line, and the reason why it is no hit."""

    line: bytes
    reason: str


def first_and_newest(unparsed: Sequence[T]) -> Sequence[T]:
    """Return the first and the newest `KEPT_LINES` of the unparsed lines (or of their numbers).

    The first one is kept as well, because it shows best that the format is wrong.
    """
    if len(unparsed) <= KEPT_LINES:
        return unparsed
    return [unparsed[0], *unparsed[-KEPT_LINES:]]
