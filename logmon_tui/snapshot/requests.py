"""Which hits the panels show, and single requests among them. Frozen values."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec


class Order(StrEnum):
    """How the requests of a Snapshot are ordered."""

    NEWEST = "newest"
    SLOWEST = "slowest"
    LARGEST = "largest"


class Request(msgspec.Struct, frozen=True):
    """One hit, with all that its format tells of it.

    `number` counts the hits in the order of their arrival. `second` is in UTC epoch seconds,
    `size` in bytes. `texts` are by Dimension and `measures` by Measure, as in a HitBatch, but
    without unknown ones.
    """

    number: int
    second: int
    status: int
    size: int
    texts: Mapping[str, bytes]
    measures: Mapping[str, int]


class Requests(NamedTuple):
    """The first of the requests in the window of the panels, in an order."""

    order: Order
    rows: tuple[Request, ...] = ()


class FoundLine(NamedTuple):
    """The raw line of the request with this number; None if it is no longer kept."""

    number: int
    line: bytes | None


class Scope(NamedTuple):
    """Which hits the panels show: those that `where` takes, of the last `seconds`.

    `where` is a filter, empty for all hits; `terms` are its parts. `seconds` is None for all that
    are kept. If not all hits of the window are known, `since` is the first second that is. If
    `sampled`, the figures are estimates.
    """

    where: str = ""
    terms: tuple[str, ...] = ()
    seconds: int | None = None
    since: int | None = None
    sampled: bool = False
