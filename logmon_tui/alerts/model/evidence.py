"""Evidence: why an incident fired, as it was at its trigger; kept with it. Values only."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """By what the hits at the trigger are told apart."""

    SECTION = "section"
    PATH = "path"
    STATUS = "status"
    CLIENT = "client"
    USER_AGENT = "user_agent"


class Mover(NamedTuple):
    """One key, with its hits in the window before and in the one at the trigger.

    `share` is its part of the whole rise, or fall: (now - before) / (all now - all before). Where
    the whole did not rise, though too much is what is bad, it is the key's part of all now.
    """

    key: bytes
    before: int
    now: int
    share: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The window at the trigger against the window of the same length before.

    `before` and `now` count the hits that matter to the rule (of its subject, of its status; for
    a byte rate they count bytes); estimates, if they were `sampled`. `movers` are for each kind the
    keys that rose most, the largest rise first. `since` is the first second of which hits were
    known, where that lies within the windows: the rest is missing then. `values` is what the rule
    measured, one value for each slot of `step` seconds from `start` on, None where it was
    undefined; it is added to while the incident lasts. `samples` are lines of the log, as they
    stand there.
    """

    before: int
    now: int
    movers: tuple[tuple[Kind, tuple[Mover, ...]], ...]
    samples: tuple[bytes, ...] = ()
    since: int | None = None
    start: int = 0
    step: int = 1
    values: tuple[float | None, ...] = ()
    sampled: bool = False
