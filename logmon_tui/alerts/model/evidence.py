"""Evidence: why an incident fired, seen at its trigger and stored with it. Values only."""

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Kind(StrEnum):
    """The kinds of keys by which the hits at the trigger are grouped."""

    SECTION = "section"
    PATH = "path"
    STATUS = "status"
    CLIENT = "client"
    USER_AGENT = "user_agent"
    SERVER = "server"


class Mover(NamedTuple):
    """One key, with its hits in the window before the trigger's and in the trigger's.

    `share` is its part of the whole rise or fall: (now - before) / (all now - all before). If the
    whole did not rise although the rule fires above a threshold, it is the key's part of all now.
    """

    key: bytes
    before: int
    now: int
    share: float


class Evidence(msgspec.Struct, frozen=True):
    """Compares the window at the trigger with the window of the same length before it.

    `before` and `now` count the hits that matter to the rule: of its subject and its status. For
    a byte rate they count bytes. If `sampled`, they are estimates. `movers` holds for each kind
    the keys that rose most, the largest rise first. `since` is the first second whose hits were
    known, if that lies within the windows: earlier hits are missing. `values` is what the rule
    measured, one value for each `step` seconds from `start` on, None for no data; it grows while
    the incident lasts. `samples` are raw lines of the log. `window` is the seconds of each of the
    two windows, 0 if they are as long as the incident's.
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
    window: int = 0
