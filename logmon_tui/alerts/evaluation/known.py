"""KnownSubjects: whom a rule has met, by hash, when first and when last. Bounded memory.

An entry takes 24 bytes, so all take 5 MB at most, and as much again while some are added. When a
subject was seen last is kept to the hour, so that few entries change between two saves.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.sketches import Hashes

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

HOUR = 3_600

MAX_KNOWN = 200_000
"""Maximum subjects that a rule knows."""

_KEPT_SHARE = 7 / 8
"""The share of them that stays when there are too many, so that this comes seldom."""

_FEW = 1_000
"""Entries that pages may hold twice, however few subjects there are."""


class Known(NamedTuple):
    """Known subjects as columns of shape (n,), ascending by hash.

    `firsts` are the seconds in which slots begin, `hours` are numbered since 1970.
    """

    hashes: Hashes
    firsts: Ints
    hours: Ints

    def part(self, rows: Mask | NDArray[np.intp]) -> "Known":
        """Return some of the subjects."""
        return Known(self.hashes[rows], self.firsts[rows], self.hours[rows])


NOBODY = Known(
    np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
)


class Page(NamedTuple):
    """A part of what is saved of the known; None for a part that is no more.

    Of a subject in several pages the one with the highest number tells.
    """

    number: int
    known: Known | None


class KnownSubjects:
    """Knows at most `most` subjects; one unseen for `forget` hours is none of them.

    It is saved as pages: each save adds one with what has changed, until they hold twice as many
    entries as there are subjects. Then one page replaces them all.
    """

    def __init__(self, forget: int, most: int | None = None) -> None:
        self._forget = forget
        self._most = MAX_KNOWN if most is None else most
        self.all = NOBODY
        self._pages: dict[int, int] = {}  # entries of those saved, by number
        self._offered: Page | None = None  # the last one that `unsaved` returned
        self._changed: list[Hashes] = []  # since the last save
        self._whole = False  # whether the next save must replace all pages

    def __len__(self) -> int:
        return len(self.all.hashes)

    @property
    def room(self) -> int:
        """How many more subjects may come."""
        return self._most - len(self)

    def find(self, hashes: Hashes) -> tuple[NDArray[np.intp], Mask]:
        """Return the place of each subject, and which are known."""
        places = self.all.hashes.searchsorted(hashes)
        if not len(self):
            return places, np.zeros(len(hashes), dtype=np.bool_)
        found: Mask = self.all.hashes[np.minimum(places, len(self) - 1)] == hashes
        return places, found

    def learn(self, subjects: Known) -> None:
        """Add subjects, or replace what is known of them; they must differ, ascending by hash."""
        places, found = self.find(subjects.hashes)
        there, mine = places[found], subjects.part(found)
        changed = (self.all.firsts[there] != mine.firsts) | (self.all.hours[there] != mine.hours)
        self.all.firsts[there], self.all.hours[there] = mine.firsts, mine.hours
        if changed.any():
            self._changed.append(mine.hashes[changed])
        if not found.all():
            new, places = subjects.part(~found), places[~found]
            columns = zip(self.all, new, strict=True)
            self.all = Known(*(np.insert(mine, places, theirs) for mine, theirs in columns))
            self._changed.append(new.hashes)

    def bound(self, hour: int) -> int:
        """Forget some if there are too many at a given hour; return how many for want of room.

        Whoever was seen again in a later hour than the first one stays before those who came once,
        so a crowd of these drives out none but its own. Of both those unseen for longest go first.
        """
        if self.room >= 0:
            return 0
        kept = hour - self.all.hours <= self._forget
        lost, there = 0, int(kept.sum())
        if there > self._most:
            hashes, firsts, hours = self.all
            lost = there - int(self._most * _KEPT_SHARE)
            order = np.lexsort((hashes, firsts, hours, hours > firsts // HOUR))
            kept[order[kept[order]][:lost]] = False
        self.all = self.all.part(kept)
        self._whole = True
        return lost

    # From run to run

    def unsaved(self, *, everything: bool) -> list[Page]:
        """Return the pages that changed since `saved`, or one with everything."""
        changed = self._changed_hashes()
        gone: list[Page] = []
        self._offered = None
        if everything or self._whole or self._is_long(len(changed)):
            gone = [Page(number, None) for number in self._pages]
            self._offered = Page(0, self.all)
        elif len(changed):
            places, _ = self.find(changed)
            self._offered = Page(max(self._pages, default=-1) + 1, self.all.part(places))
        return gone if self._offered is None else [*gone, self._offered]

    def _changed_hashes(self) -> Hashes:
        if self._changed:
            self._changed = [np.unique(np.concatenate(self._changed))]
        return self._changed[0] if self._changed else NOBODY.hashes

    def _is_long(self, more: int) -> bool:
        return sum(self._pages.values()) + more > 2 * max(len(self), _FEW)

    def saved(self) -> None:
        """Note that the pages that `unsaved` returned last are saved."""
        page = self._offered
        if page is not None and page.known is not None:
            if page.number == 0:
                self._pages = {}
            self._pages[page.number] = len(page.known.hashes)
        self._offered, self._changed, self._whole = None, [], False

    def touch_all(self) -> None:
        """Note that everything is to be saved again."""
        self._whole = True

    def restore(self, page: Page) -> None:
        """Take over a page that is saved; they must come in the order of their numbers."""
        self._pages[page.number] = 0
        if page.known is not None:
            self.learn(page.known)
            self._pages[page.number] = len(page.known.hashes)
            self._changed = []

    def become(self, other: "KnownSubjects") -> None:
        """Know whom `other` knows, which must not be used any more."""
        self.all = other.all
        self.touch_all()
