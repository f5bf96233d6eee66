"""Baselines: the former traffic with which Snapshots compare what they show. Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.history.archive import HOUR, MINUTE
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import largest
from logmon_tui.monitor.past import Past
from logmon_tui.monitor.past_filter import answered
from logmon_tui.monitor.shown import SUM_SECONDS_PER_HIT, Shown
from logmon_tui.monitor.window_view import NO_KEYS, Keys, keys_of
from logmon_tui.snapshot import Baseline, Known, Window

LOOKED_UP = 25
"""Keys of each dimension with the most hits then, which are looked up now."""

MAX_ASKED = 500
"""Maximum keys of a dimension that are remembered as looked up then."""

RECORDED_SECONDS = 10.0
"""Seconds until recorded minutes are read again: late hits may have come."""

TIMED_ROWS = 100
"""Keys of each dimension whose response times are summed up one by one."""

_LEEWAY = 2
"""Seconds by which log time may have moved on more than the clock did."""

SECONDS_PER_HIT = 10 * SUM_SECONDS_PER_HIT
"""Seconds between two sums over a baseline for each hit in it: a hundredth of a core or so."""

MakeWindow: TypeAlias = Callable[[MetricsBucket, int, int, Keys], Window]
"""Returns the Window of a bucket, its end and its seconds, with rows for some keys as well."""


class _Time(NamedTuple):
    """The `seconds` up to the second `end`."""

    end: int
    seconds: int


class _Sum:
    """The traffic of a baseline, and what was made of it.

    Public attributes: `made`, the monotonic time at which it was summed up; `due`, that from which
    on it may be summed up again.
    """

    def __init__(
        self, time: _Time, known: Known, bucket: MetricsBucket, made: float, every: float
    ) -> None:
        self.time = time
        self.known = known
        self.made = made
        self.due = made + every
        self.loudest: Keys = {
            dimension: [key for key, _ in largest(tally.hits, LOOKED_UP)]
            for dimension, tally in bucket.tallies.items()
            if tally.hits
        }
        self._bucket = bucket
        self._keys: dict[Dimension, set[bytes]] = {}
        self._baseline: Baseline | None = None

    def baseline(self, offset: int, keys: Keys, make: MakeWindow) -> Baseline:
        """Return the baseline, with rows of all `keys` that had hits."""
        if self._baseline is None or self._lacks(keys):
            for dimension, more in keys.items():
                known = self._keys.get(dimension, set())
                self._keys[dimension] = {*(known if len(known) < MAX_ASKED else ()), *more}
            window = make(self._bucket, *self.time, self._keys)
            self._baseline = Baseline(offset, window, self.known)
        return self._baseline

    def _lacks(self, keys: Keys) -> bool:
        return any(not self._keys.get(each, set()).issuperset(more) for each, more in keys.items())


class Baselines:
    """Chooses and sums up what is compared with.

    All hits of then answer any filter. Where they are not kept, recorded minutes and hours answer
    those about status codes alone. Public attribute: `offset`; see the command `Compare`.
    """

    def __init__(self, shown: Shown, past: Past) -> None:
        self._shown = shown
        self._past = past
        self._asked: object = None
        self._sum: _Sum | None = None
        self.offset: int | None = None

    def prepare(self, end: int, seconds: int, now: float) -> Keys:
        """Sum up the baseline of the `seconds` up to `end`; return its most frequent keys.

        What is shown needs rows of them. `now` is monotonic.
        """
        offset = self.offset
        if offset is None or not seconds:
            self._sum = None
            return NO_KEYS
        time = _Time(end - (offset or seconds), seconds)
        if self._shown.knows(*time) and not self._shown.samples(*time):
            found = self._sum_of_hits(time, offset, now)
        else:
            found = self._sum_of_minutes(time, offset, now, end - seconds)
        self._sum = found
        return found.loudest

    def baseline(
        self, shown: Window, own: Mapping[str, Dimension], make: MakeWindow
    ) -> Baseline | None:
        """Return the baseline that was prepared, with rows of all keys that have one in `shown`.

        `own` are the dimensions of own panels.
        """
        if self._sum is None or self.offset is None:
            return None
        return self._sum.baseline(self.offset, keys_of(shown, own), make)

    def _sum_of_hits(self, time: _Time, offset: int, now: float) -> _Sum:
        asked = Known.HITS, offset, self._shown.where.text, time.seconds
        found = self._sum
        if found is not None and self._asked == asked:
            passed = time.end - found.time.end
            goes_on = 0 <= passed <= now - found.made + _LEEWAY  # else it is another moment
            if not passed or (goes_on and now < found.due):
                return found
        self._asked = asked
        every = self._shown.kept_hits_at(*time) * SECONDS_PER_HIT
        return _Sum(time, Known.HITS, self._shown.bucket_at(*time, TIMED_ROWS, 0), now, every)

    def _sum_of_minutes(self, time: _Time, offset: int, now: float, before: int) -> _Sum:
        """Return the sum of recorded minutes, which end with the second `before` at the latest."""
        time = self._whole_minutes(time, before, longest=HOUR if not offset else time.seconds)
        asked = Known.MINUTES, offset, self._shown.where.text, time
        if self._sum is not None and self._asked == asked and now < self._sum.due:
            return self._sum
        self._asked = asked
        nothing = _Sum(time, Known.NOTHING, MetricsBucket(), now, RECORDED_SECONDS)
        moment, bucket = self._past.bucket(*time)
        if not bucket.hits or moment.end > before:
            return nothing
        if where := self._shown.where:
            answer = answered(bucket, where)
            if "status" not in answer.fields:  # then not even all hits are counted
                return nothing
            bucket = answer.bucket
        known = _Time(moment.end, moment.seconds)
        return _Sum(known, moment.known, bucket, now, RECORDED_SECONDS)

    def _whole_minutes(self, time: _Time, before: int, longest: int) -> _Time:
        """Return the minutes that `time` touches, as far as they end with `before`."""
        until = min(-(-(time.end + 1) // MINUTE) * MINUTE, (before + 1) // MINUTE * MINUTE)
        since = (time.end - min(time.seconds, longest) + 1) // MINUTE * MINUTE
        return _Time(until - 1, max(MINUTE, until - since))
