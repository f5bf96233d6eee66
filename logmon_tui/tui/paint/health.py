"""The counts of odd events in reading, as the header and the ingest panel name them."""

from typing import NamedTuple

from logmon_tui import units
from logmon_tui.snapshot import Ingest

LOW_PARSED = 0.99
"""Minimum share of parsed lines; a smaller one is shown as a warning."""


class Oddity(NamedTuple):
    """The count of an event that should not happen."""

    name: str
    number: int

    def __str__(self) -> str:
        """Return `2 truncations`, `1 late`."""
        name = self.name[:-1] if self.number == 1 and self.name.endswith("s") else self.name
        return f"{units.count(self.number)} {name}"


def oddities(ingest: Ingest) -> tuple[Oddity, ...]:
    """Return all counts that should be zero; first those that may have lost lines."""
    return (
        Oddity("truncations", ingest.truncations),
        Oddity("oversize", ingest.oversize),
        Oddity("unparsed", ingest.unparsed),
        Oddity("late", ingest.late),
        Oddity("future", ingest.future),
    )
