"""Past: which past moment and which graph Snapshots show, and what both are made of. Pure."""

from collections.abc import Iterator, Mapping
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

from logmon_tui.formats.model.hit import OWN_DIMENSIONS
from logmon_tui.history.archive import HOUR, MINUTE, WIDTHS, Archive, Slice
from logmon_tui.history.recorder import Recorder
from logmon_tui.history.sums import Sums, sums_of
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.window import filled
from logmon_tui.monitor.commands import ShowGraph, ShowMoment
from logmon_tui.snapshot import Known, Moment

_KNOWN = {MINUTE: Known.MINUTES, HOUR: Known.HOURS}

MAX_MINUTES = HOUR // MINUTE
"""Maximum minutes that are merged for a moment; hours say the same of a longer time."""


class PastBucket(NamedTuple):
    """What is known of a past moment, and the bucket of its hits. Whoever gets it changes nothing.

    `answered` is as in Moment.
    """

    moment: Moment
    bucket: MetricsBucket


class Past:
    """Answers questions about former minutes, from the recorder's open ones and the archive.

    `ring` maps slots, `size` seconds long, to the newest buckets. Public attributes, which
    commands set: `moment`, and `graph` that Snapshots hold. Keys of own panels are not known of
    slices that begin before `own_since`.
    """

    def __init__(
        self,
        recorder: Recorder,
        archive: Archive,
        ring: Mapping[int, MetricsBucket] = MappingProxyType({}),
        size: int = 1,
    ) -> None:
        self._recorder = recorder
        self._archive = archive
        self._ring = ring
        self._size = size
        self.moment = ShowMoment()
        self.graph = ShowGraph()
        self.own_since = 0
        self._bucket: tuple[object, PastBucket] | None = None

    def bucket(self, end: int, seconds: int) -> PastBucket:
        """Return what is known of the `seconds` up to `end`, in whole minutes or hours."""
        asked = end, seconds, self._archive.version, self._recorder.version
        if self._bucket is None or self._bucket[0] != asked:
            self._bucket = asked, self._bucket_of(end, seconds)
        return self._bucket[1]

    def _bucket_of(self, end: int, seconds: int) -> PastBucket:
        for width in WIDTHS:
            since = (end - seconds + 1) // width * width
            until = -(-(end + 1) // width) * width
            if width == MINUTE and (until - since) // MINUTE > MAX_MINUTES:
                continue
            if width == MINUTE and self._is_pruned(since, until):
                continue
            bucket = self._merged(width, since, until)
            if bucket is None and width == MINUTE and self._is_quiet(since, until):
                bucket = MetricsBucket()  # its hour would show hits that it did not have
            if bucket is not None:
                if since < self.own_since:
                    bucket.drop_keys(OWN_DIMENSIONS)
                return PastBucket(Moment(until - 1, until - since, _KNOWN[width]), bucket)
        return PastBucket(Moment(end, seconds, self._known_of(end)), MetricsBucket())

    def _is_pruned(self, since: int, until: int) -> bool:
        """Tell whether some minutes of a time are not kept any more, though their hours are."""
        oldest = self._archive.since(MINUTE)
        end = until if oldest is None else oldest
        if since >= end:
            return False
        time = since // HOUR * HOUR, -(-end // HOUR) * HOUR
        minutes, hours = (
            sum(sums.hits for _, sums in self._archive.sums(width, *time)) for width in WIDTHS
        )
        return hours > minutes

    def _is_quiet(self, since: int, until: int) -> bool:
        """Tell whether minutes of a time are kept as far as they had hits, and none of them had."""
        oldest = self._archive.since(MINUTE)
        recorded = oldest is not None and oldest <= since
        return recorded and not self._archive.sums(MINUTE, since, until)

    def _known_of(self, end: int) -> Known:
        """Return what is known of a second without hits: whether anything was recorded then."""
        for width in WIDTHS:
            oldest = self._archive.since(width)
            if oldest is not None and end >= oldest:
                return _KNOWN[width]
        return Known.NOTHING

    def _merged(self, width: int, since: int, until: int) -> MetricsBucket | None:
        """Return the merge of all that is known of a time; None without hits, or without keys."""
        kept = self._archive.sums(width, since, until)
        bucket = self._archive.bucket(width, since, until)
        if kept and bucket is None:
            return None
        minutes = list(self._own_minutes(since, until))
        if not all(each.keyed for each in minutes):
            return None
        own = [each.bucket for each in minutes]
        own += [self._ring[slot] for slot in self._newest(since, until)]
        if bucket is None and not own:
            return None
        return reduce(_added, own, bucket or MetricsBucket())

    def _own_minutes(self, since: int, until: int) -> Iterator[Slice]:
        """Yield the minutes in a time that the archive does not have."""
        others = self._archive.others_until
        for each in self._recorder.minutes():
            if since <= each.start < until and (others is None or each.start >= others):
                yield each

    def _newest(self, since: int, until: int) -> list[int]:
        """Return the slots of a time that the recorder does not contain yet."""
        reached = self._recorder.reached
        first = -(-since // self._size)
        first = first if reached is None else max(first, reached + 1)
        return filled(self._ring, first, (until - 1) // self._size)

    def sums(self, width: int, since: int, until: int) -> Iterator[tuple[int, Sums]]:
        """Yield starts and totals that the archive does not have, of such slices in a time."""
        for each in self._own_minutes(since, until):
            yield each.start // width * width, sums_of(each.bucket)
        for slot in self._newest(since, until):
            sums = sums_of(self._ring[slot], clients=False)
            sums.clients = 0  # the few of these seconds are hardly new to their minute
            yield slot * self._size // width * width, sums

    def minutes(self, begin: int, end: int) -> list[tuple[int, Sums]] | None:
        """Return start and totals of the minutes that begin in [begin, end).

        Minutes without hits are missing, and a minute may stand there twice, in parts. None if the
        archive does not reach back to `begin`, the first second of a minute.
        """
        oldest = self._archive.since(MINUTE)
        if oldest is None or oldest > begin:
            return None
        found = ((each.start, sums_of(each.bucket)) for each in self._own_minutes(begin, end))
        return [*self._archive.sums(MINUTE, begin, end), *found]


def _added(whole: MetricsBucket, bucket: MetricsBucket) -> MetricsBucket:
    whole.add(bucket)
    return whole
