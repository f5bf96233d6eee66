"""LongEvaluator: judges the rules that look back over days: objectives, and what is usual. Pure.

It judges whole stretches of slots with numpy, a live second as well as the years of a report, so
both find the same incidents. As a ColumnEvaluator does, it lets an Alert judge only where a value
crosses a threshold or a delay ends, and looks the peaks in between up.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from math import isnan
from typing import NamedTuple

import msgspec
import numpy as np

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.burn import burn_series, objective_status
from logmon_tui.alerts.evaluation.counter_keys import CounterKey, counter_key_of
from logmon_tui.alerts.evaluation.counting import chosen_rows, subjects_of
from logmon_tui.alerts.evaluation.long_counts import (
    HOUR,
    MINUTE,
    Ints,
    LongCounts,
    Passage,
    WaitingRow,
)
from logmon_tui.alerts.evaluation.rule_windows import TRACE_SECONDS
from logmon_tui.alerts.evaluation.series import Series
from logmon_tui.alerts.evaluation.usual import usual_series
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.hit_batch import HitBatch


class LongState(msgspec.Struct, frozen=True, array_like=True):
    """Where the counts of one counter stand, beside their hours; see `LongCounts`."""

    counter_key: CounterKey
    since: int | None
    newest: int | None
    waiting: list[WaitingRow]


class LongHour(NamedTuple):
    """What one counter counted in an hour by minute, shape (60, 2); None for nothing."""

    counter_key: CounterKey
    hour: int
    counts: Ints | None


class LongEvaluator:
    """Counts hits for the rules of `alerts`, and judges them; slots have `bucket_size` seconds."""

    def __init__(self, alerts: Iterable[Alert], bucket_size: int) -> None:
        self._alerts = list(alerts)
        self._bucket_size = bucket_size
        reaches: dict[CounterKey, int] = {}
        for alert in self._alerts:
            key, minutes = counter_key_of(alert.rule), alert.rule.window // MINUTE
            reaches[key] = max(minutes, reaches.get(key, 0))
        self._counts = {key: LongCounts(reach) for key, reach in reaches.items()}
        kept = min(TRACE_SECONDS // bucket_size, TRACE_SECONDS) + 1
        self._past: dict[str, deque[float | None]] = {
            alert.rule.name: deque(maxlen=kept) for alert in self._alerts
        }
        self._gone: set[tuple[CounterKey, int]] = set()  # saved hours of no rule any more

    def __bool__(self) -> bool:
        return bool(self._alerts)

    def take(self, batch: HitBatch) -> None:
        """Count hits; late ones count from the next judged slot on."""
        for counter_key, counts in self._counts.items():
            subjects = subjects_of(batch, counter_key.scope)
            chosen = None if subjects is None else chosen_rows(batch, counter_key, subjects)
            if chosen is not None:
                counts.take(batch.seconds[chosen.rows], chosen.values)

    def judge(self, begin: int, end: int) -> list[Incident]:
        """Judge the slots after `begin` up to `end`; return the incidents that changed."""
        size, changed = self._bucket_size, []
        due = {key: counts.due((end + 1) * size - 1) for key, counts in self._counts.items()}
        slot = begin + 1
        while slot <= end:
            hour = ((slot + 1) * size - 1) // HOUR
            last = min(end, (hour + 1) * HOUR // size - 1)
            changed += self._judge_within_an_hour(slot, last, due)
            slot = self._next_slot(last, end, due)
        return changed

    def _next_slot(self, judged: int, end: int, due: dict[CounterKey, Ints]) -> int:
        """Return the next slot to judge: after long silence, the one of the next hit."""
        second = (judged + 1) * self._bucket_size
        if any(alert.subject_states for alert in self._alerts) or not all(
            counts.is_empty(second) for counts in self._counts.values()
        ):
            return judged + 1
        firsts = [int(rows[0, 0]) // self._bucket_size for rows in due.values() if len(rows)]
        for past in self._past.values():
            past.clear()
        return max(judged + 1, min([end, *firsts]))

    def _judge_within_an_hour(
        self, first: int, last: int, due: dict[CounterKey, Ints]
    ) -> list[Incident]:
        size = self._bucket_size
        ends = np.arange(first, last + 1) * size + size - 1
        passages: dict[CounterKey, Passage] = {}
        for counter_key, counts in self._counts.items():
            rows = due[counter_key]
            count = int(np.searchsorted(rows[:, 0], int(ends[-1]), side="right"))
            passages[counter_key] = counts.enter(first * size, int(ends[-1]), rows[:count])
            due[counter_key] = rows[count:]
        changed: list[Incident] = []
        for alert in self._alerts:
            counter_key = counter_key_of(alert.rule)
            series = _series(alert.rule, self._counts[counter_key], passages[counter_key], ends)
            changed += _judged(alert, series, ends)
            kept = series.values[-TRACE_SECONDS - 1 :].tolist()
            self._past[alert.rule.name].extend(None if isnan(each) else each for each in kept)
        return changed

    def past(self, rule: str) -> tuple[float | None, ...]:
        """Return what a rule measured in the last slots, the last judged one at the end."""
        return tuple(self._past[rule])

    def objectives(self) -> tuple[ObjectiveStatus, ...]:
        """Return how the objectives stand at the last judged second."""
        rules: dict[str, Rule] = {}
        for alert in self._alerts:
            if alert.rule.burn is not None:
                rules.setdefault(alert.rule.burn.objective, alert.rule)
        return tuple(
            objective_status(rule.burn, self._counts[counter_key_of(rule)])
            for rule in rules.values()
            if rule.burn is not None
        )

    # From run to run

    def take_over(self, other: "LongEvaluator", second: int) -> None:
        """Continue from `other`, an evaluator of the same rules, which judged up to `second`.

        Hits of later seconds must have been taken in here.
        """
        for state in other.state():
            counts = self._counts[state.counter_key]
            counts.due(second)
            counts.restore(state.since, state.newest, counts.waiting())
        for counter_key, hour, minutes in other.unsaved(everything=True):
            if minutes is not None:
                self._counts[counter_key].restore_hour(hour, minutes)
                self._counts[counter_key].touched.add(hour)

    def state(self) -> list[LongState]:
        """Return where the counts stand, beside their hours."""
        return [
            LongState(key, counts.since, counts.newest, counts.waiting())
            for key, counts in self._counts.items()
        ]

    def unsaved(self, *, everything: bool) -> Iterator[LongHour]:
        """Yield the hours that changed since `saved`, or all there are."""
        for counter_key, counts in self._counts.items():
            for hour in sorted(counts.filled_hours() if everything else counts.touched):
                yield LongHour(counter_key, hour, counts.hour(hour))
        for counter_key, hour in self._gone:
            yield LongHour(counter_key, hour, None)

    def saved(self) -> None:
        """Note that every hour is saved as it is."""
        self._gone.clear()
        for counts in self._counts.values():
            counts.touched.clear()

    def touch_all(self) -> None:
        """Note that every hour is to be saved again."""
        for counts in self._counts.values():
            counts.touch_all()

    def restore(self, states: Iterable[LongState], hours: Iterable[LongHour]) -> None:
        """Go on where another evaluator stood, with what is counted for rules that are still there.

        A rule that counts something else now begins anew.
        """
        for state in states:
            if state.counter_key in self._counts:
                counts = self._counts[state.counter_key]
                counts.restore(state.since, state.newest, state.waiting)
        for each in hours:
            if each.counter_key not in self._counts:
                self._gone.add((each.counter_key, each.hour))
            elif each.counts is not None:
                self._counts[each.counter_key].restore_hour(each.hour, each.counts)


def _series(rule: Rule, counts: LongCounts, passage: Passage, ends: Ints) -> Series:
    if rule.burn is not None:
        return burn_series(rule, rule.burn, passage, ends)
    return usual_series(rule, counts, passage, ends)


def _judged(alert: Alert, series: Series, ends: Ints) -> list[Incident]:
    """Let `alert` judge the seconds `ends`, of which it needs only some."""
    turns, seconds = series.turns(alert.rule.limits), ends.tolist()
    changed: list[Incident] = []
    place = 0
    while place < len(seconds):
        changed += alert.judge(seconds[place], {None: series.at(place)})
        turn = bisect_left(turns, place + 1)
        following = turns[turn] if turn < len(turns) else len(seconds)
        if (due := alert.due()) is not None:
            following = min(following, bisect_left(seconds, max(due, seconds[place] + 1)))
        if alert.open and following > place + 1:
            worst = series.worst(place + 1, following)
            alert.note_peak(None, series.at(worst), seconds[worst])
        elif alert.subject_states:
            valued = np.flatnonzero(~np.isnan(series.values[place + 1 : following]))
            if len(valued):
                alert.note_last(None, series.at(place + 1 + int(valued[-1])))
        place = following
    if alert.seen is not None:
        for place in (series.worst(0, len(seconds)), int(series.hits.argmax())):
            alert.seen.note(None, series.at(place), seconds[place])
    alert.whole = series.at(len(seconds) - 1)
    return changed
