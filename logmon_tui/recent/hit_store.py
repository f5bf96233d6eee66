"""HitStore: the hits of the last minutes, in a bounded memory. Pure.

It is not saved: after a restart it is empty, and a View tells since when hits are known.
"""

import numpy as np

from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.recent.block import Block, Vocabularies, merged, thinned

SPAN = 15 * 60
"""Seconds that are answered for, however busy the log is. Older hits stay while there is room."""

MAX_BYTES = 20 * 1024 * 1024
"""Maximum bytes of memory for all hits and their texts."""

BLOCK_HITS = 32_768
"""Maximum hits of a block that is merged of others."""

ALIKE = 4
"""Blocks of about one size that are merged into one."""


class HitStore:
    """Keeps hits in blocks, the oldest first.

    When the memory is full, hits older than `SPAN` are dropped. If that does not suffice, every
    second hit of an older block is, and each of its others stands for two; so on until all fits.
    Thus the newest hits are exact, and a very busy log is sampled, the thinner the longer ago.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self.vocabularies = Vocabularies()
        self.blocks: list[Block] = []
        self._arrived = 0  # hits ever kept
        self._newest = 0  # second
        self._lost: int | None = None  # the last second of which a hit was dropped
        self._first: int | None = None  # second

    @property
    def since(self) -> int | None:
        """The first second all of whose hits are kept or stood for; None before the first hit."""
        if self._first is None:
            return None
        return self._first if self._lost is None else max(self._first, self._lost + 1)

    @property
    def nbytes(self) -> int:
        """The bytes of memory that the hits take, about."""
        return sum(block.nbytes for block in self.blocks) + self.vocabularies.nbytes

    def begin_at(self, newest: int) -> None:
        """Ignore hits that are too old beside `newest`, the second of a log's newest hit."""
        self._newest = newest

    def take(self, batch: HitBatch) -> None:
        """Keep the hits of a batch."""
        old = batch.seconds <= self._newest - SPAN
        if old.any():
            if self._first is not None:
                self._lose(int(batch.seconds[old].max()))
            batch = batch.select(~old)
        if not len(batch):
            return
        self._newest = max(self._newest, int(batch.seconds.max()))
        if self._first is None:  # a hit that comes late does not make its second known
            self._first = int(batch.seconds[0])
        numbers = np.arange(self._arrived, self._arrived + len(batch))
        self._arrived += len(batch)
        self.blocks.append(Block(batch, numbers, self.vocabularies))
        self._merge_newest()
        if self.nbytes > self._max_bytes:
            self._make_room()

    def _merge_newest(self) -> None:
        """Merge the newest blocks of about one size as soon as there are `ALIKE` of them.

        So a hit is packed anew only a few times, while no more than some blocks of each size wait.
        Of large blocks fewer make a full one.
        """
        while len(alike := self._newest_alike()) >= max(
            2, min(ALIKE, BLOCK_HITS // len(self.blocks[-1]))
        ):
            self.blocks[-len(alike) :] = [merged(alike, self.vocabularies)]

    def _newest_alike(self) -> list[Block]:
        """Return the newest blocks up to twice the size of the last, as many as fit into one."""
        last, hits = self.blocks[-1], 0
        place = len(self.blocks)
        while place and len(block := self.blocks[place - 1]) <= 2 * len(last):
            hits += len(block)
            if block.weight != last.weight or hits > BLOCK_HITS:
                break
            place -= 1
        return self.blocks[place:]

    def _make_room(self) -> None:
        """Drop and thin hits until three quarters of the memory suffice."""
        enough = self._max_bytes * 3 // 4
        self.vocabularies.keep(self.blocks)
        while self.nbytes > enough and len(self.blocks) > 1:
            # Texts go with the hits that have them, about in proportion.
            goal = self._hits() * enough // self.nbytes
            while self._hits() > goal and len(self.blocks) > 1:
                self._drop_or_thin()
            self.vocabularies.keep(self.blocks)

    def _hits(self) -> int:
        return sum(map(len, self.blocks))

    def _drop_or_thin(self) -> None:
        """Drop the oldest block if it is old enough, else thin a block."""
        if self.blocks[0].high <= self._newest - SPAN:
            self._drop(0)
            return
        place = self._densest()
        if len(self.blocks[place]) == 1:
            self._drop(place)
            return
        self.blocks[place] = thinned(self.blocks[place], self.vocabularies)
        pair = self.blocks[max(0, place - 1) : place + 1]
        if len(pair) == 2 and _mergeable(*pair):
            self.blocks[place - 1 : place + 1] = [merged(pair, self.vocabularies)]

    def _densest(self) -> int:
        """Return the number of the block to thin next; never the newest, unless it is alone.

        The more hits have come after a block's, the more each of its hits should stand for.
        """
        after = len(self.blocks[-1])
        scores = [0.0]
        for block in reversed(self.blocks[:-1]):
            after += len(block)
            scores.append(after / block.weight)
        return len(self.blocks) - 1 - scores.index(max(scores))

    def _drop(self, place: int) -> None:
        self._lose(self.blocks.pop(place).high)

    def _lose(self, second: int) -> None:
        """Note that hits up to `second` are not kept."""
        self._lost = second if self._lost is None else max(self._lost, second)


def _mergeable(first: Block, second: Block) -> bool:
    return first.weight == second.weight and len(first) + len(second) <= BLOCK_HITS
