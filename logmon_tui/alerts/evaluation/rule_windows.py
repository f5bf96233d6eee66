"""RuleWindows: the sliding windows of all rules over what is counted by slot. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from logmon_tui.alerts.evaluation.clients import Change
from logmon_tui.alerts.evaluation.counter_keys import CounterKey, counter_key_of
from logmon_tui.alerts.evaluation.counts import Bounds, Counts, SlidingCounts
from logmon_tui.alerts.evaluation.slot_order import SlotOrder
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Rule

TRACE_SECONDS = 300
"""Maximum seconds before a trigger whose values are shown with an incident."""


def in_slots(seconds: int, bucket_size: int) -> int:
    """Return how many slots of `bucket_size` seconds there are in so many seconds, at least one."""
    return max(1, seconds // bucket_size)


def trace_slots(rule: Rule, bucket_size: int) -> int:
    """Return how many slots before a trigger have values that are shown with an incident."""
    return in_slots(min(rule.window, TRACE_SECONDS), bucket_size)


class Windows(NamedTuple):
    """The windows of a rule: its own, and the one that it is compared with, if any."""

    now: SlidingCounts
    before: SlidingCounts | None

    def all(self) -> tuple[SlidingCounts, ...]:
        """Return the windows that exist."""
        return (self.now,) if self.before is None else (self.now, self.before)


class RuleWindows:
    """The windows of `rules`; those with the same counter key and length share one.

    `rings` has the counts by slot of each counter key, `bounds` their bounds. Slots have
    `bucket_size` seconds.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        rings: Mapping[CounterKey, Mapping[int, Counts]],
        bounds: Mapping[CounterKey, Bounds],
        bucket_size: int,
    ) -> None:
        self._rings = rings
        self._bounds = bounds
        self._bucket_size = bucket_size
        self._windows: dict[CounterKey, dict[tuple[int, int], SlidingCounts]] = {}
        self._by_rule = {rule.name: self._windows_of(rule) for rule in rules}

    def _windows_of(self, rule: Rule) -> Windows:
        slots = in_slots(rule.window, self._bucket_size)
        now = self._window(rule, slots, 0)
        if not rule.reference:
            return Windows(now, None)
        return Windows(now, self._window(rule, in_slots(rule.reference, self._bucket_size), slots))

    def _window(self, rule: Rule, slots: int, lag: int) -> SlidingCounts:
        """Return the window of `slots` slots; rules with the same key and window share it."""
        counter_key = counter_key_of(rule)
        windows = self._windows.setdefault(counter_key, {})
        if (slots, lag) not in windows:
            precision = self._bounds[counter_key].precision
            windows[slots, lag] = SlidingCounts(self._rings[counter_key], slots, lag, precision)
        return windows[slots, lag]

    def of(self, rule: Rule) -> Windows:
        """Return the windows of a rule."""
        return self._by_rule[rule.name]

    def longest(self, counter_key: CounterKey) -> SlidingCounts:
        """Return the longest window of a counter key."""
        return max(self._windows[counter_key].values(), key=lambda each: each.slots)

    def include(
        self,
        counter_key: CounterKey,
        slot: int,
        newcomers: Counts,
        clients: Mapping[Subject, Change],
        *,
        touches: bool,
    ) -> bool:
        """Add late counts to the windows that `slot` lies in, if any; tell whether there are any.

        `clients` and `touches` are as in `SlidingCounts.include`.
        """
        windows = self._windows[counter_key].values()
        found = [each.include(slot, newcomers, clients, touches=touches) for each in windows]
        return any(found)

    def advance(self, slot: int) -> None:
        """Move every window on to `slot`."""
        for window in self._all():
            window.advance(slot)

    def _all(self) -> Iterable[SlidingCounts]:
        return [window for windows in self._windows.values() for window in windows.values()]

    def forget_touched(self) -> None:
        """Clear the touched subjects of all windows."""
        for window in self._all():
            window.touched.clear()

    def next_change(self, slots: SlotOrder, after: int, target: int) -> int:
        """Return the next slot after `after` in which a window changes, `target` at most.

        `slots` are those with hits.
        """
        found = target
        for window in self._all():
            for offset in (window.lag, window.lag + window.slots):
                if after + 1 - offset in slots:
                    return after + 1
                following = slots.next_after(after - offset)
                if following is not None:
                    found = min(found, following + offset)
        return found

    def past(self, rule: Rule, subject: Subject, end: int) -> Iterator[tuple[Counts, Counts]]:
        """Yield a subject's counts in the rule's window, and in the one that it is compared with.

        There is a pair for each slot up to `end`, as far back as slots are kept for traces.
        """
        counter_key = counter_key_of(rule)
        ring = {
            slot: counts.for_subjects((subject,))
            for slot, counts in self._rings[counter_key].items()
            if subject in counts.hits
        }
        now, before = self._by_rule[rule.name]
        window = SlidingCounts(ring, now.slots, precision=self._bounds[counter_key].precision)
        reference = (
            SlidingCounts(ring, before.slots, before.lag) if before else SlidingCounts({}, 1)
        )
        for slot in range(end - trace_slots(rule, self._bucket_size), end + 1):
            window.advance(slot)
            reference.advance(slot)
            yield window.total, reference.total
