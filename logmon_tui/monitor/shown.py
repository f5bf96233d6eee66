"""Shown: which hits the panels show, by a filter and a window, and their figures. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace

from logmon_tui.filters.language import Filter
from logmon_tui.formats.model.hit_batch import TAIL_LINES, Dimension
from logmon_tui.formats.newest_lines import ParsedLines
from logmon_tui.history.sums import Sums, merged, sums_of
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.grouping import BatchCounter
from logmon_tui.metrics.measured import Largest
from logmon_tui.monitor.window_view import GRAPH_SECONDS, RATE_SECONDS, Trends
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.recent.requests import requests_in, requests_of
from logmon_tui.recent.view import View
from logmon_tui.snapshot import Order, Request, Requests, Scope, TrafficHistory

MAX_REQUESTS = 200
"""Maximum requests in a Snapshot."""

SUM_SECONDS_PER_HIT = 15e-6
"""Seconds between two sums over a window, for each kept hit in it: twenty to thirty times what
summing it up takes. So a long window on a busy log costs a twentieth of a core at most."""


class Figures(NamedTuple):
    """The sums over the window that panels show, and what they show beside it.

    `distinct` returns how many keys of a dimension were seen. `former` are the hits by section in
    former windows.
    """

    bucket: MetricsBucket
    largest: Largest
    distinct: Callable[[Dimension], int]
    end: int
    seconds: int
    former: Trends
    rate: float
    traffic: TrafficHistory


class _TailLine(msgspec.Struct, frozen=True):
    """A raw line of the second, and its hit if somebody looks at it."""

    second: int
    line: bytes
    hit: Request | None


class Shown:
    """Chooses which hits of `store` are shown: until told otherwise all, of the last `seconds`.

    Public attributes: `order` of the requests, None while nobody looks at them, and `parsed_tail`,
    whether somebody looks at the hits of the newest lines.
    """

    def __init__(self, store: HitStore, where: Filter, seconds: int) -> None:
        self._store = store
        self._default_seconds = seconds
        self._view = View(store, where, seconds)
        self._past: View | None = None
        self._window: tuple[MetricsBucket, Trends, int] | None = None  # what is summed up, its end
        self._due = 0.0  # monotonic time from which on the window may be summed up again
        self._requests: tuple[Request, ...] = ()  # of the last picture that had any
        self.order: Order | None = None
        self.parsed_tail = False

    @property
    def is_default(self) -> bool:
        """Whether no filter and no other window was set: StatsWindow has these sums already."""
        return not self._view.where and self._view.seconds == self._default_seconds

    @property
    def asked(self) -> View:
        """What stands for the filter and the window: another one whenever one of them is set."""
        return self._view

    @property
    def seconds(self) -> int | None:
        """The seconds of the window, None for all that are kept."""
        return self._view.seconds

    @property
    def where(self) -> Filter:
        """The filter, an empty one for all hits."""
        return self._view.where

    def set_filter(self, where: Filter) -> None:
        """Show the hits that `where` takes."""
        self._view = View(self._store, where, self._view.seconds)
        self._window = None

    def set_window(self, seconds: int | None) -> None:
        """Show the last `seconds`, or all hits that are kept."""
        self._view = View(self._store, self._view.where, seconds)
        self._window = None

    def scope(self, end: int) -> Scope:
        """Return which hits are shown in the window that ends with the second `end`."""
        where, view = self._view.where, self._view
        if self.is_default:
            return Scope(seconds=view.seconds)
        since = self._store.since
        missing = since is not None and since > end - view.length(end) + 1
        return Scope(
            where.text,
            where.terms,
            view.seconds,
            since if missing or view.seconds is None else None,
            view.sampled(end),
        )

    def figures(self, end: int, now: float, rows: int | None, extra_rows: int) -> Figures:
        """Return the figures at the second `end`; `now` is monotonic.

        Response times by key are those of the `rows` keys with the most hits, and of the
        `extra_rows` with the most errors or time.
        """
        view = self._view
        if self._window is None or now >= self._due:
            self._window = view.bucket(end, rows, extra_rows), view.former_sections(end), end
            self._due = now + view.kept_hits(end) * SUM_SECONDS_PER_HIT
        bucket, former, ended = self._window
        classes = view.by_second(end - GRAPH_SECONDS, GRAPH_SECONDS)
        return Figures(
            bucket,
            bucket.largest,
            lambda dimension: bucket.tallies[dimension].distinct,
            end=ended,
            seconds=view.length(ended),
            former=former,
            rate=float(classes[-RATE_SECONDS:].sum()) / RATE_SECONDS,
            traffic=TrafficHistory(end - GRAPH_SECONDS, tuple(map(tuple, classes.tolist()))),
        )

    def knows(self, end: int, seconds: int) -> bool:
        """Tell whether all hits of the `seconds` up to the second `end` are kept."""
        since = self._store.since
        return since is not None and since <= end - seconds + 1

    def samples(self, end: int, seconds: int) -> bool:
        """Tell whether a hit of the `seconds` up to the second `end` stands for several."""
        return self._past_view(seconds).sampled(end)

    def kept_hits_at(self, end: int, seconds: int) -> int:
        """Return how many kept hits `bucket_at` sums up."""
        return self._past_view(seconds).kept_hits(end)

    def bucket_at(self, end: int, seconds: int, rows: int | None, extra_rows: int) -> MetricsBucket:
        """Return the sums over the `seconds` up to the past second `end`; see `figures`."""
        return self._past_view(seconds).bucket(end, rows, extra_rows)

    def _past_view(self, seconds: int) -> View:
        if self._view.seconds == seconds:
            return self._view
        if self._past is None or (self._past.where, self._past.seconds) != (self.where, seconds):
            self._past = View(self._store, self.where, seconds)
        return self._past

    def at(self, end: int, seconds: int, rows: int | None, extra_rows: int) -> Figures:
        """Return the figures of the `seconds` up to the past second `end`; see `figures`."""
        view = self._past_view(seconds)
        bucket = view.bucket(end, rows, extra_rows)
        classes = view.by_second(end - GRAPH_SECONDS, GRAPH_SECONDS)
        return Figures(
            bucket,
            bucket.largest,
            lambda dimension: bucket.tallies[dimension].distinct,
            end=end,
            seconds=seconds,
            former=view.former_sections(end),
            rate=bucket.hits / seconds,
            traffic=TrafficHistory(end - GRAPH_SECONDS, tuple(map(tuple, classes.tolist()))),
        )

    def sums(self, begin: int, step: int, count: int) -> list[Sums] | None:
        """Return the totals of `count` times, `step` seconds long, from the second `begin` on.

        None if not all hits of these times are kept.
        """
        since = self._store.since
        if since is None or since > begin:
            return None
        found = [Sums(clients=None) for _ in range(count)]
        for block, rows in self._view.between(begin - 1, begin + step * count - 1):
            hits = self._view.hits_of(block, rows)
            places = replace(hits, seconds=(hits.seconds - begin) // step, columns={})
            for place, bucket in BatchCounter(places, 1).buckets((), detail=True).items():
                sums = sums_of(bucket)
                for _ in range(block.weight.bit_length() - 1):  # a weight is a power of two
                    sums = merged([sums, sums])
                found[place].add(sums)
        return found

    def requests(self, end: int) -> Requests | None:
        """Return the requests of the window that ends with the second `end`, if asked for."""
        if self.order is None:
            return None
        known = self._requests  # on a quiet log, most of those of the last picture
        self._requests = requests_of(self._view, end, self.order, MAX_REQUESTS, known)
        return Requests(self.order, self._requests)

    def tail(
        self, newest: Sequence[ParsedLines]
    ) -> tuple[tuple[bytes, ...], tuple[Request, ...] | None]:
        """Return those of the `newest` lines whose hits the filter takes, in order of time.

        Return their hits as well if somebody looks at them, else None.
        """
        taken = [each for part in newest for each in self._taken_of(part)]
        taken.sort(key=lambda each: each.second)
        taken = taken[-TAIL_LINES:]
        lines = tuple(each.line for each in taken)
        if not self.parsed_tail:
            return lines, None
        return lines, tuple(each.hit for each in taken if each.hit is not None)

    def _taken_of(self, part: ParsedLines) -> Iterator[_TailLine]:
        """Yield the newest lines of a format that the filter takes, in order of time."""
        if (hits := part.hits) is None:
            return
        rows = np.flatnonzero(self.where.mask(hits))
        rows = rows[np.argsort(hits.seconds[rows], kind="stable")][-TAIL_LINES:]
        if self.parsed_tail:
            for row, hit in zip(rows, requests_in(hits.select(rows), rows.tolist()), strict=True):
                yield _TailLine(hit.second, part.lines[row], hit)
        else:
            for row in rows:
                yield _TailLine(int(hits.seconds[row]), part.lines[row], None)
