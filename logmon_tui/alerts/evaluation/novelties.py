"""Novelties: the subjects that each counter of `first_seen` knows, from run to run."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from logmon_tui.alerts.evaluation.counter_keys import CounterKey, Kind, counter_key_of
from logmon_tui.alerts.evaluation.counting import SubjectRows
from logmon_tui.alerts.evaluation.counts import Counts
from logmon_tui.alerts.evaluation.known import Page
from logmon_tui.alerts.evaluation.novelty import Novelty
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule


class KnownPage(NamedTuple):
    """A page of the subjects that the rules of one counter know."""

    counter_key: CounterKey
    page: Page


class NoveltyState(msgspec.Struct, frozen=True, array_like=True):
    """What is saved of a Novelty beside its pages and the hits that wait."""

    counter_key: CounterKey
    since: int | None
    forgotten: list[tuple[int, int]] = []


class Novelties:
    """The Novelty of each key of subjects met by `rules`; slots have `bucket_size` seconds."""

    def __init__(self, rules: Iterable[Rule], bucket_size: int) -> None:
        windows: dict[CounterKey, dict[CounterKey, int]] = {}
        for rule in rules:
            if rule.metric is Metric.FIRST_SEEN:
                key = counter_key_of(rule)
                windows.setdefault(key.of_the_met, {})[key] = rule.window
        self._all: dict[CounterKey, Novelty] = {}
        for key, each in windows.items():
            learning, forget = key.novelty
            self._all[key] = Novelty(each, learning, forget, bucket_size)
        self._released: dict[int, dict[CounterKey, SubjectRows]] = {}  # of new subjects, by slot
        self._gone: list[KnownPage] = []  # saved pages of no rule any more

    def __bool__(self) -> bool:
        return bool(self._all)

    def of(self, counter_key: CounterKey) -> Novelty | None:
        """Return the novelty of a counter key, None if it counts something else."""
        return self._all.get(counter_key.of_the_met)

    def items(self) -> Iterable[tuple[CounterKey, Novelty]]:
        """Return each novelty by the key of the subjects met, which says what hits count."""
        return self._all.items()

    @property
    def stretch(self) -> int:
        """How many slots may be judged at once, one at least: nobody is new twice in so few."""
        return max(1, min(each.stretch for each in self._all.values()))

    def begin(self, second: int) -> None:
        """Note the first second that is judged, for those that have none yet."""
        for novelty in self._all.values():
            if novelty.since is None:
                novelty.since = second

    def slots(self) -> set[int]:
        """Return the slots that have hits which are not judged yet."""
        return set().union(*(each.slots() for each in self._all.values()))

    def waiting(self, slot: int) -> Iterator[tuple[CounterKey, Counts]]:
        """Yield the hits of a slot that are not judged yet, under a key of their own."""
        for key, novelty in self._all.items():
            counts = novelty.waiting(slot)
            if counts is not None:
                yield key._replace(kind=Kind.WAITING), counts

    def take_back(self, slot: int, key: CounterKey, hits: Mapping[Subject, int]) -> None:
        """Take in hits that `waiting` has yielded in another run."""
        novelty = self._all.get(key._replace(kind=Kind.FIRST_SEEN))
        if novelty is not None and key.kind is Kind.WAITING:
            novelty.take_back(slot, hits)

    def release(self, slot: int) -> set[int]:
        """Judge the hits up to a slot, and return their slots; hits of new subjects wait."""
        judged: set[int] = set()
        for novelty in self._all.values():
            slots, found = novelty.release(slot)
            judged.update(slots)
            for each, rows in found.items():
                self._released.setdefault(each, {}).update(rows)
        return judged

    def released(self) -> AbstractSet[int]:
        """Return the slots with hits of new subjects that wait for `enter`."""
        return self._released.keys()

    def enter(self, slot: int) -> Iterator[tuple[CounterKey, SubjectRows]]:
        """Yield the hits of new subjects up to a slot, which wait no longer."""
        for each in sorted(each for each in self._released if each <= slot):
            yield from self._released.pop(each).items()

    def first_seen(self, rule: Rule, subject: Subject, second: int) -> str:
        """Say when a rule has met a subject first, as seen from `second`; nothing if it has not."""
        first = self._all[counter_key_of(rule).of_the_met].first(subject)
        return "" if first is None else _first_seen(first, second)

    # From run to run

    def take_over(self, others: Iterable["Novelties"], slot: int) -> None:
        """Know whom `others` know, which have judged up to a slot and must not be used any more."""
        for other in others:
            for key, mine in self._all.items():
                if (novelty := other.of(key)) is not None:
                    mine.adopt(novelty, slot)

    def state(self) -> list[NoveltyState]:
        """Return what is saved beside pages and the hits that wait."""
        return [
            NoveltyState(key, novelty.since, list(novelty.forgotten.items()))
            for key, novelty in self._all.items()
        ]

    def unsaved(self, *, everything: bool) -> list[KnownPage]:
        """Return the pages that changed since `saved`, or those with everything."""
        return self._gone + [
            KnownPage(key, page)
            for key, novelty in self._all.items()
            for page in novelty.known.unsaved(everything=everything)
        ]

    def saved(self) -> None:
        """Note that the pages that `unsaved` returned last are saved."""
        self._gone = []
        for novelty in self._all.values():
            novelty.known.saved()

    def touch_all(self) -> None:
        """Note that everything is to be saved again."""
        for novelty in self._all.values():
            novelty.known.touch_all()

    def restore(self, states: Iterable[NoveltyState], pages: Iterable[KnownPage]) -> None:
        """Go on where another run stood; a rule that counts something else learns anew."""
        for state in states:
            if state.counter_key in self._all:
                novelty = self._all[state.counter_key]
                novelty.since, novelty.forgotten = state.since, dict(state.forgotten)
        for key, page in pages:
            if key in self._all:
                self._all[key].known.restore(page)
            else:
                self._gone.append(KnownPage(key, page._replace(known=None)))


def _first_seen(first: int, second: int) -> str:
    """Say when a subject was first seen, with the date unless it was on the day of `second`."""
    moment, now = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(second, UTC)
    date = "" if moment.date() == now.date() else f"{moment:%Y-%m-%d} "
    return f"first seen {date}{moment:%H:%M:%S}"
