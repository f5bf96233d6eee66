"""What is kept of a line that is no hit."""

from typing import NamedTuple

KEPT_BYTES = 1_000
KEPT_LINES = 1_000

UNKNOWN_FORMAT = "no known log format"
"""The reason of lines in which no format was recognised."""


class UnparsedLine(NamedTuple):
    """The first bytes of a line that is no hit, and why it is none."""

    line: bytes
    reason: str
