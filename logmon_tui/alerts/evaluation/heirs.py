"""Heirs: the counters that go on from what another run has counted, when rules have changed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from logmon_tui.alerts.evaluation.counter_keys import CounterKey

Value = TypeVar("Value")

Heirs = Mapping[CounterKey, Sequence[CounterKey]]
"""By the key of a saved counter those of the counters that go on from it."""


def heirs_of(saved: Collection[CounterKey], counted: Iterable[CounterKey]) -> Heirs:
    """Return which of the `counted` keys go on from each of the `saved` ones.

    Hits of new subjects go on even if they were counted for another window: those for the longest.
    """
    longest = {key.of_the_met: key for key in sorted(saved, key=lambda key: key.novelty)}
    heirs: dict[CounterKey, list[CounterKey]] = {}
    for key in counted:
        source = key if key in saved else longest.get(key.of_the_met)
        if source is not None:
            heirs.setdefault(source, []).append(key)
    return heirs


def inherited(
    saved: Iterable[tuple[CounterKey, Value]], heirs: Heirs
) -> Iterator[tuple[CounterKey, Value]]:
    """Yield what is saved under the keys of its heirs; without any it keeps its own."""
    for key, each in saved:
        for heir in heirs.get(key, (key,)):
            yield heir, each
