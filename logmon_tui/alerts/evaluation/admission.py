"""Admission: which subjects of a counter are counted by name, and the crowd of the others.

A subject is counted by name from when it first has as many hits as any rule asks for, among those
that are kept. Its earlier hits come out of the crowd then. So what a rule measures of it is exact,
and a subject without a name cannot be beyond a threshold. It keeps its name for as long as a slot
has hits of it, or a rule has a state for it.

When too many come at once, those with the most hits get a name first. The others stay in the
crowd, and are tried again with their next hit.
"""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.clients import SlotClients
from logmon_tui.alerts.evaluation.counter_keys import DISTINCT_OF, PARTED, SUMMED, Kind
from logmon_tui.alerts.evaluation.counting import SubjectRows
from logmon_tui.alerts.evaluation.counts import Counts
from logmon_tui.alerts.evaluation.crowd import MAX_SCORE, Crowd, CrowdRows, Loss
from logmon_tui.alerts.evaluation.measuring import least_amount, least_hits
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, When
from logmon_tui.native.sketches import Hashes, stable_hashes
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

MAX_CLIENT_ENTRIES = 100_000
"""Maximum counts of distinct clients, one for each subject of a slot; each takes 300 bytes."""

_MARKS = 1 << 16
"""Cells of the table of those who have a name, a power of two."""


class LeftOut(NamedTuple):
    """What a rule could not count in its window.

    `subjects` had enough hits in one slot, but they, or some of their clients, found no room there.
    `lost` is the most that can be missing of any subject's hits; of its bytes, if the rule is one
    of bytes. `forgotten` known subjects had no room in the last day, so that they may be taken for
    new ones.
    """

    subjects: int = 0
    lost: int = 0
    forgotten: int = 0


