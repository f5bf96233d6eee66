"""Request lines and targets taken apart, many at once, as far as they are of the usual form."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import SEEDS, RequestsStructure, is_native, library
from logmon_tui.native.texts import ENTRY, Texts, address_of, slots_for, texts_of

_PARTS = 3


class Part(NamedTuple):
    """Methods, paths or sections: distinct `texts`, and the number of each request's among them.

    `numbers` are int32, shape (n,), -1 for requests of no usual form.
    """

    texts: Texts
    numbers: NDArray[np.int32]


class Requests(NamedTuple):
    """The parts of n requests."""

    methods: Part
    paths: Part
    sections: Part


def split_requests(texts: Texts, *, are_targets: bool = False) -> Requests:
    """Take request lines apart, or targets, whose methods are empty.

    Where no library was compiled none is of the usual form.
    """
    count = len(texts)
    if not is_native():
        nothing = Part(Texts.of(()), np.full(count, -1, dtype=np.int32))
        return Requests(nothing, nothing, nothing)
    slots_each = slots_for(count)
    numbers = np.empty((_PARTS, count), dtype=np.int32)
    entries = np.empty((_PARTS, count), dtype=ENTRY)
    slots = np.empty((_PARTS, slots_each), dtype=np.uint32)
    counts = np.zeros(_PARTS, dtype=np.uint32)
    memory = (address_of(each) for each in (numbers, entries, slots, counts))
    to = RequestsStructure(*memory, slots_each, SEEDS)
    if not library().logmon_split_requests(texts.structure(), are_targets, to):
        message = "a request does not stand within the bytes"
        raise ValueError(message)
    return Requests(
        *(
            Part(texts_of(texts.data, entries[part, :told]), numbers[part])
            for part, told in enumerate(counts.tolist())
        )
    )
