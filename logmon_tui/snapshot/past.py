"""What is known of the past: the moment that panels show, and the columns of the graph. Frozen."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from logmon_tui.snapshot.traffic import ByClass, Times


class Known(StrEnum):
    """What the figures of a past moment are made of."""

    HITS = "hits"  # every hit: any filter can be answered
    MINUTES = "minutes"  # totals and the top keys of each minute
    HOURS = "hours"  # the same of each hour
    NOTHING = "nothing"


class Moment(NamedTuple):
    """The past moment that panels show: the `seconds` up to `end`, made of what is `known`.

    With a filter, only the rankings of the dimensions named in `answered` could be filtered, among
    their top keys; None means that every figure is right.
    """

    end: int
    seconds: int
    known: Known
    answered: tuple[str, ...] | None = None


class GraphColumn(NamedTuple):
    """The traffic of one column: `seconds` of it are known, and the sums over these.

    `times` are None without response times. `clients` is the mean number of distinct clients in a
    minute, None where it is not known.
    """

    seconds: int
    hits: int
    bytes: int
    by_class: ByClass
    times: Times | None = None
    clients: float | None = None


class Graph(msgspec.Struct, frozen=True):
    """The traffic of a time in columns of `step` seconds, the first of which begins at `start`.

    A column of which nothing is known is None. `before` are the same columns `offset` seconds
    earlier, if that was asked for. `since` is the first second of which anything is known. The
    graph shows all hits if `filtered` is False, whatever the filter.
    """

    start: int
    step: int
    columns: tuple[GraphColumn | None, ...]
    before: tuple[GraphColumn | None, ...] = ()
    offset: int | None = None
    since: int | None = None
    filtered: bool = False
