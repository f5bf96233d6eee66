"""CountRing: the counts of all rules by slot, and the windows over them. It judges no rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.admission import LeftOut
from logmon_tui.alerts.evaluation.admissions import Admissions
from logmon_tui.alerts.evaluation.clients import Change
from logmon_tui.alerts.evaluation.counter_keys import CounterKey, Kind, counter_key_of
from logmon_tui.alerts.evaluation.counting import SubjectRows, subject_rows
from logmon_tui.alerts.evaluation.counts import Counts, bounds_of
from logmon_tui.alerts.evaluation.novelties import Novelties
from logmon_tui.alerts.evaluation.rule_windows import RuleWindows, in_slots, trace_slots
from logmon_tui.alerts.evaluation.slot_order import SlotOrder
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.hit_batch import HitBatch

SlotCounts: TypeAlias = dict[CounterKey, Counts]
"""What is counted in one slot."""

MAX_CLIENTS = 2_000_000
"""Numbers kept of the clients of all subjects of a rule. Each takes about 20 bytes.

Where there are more, a slot that has more than its share is cut. That is said: see `LeftOut`.
"""


class CountRing:
    """Counts hits by slot for each counter key, and keeps the rules' windows over them.

    A slot is `bucket_size` seconds long and numbered since 1970. For each key as many slots are
    kept as its rules need, at most `keep`. `slots` are those with hits. `touched` collects the
    slots that were changed or dropped; its reader clears it. `late` tells that late hits changed a
    window in place. `windows` are those of the rules, `admissions` know who is counted by name, and
    `novelties` whom rules of new subjects have met.
    """

    def __init__(self, rules: Sequence[Rule], bucket_size: int) -> None:
        self.bucket_size = bucket_size
        self.late = False
        self.touched: set[int] = set()
        self.slots = SlotOrder()
        self._rings: dict[CounterKey, dict[int, Counts]] = {
            counter_key_of(rule): {} for rule in rules
        }
        self._kept: dict[CounterKey, int] = {}
        for rule in rules:
            needed = in_slots(rule.reach, bucket_size) + trace_slots(rule, bucket_size)
            counter_key = counter_key_of(rule)
            self._kept[counter_key] = max(self._kept.get(counter_key, 0), needed)
        self._bounds = {each: bounds_of(kept, bucket_size) for each, kept in self._kept.items()}
        self.windows = RuleWindows(rules, self._rings, self._bounds, bucket_size)
        self.keep = max(self._kept.values(), default=1)
        self._newest: int | None = None  # the slot at which the windows end
        self._clients = dict.fromkeys(self._rings, 0)  # numbers kept of them
        self.admissions = Admissions(rules, self._bounds, self._kept)
        self.novelties = Novelties(rules, bucket_size)

    def counts(self, rule: Rule) -> Mapping[int, Counts]:
        """Return the counts of a rule by slot."""
        return self._rings[counter_key_of(rule)]

    def counter_keys(self) -> tuple[CounterKey, ...]:
        """Return the keys of all that is counted."""
        return tuple(self._rings)

    def kept(self, counter_key: CounterKey) -> int:
        """Return how many slots are kept for a counter key, behind the newest."""
        return self._kept[counter_key]

    def take(
        self, batch: HitBatch, pinned: Mapping[CounterKey, AbstractSet[Subject]] | None = None
    ) -> None:
        """Count the hits of a batch, those of `pinned` subjects by name, however few."""
        slots: NDArray[np.int64] = batch.seconds // self.bucket_size
        self._meet(batch, slots)
        if self._newest is not None and len(slots) and int(slots.min()) < self._newest - self.keep:
            recent = slots >= self._newest - self.keep
            batch, slots = batch.select(recent), slots[recent]
        if not len(slots):
            return
        for counter_key in self._rings:
            if self.novelties.of(counter_key) is None:
                rows = subject_rows(batch, slots, counter_key)
                if rows is not None:
                    self._count(counter_key, rows, (pinned or {}).get(counter_key, frozenset()))

    def _meet(self, batch: HitBatch, slots: NDArray[np.int64]) -> None:
        """Keep the hits of rules that look for new subjects until their slots are judged.

        Those that come too late to count tell all the same who is not new.
        """
        for counter_key, novelty in self.novelties.items():
            rows = subject_rows(batch, slots, counter_key)
            if rows is not None:
                self._touch(np.unique(rows.slots).tolist())
                novelty.take(rows)

    def _count(
        self, counter_key: CounterKey, rows: SubjectRows, pinned: AbstractSet[Subject]
    ) -> None:
        """Count hits for a key, unless they are too old."""
        if self._newest is not None:
            rows = rows.since(self._newest - self._kept[counter_key])
        if not len(rows.slots):
            return
        self._touch(np.unique(rows.slots).tolist())
        earlier: dict[int, Counts] = {}
        admission = self.admissions.of(counter_key)
        if admission is not None:
            newcomers, earlier = admission.split(rows, self._rings[counter_key], pinned)
        else:
            newcomers = rows.by_slot()
        self._merge_named(counter_key, earlier)
        for slot, each in newcomers.items():
            self._merge(slot, counter_key, each)

    def _touch(self, slots: Iterable[int]) -> None:
        for slot in slots:
            self.slots.add(slot)
            self.touched.add(slot)

    def release(self, after: int, target: int) -> int:
        """Find the hits of new subjects, for rules that look for these; they wait for `enter`.

        Returns the slot up to which that is done, after `after` and up to `target`: not so far that
        a subject met anew hides when it was met before.
        """
        slot = target
        if self.novelties:
            following = self.slots.next_after(after)
            idle = target if following is None else following - 1
            slot = min(target, max(after + self.novelties.stretch, idle))
        judged = self.novelties.release(slot)
        self.touched |= judged
        for each in judged - self.novelties.released():
            if not self.slot_counts(each):  # nothing by name, and nothing of the crowd
                self.slots.discard(each)
        return slot

    def enter(
        self, slot: int, pinned: Callable[[], Mapping[CounterKey, AbstractSet[Subject]]]
    ) -> None:
        """Count the hits of new subjects up to a slot; those of `pinned` ones by name."""
        for counter_key, rows in self.novelties.enter(slot):
            self._count(counter_key, rows, pinned().get(counter_key, frozenset()))

    def take_over_new(self, others: Sequence["CountRing"], slot: int) -> None:
        """Take over what others have judged up to a slot, for rules that look for new subjects."""
        self.novelties.take_over([each.novelties for each in others], slot)
        taken: set[CounterKey] = set()
        for other in others:
            # Rules of several rings may share a counter, which then is the same in each.
            keys = {key for key in other.counter_keys() if self.novelties.of(key)} - taken
            taken |= keys
            for each in [each for each in other.slots if each <= slot]:
                found = other.slot_counts(each).items()
                counts = {key: mine for key, mine in found if key in keys}
                if counts:
                    self.restore([(each, counts)])
                    self.touched.add(each)

    def take_unparsed(self, second: int, lines: int) -> None:
        """Count unparsed lines of a second."""
        slot = second // self.bucket_size
        for counter_key in self._rings:
            if counter_key.kind is Kind.UNPARSED and self._is_counted(counter_key, slot):
                newcomers = Counts()
                newcomers.hits[None] = newcomers.amounts[None] = lines
                self._touch((slot,))
                self._merge(slot, counter_key, newcomers)

    def _is_counted(self, counter_key: CounterKey, slot: int) -> bool:
        """Tell whether a slot is recent enough to be counted for a key."""
        return self._newest is None or slot >= self._newest - self._kept[counter_key]

    def _merge_named(self, counter_key: CounterKey, counts: Mapping[int, Counts]) -> None:
        """Count hits by slot that were in the crowd so far, of subjects that have a name now.

        No verdict changes by them alone. Nor need their slots be saved anew: see `restore`.
        """
        for slot, each in counts.items():
            self._merge(slot, counter_key, each, is_new=False)

    def _merge(
        self, slot: int, counter_key: CounterKey, newcomers: Counts, *, is_new: bool = True
    ) -> None:
        ring = self._rings[counter_key]
        here = ring.setdefault(slot, Counts())
        window = self.windows.longest(counter_key).total
        everyone = len(newcomers.hits)
        newcomers = here.admitted(newcomers, window, self._bounds[counter_key])
        admission = self.admissions.of(counter_key)
        if admission is not None:
            admission.note_added(newcomers.hits.keys() - here.hits.keys())
            cut = newcomers.cut_clients(self._room(counter_key, here)) if newcomers.clients else 0
            admission.note_refused(slot, everyone - len(newcomers.hits) + cut)
        here.add(newcomers)
        clients = self._add_clients(counter_key, here, newcomers)
        late = self.windows.include(counter_key, slot, newcomers, clients, touches=is_new)
        self.late |= late and is_new

    def _room(self, counter_key: CounterKey, here: Counts) -> int:
        """Return how many more numbers of clients a slot has room for."""
        share = MAX_CLIENTS // self._kept[counter_key]
        free = MAX_CLIENTS - self._clients[counter_key]
        if free >= share:
            return free
        return max(free, share - sum(map(len, here.clients.values())))

    def _add_clients(
        self, counter_key: CounterKey, here: Counts, newcomers: Counts
    ) -> dict[Subject, Change]:
        """Add the clients of others to a slot; return how those of each subject change."""
        changes = here.add_clients(newcomers, self._bounds[counter_key].precision)
        more = sum(len(each.after) - len(each.before) for each in changes.values())
        self._clients[counter_key] += more
        return changes

    def advance(self, slot: int) -> None:
        """Move every window on to `slot`, and drop the slots that no window needs any more."""
        self.windows.advance(slot)
        for counter_key in self._rings:
            self._forget(counter_key, slot)
        self._newest = slot
        self.slots.discard_before(slot - self.keep)

    def _forget(self, counter_key: CounterKey, newest: int) -> None:
        """Drop the slots of a counter key that are too old when the newest slot is `newest`."""
        ring, oldest = self._rings[counter_key], newest - self._kept[counter_key]
        former = None if self._newest is None else self._newest - self._kept[counter_key]
        if former is None or oldest - former > len(ring):
            gone = [slot for slot in ring if slot < oldest]
        else:
            gone = [slot for slot in range(former, oldest) if slot in ring]
        admission = self.admissions.of(counter_key)
        for slot in gone:
            counts = ring.pop(slot)
            self._clients[counter_key] -= sum(map(len, counts.clients.values()))
            if admission is not None:
                admission.note_gone(counts.hits)
        if admission is not None:
            admission.forget(oldest)
        self.touched.update(gone)

    def slot_counts(self, slot: int) -> SlotCounts:
        """Return the counts of a slot, by counter key."""
        found = {}
        for key, ring in self._rings.items():
            counts = ring.get(slot)
            admission = self.admissions.of(key)
            if admission is not None and len((crowd := admission.crowd_of(slot)).slots):
                counts = (counts or Counts()).with_crowd(crowd)
            if counts is not None:
                found[key] = counts
        found.update(self.novelties.waiting(slot))
        return found

    def restore(self, slots: Iterable[tuple[int, SlotCounts]]) -> None:
        """Take over the slots of another ring, without the counts that no rule needs.

        A slot may come in several parts, which are added up.
        """
        for slot, counts in slots:
            self.slots.add(slot)
            for counter_key, each in counts.items():
                ring = self._rings.get(counter_key)
                if ring is None:
                    self.novelties.take_back(slot, counter_key, each.hits)
                    continue
                here = ring.setdefault(slot, Counts())
                admission = self.admissions.of(counter_key)
                if admission is not None:
                    admission.note_added(each.hits.keys() - here.hits.keys())
                    if each.crowd is not None:
                        admission.add_to_crowd(each.crowd.at(slot))
                here.add(each)
                self._add_clients(counter_key, here, each)
        # Of who got a name, slots that were saved before have hits in the crowd.
        for counter_key, admission in self.admissions.items():
            self.name(counter_key, admission.named())

    def name(self, counter_key: CounterKey, subjects: Iterable[Subject]) -> None:
        """Count these subjects by name from now on, and all their hits that are kept."""
        admission = self.admissions.of(counter_key)
        if admission is not None:
            self._merge_named(counter_key, admission.name(list(subjects)))

    def left_out(self, rule: Rule) -> LeftOut:
        """Return what the rule could not count in its windows."""
        key = counter_key_of(rule)
        admission, novelty = self.admissions.of(key), self.novelties.of(key)
        if admission is None or self._newest is None:
            return LeftOut()
        first = self._newest - in_slots(rule.reach, self.bucket_size) + 1
        found = admission.left_out(first, self._newest)
        if novelty is None:
            return found
        return found._replace(forgotten=novelty.forgotten_lately(self._newest))
