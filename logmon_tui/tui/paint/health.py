"""How the reading itself goes, in the words that the header and the ingest panel share."""

from typing import NamedTuple

from logmon_tui import units
from logmon_tui.snapshot import Ingest

LOW_PARSED = 0.99
"""A smaller share of lines that are hits is worth a warning."""


class Oddity(NamedTuple):
    """How often something happened that should not."""

    name: str
    number: int

    def __str__(self) -> str:
        """Return `2 truncations`, `1 late`."""
        name = self.name[:-1] if self.number == 1 and self.name.endswith("s") else self.name
        return f"{units.count(self.number)} {name}"


def oddities(ingest: Ingest) -> tuple[Oddity, ...]:
    """Return all counts that should be zero, the most harmful first: what may have lost lines."""
    return (
        Oddity("truncations", ingest.truncations),
        Oddity("oversize", ingest.oversize),
        Oddity("unparsed", ingest.unparsed),
        Oddity("late", ingest.late),
        Oddity("future", ingest.future),
    )