class Admission:
    """Chooses who is counted by name, at most about `limit` new subjects a slot.

    `rules` are those that share the counter. `kept` is how many slots are kept.
    """

    def __init__(self, kind: Kind, rules: Collection[Rule], limit: int, kept: int) -> None:
        self._kind = kind
        self._limit = limit
        self._most_entries = 2 * limit * kept
        if kind in DISTINCT_OF:
            self._most_entries = min(self._most_entries, MAX_CLIENT_ENTRIES)
        # One hit may be enough for a share, but then it is a bad one.
        self._by_amount = min(map(least_hits, rules)) <= 1 and all(map(_has_amount, rules))
        self._least = MAX_SCORE
        self.set_rules(rules)
        self._crowd = Crowd(
            valued=kind in PARTED | SUMMED,
            by_value=self._by_amount,
            keeps_hits=kind is not Kind.BYTES,
        )
        self._slots: dict[Subject, int] = {}  # of each subject with a name, those with hits of it
        self._entries = 0  # the sum of these
        self._marks = np.zeros(_MARKS, dtype=np.int32)  # the subjects with a name, by hash
        self.refused: dict[int, int] = {}
        """Subjects that found no room, by slot."""

    def set_rules(self, rules: Collection[Rule]) -> None:
        """Take rules with other thresholds.

        Who has enough hits for a lower one gets a name with its next hit. A higher one takes
        nobody's name, so that it may be lowered again at any time.
        """
        least = least_amount if self._by_amount else least_hits
        self._least = min(self._least, *map(least, rules))

    def name_everybody(self) -> None:
        """Give everybody a name who finds room, also those who cannot fire."""
        self._least = 1

    def split(
        self, rows: SubjectRows, ring: Mapping[int, Counts], pinned: AbstractSet[Subject]
    ) -> tuple[dict[int, Counts], dict[int, Counts]]:
        """Return the counts by slot of those with a name, and those of earlier hits.

        The other rows go to the crowd. `ring` has the present counts by slot. All `pinned`
        subjects get a name.
        """
        texts = rows.texts
        if texts is None:
            return rows.by_slot(), {}
        hashes = stable_hashes(texts)
        named, new = self._with_name(hashes, texts, pinned)
        scores = self._scores(rows, len(hashes))
        before = self._crowd.at_most(hashes)
        chosen = np.flatnonzero(~named & (before + scores >= self._least))
        if len(chosen):
            known = chosen[before[chosen] > 0]
            before[known] = self._crowd.scores(hashes[known])
            scores += before
            chosen = chosen[scores[chosen] >= self._least]
            chosen = self._with_room(rows, named, chosen, scores, ring)
            named[chosen] = new[chosen] = True
        if not self._by_amount:  # else there may be rows without an amount
            new &= before > 0
        earlier = self._earlier(np.flatnonzero(new), hashes, texts)
        if not named.all():
            self._crowd.add(rows.chosen(~named).of_crowd(hashes[~named]))
        return rows.chosen(named).by_slot() if named.any() else {}, earlier

    def _with_name(
        self, hashes: Hashes, texts: Texts, pinned: AbstractSet[Subject]
    ) -> tuple[Mask, Mask]:
        """Tell which subjects have a name or must have one, and which of them have none yet."""
        maybe = self._marks[_marks(hashes)] > 0
        lacking = [subject for subject in pinned if subject not in self._slots]
        if lacking:
            maybe |= np.isin(hashes, stable_hashes(Texts.of(subject or b"" for subject in lacking)))
        named, new = np.zeros_like(maybe), np.zeros_like(maybe)
        places = np.flatnonzero(maybe)
        for place, subject in zip(places.tolist(), texts.take(places).tolist(), strict=True):
            known = subject in self._slots
            named[place] = known or subject in pinned
            new[place] = named[place] and not known
        return named, new

    def _scores(self, rows: SubjectRows, subjects: int) -> Ints:
        if not self._by_amount:
            return np.bincount(rows.codes, minlength=subjects)
        scores = np.zeros(subjects, dtype=np.int64)
        np.add.at(scores, rows.codes, np.minimum(rows.values, MAX_SCORE))
        return scores

    def _with_room(
        self,
        rows: SubjectRows,
        named: Mask,
        chosen: NDArray[np.intp],
        scores: Ints,
        ring: Mapping[int, Counts],
    ) -> NDArray[np.intp]:
        """Return those of the chosen subjects that get a name, given everyone's scores.

        Where a slot has too many, those with the highest scores do: up to `limit` any, from there
        up to twice the limit only those with more than the average of the slot's subjects.
        """
        slots = np.full(len(scores), np.iinfo(np.int64).max)
        np.minimum.at(slots, rows.codes, rows.slots)
        room, names = self._most_entries - self._entries, np.count_nonzero(named)
        kept = []
        for slot in np.unique(slots[chosen]).tolist():
            mine = chosen[slots[chosen] == slot]
            hits = ring[slot].hits if slot in ring else {}
            there = len(hits)
            if there + len(mine) > self._limit - names:
                codes = rows.codes[rows.slots == slot]
                there += len(np.unique(codes[named[codes]]))
            free = self._limit - there
            if len(mine) > free and there:
                loud = int((scores[mine] * there > sum(hits.values())).sum())
                free = max(free, min(loud, 2 * self._limit - there))
            free = max(0, min(free, room))
            if len(mine) > free:
                mine = mine[np.argsort(-scores[mine], kind="stable")]
                self.refused[slot] = max(self.refused.get(slot, 0), len(mine) - free)
            kept.append(mine[:free])
            room -= len(kept[-1])
        return np.concatenate(kept) if kept else chosen

    def _earlier(self, places: NDArray[np.intp], hashes: Hashes, texts: Texts) -> dict[int, Counts]:
        """Take the hits of these subjects out of the crowd, and return their counts by slot."""
        if not len(places):
            return {}
        hashes = hashes[places]
        names = dict(zip(hashes.tolist(), texts.take(places).tolist(), strict=True))
        return self._counts(self._crowd.take_out(hashes), names)

    def name(self, subjects: Iterable[Subject]) -> dict[int, Counts]:
        """Give these subjects a name; return the counts by slot of their hits in the crowd."""
        if not len(self._crowd):
            return {}
        texts = Texts.of({subject or b"" for subject in subjects})
        return self._earlier(np.arange(len(texts)), stable_hashes(texts), texts)

    def named(self) -> Collection[Subject]:
        """Return the subjects that have a name."""
        return self._slots.keys()

    def _counts(self, rows: CrowdRows, names: Mapping[int, Subject]) -> dict[int, Counts]:
        """Return rows as counts by slot, given the names of their hashes."""
        found: dict[int, Counts] = {}
        clients: dict[tuple[int, Subject], list[int]] = {}
        for slot, hashed, hits, value in zip(*(column.tolist() for column in rows), strict=True):
            counts, name = found.setdefault(slot, Counts()), names[hashed]
            counts.hits[name] = counts.hits.get(name, 0) + hits
            if self._kind in DISTINCT_OF:
                clients.setdefault((slot, name), []).append(value)
            elif self._kind in PARTED:
                parts = counts.parts.setdefault(name, {})
                parts[value] = parts.get(value, 0) + hits
            elif value:
                counts.amounts[name] = counts.amounts.get(name, 0) + value
        for (slot, name), each in clients.items():
            values = np.array(each, dtype=np.int64)
            found[slot].clients[name] = SlotClients.of(values.view(np.uint64))
        return found

    def note_added(self, subjects: Iterable[Subject]) -> None:
        """Note that a slot has hits of these subjects, and had none before."""
        new = []
        for subject in subjects:
            slots = self._slots.get(subject, 0)
            self._slots[subject] = slots + 1
            self._entries += 1
            if not slots:
                new.append(subject or b"")
        if new:
            np.add.at(self._marks, _marks(stable_hashes(Texts.of(new))), 1)

    def note_gone(self, subjects: Iterable[Subject]) -> None:
        """Note that a slot with hits of these subjects is no longer kept."""
        gone = []
        for subject in subjects:
            self._entries -= 1
            self._slots[subject] -= 1
            if not self._slots[subject]:
                del self._slots[subject]
                gone.append(subject or b"")
        if gone:
            np.subtract.at(self._marks, _marks(stable_hashes(Texts.of(gone))), 1)

    def note_refused(self, slot: int, subjects: int) -> None:
        """Note that a slot had no room for so many subjects."""
        if subjects:
            self.refused[slot] = self.refused.get(slot, 0) + subjects

    def forget(self, oldest: int) -> None:
        """Forget what was before the slot `oldest`, except names."""
        self._crowd.forget(oldest)
        if self.refused:
            self.refused = {slot: each for slot, each in self.refused.items() if slot >= oldest}

    def left_out(self, first: int, last: int) -> LeftOut:
        """Return what could not be counted in the slots from `first` to `last`."""
        refused = [each for slot, each in self.refused.items() if first <= slot <= last]
        return LeftOut(max(refused, default=0), self._crowd.lost(first, last))

    def crowd_of(self, slot: int) -> CrowdRows:
        """Return the rows of the crowd in a slot."""
        return self._crowd.of_slot(slot)

    def add_to_crowd(self, rows: CrowdRows) -> None:
        """Add rows of another crowd, ascending by slot."""
        self._crowd.add(rows)

    @property
    def losses(self) -> list[Loss]:
        """What the crowd can have lost of subjects."""
        return self._crowd.losses

    @losses.setter
    def losses(self, losses: list[Loss]) -> None:
        self._crowd.losses = losses


def _has_amount(rule: Rule) -> bool:
    """Tell whether a rule fires only for subjects with some amount."""
    return (
        rule.metric in {Metric.BYTES_RATE, Metric.SHARE}
        and rule.when is When.ABOVE
        and rule.no_data is not NoData.ALERT
    )


def _marks(hashes: Hashes) -> NDArray[np.intp]:
    return (hashes & np.uint64(_MARKS - 1)).astype(np.intp)
