"""Splits many request lines or targets at once, as far as they have the usual form."""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.interner import Interner
from logmon_tui.native.library import is_native, library
from logmon_tui.native.structures import RequestsStructure
from logmon_tui.native.texts import Texts, address_of

_PARTS = 3


class Part(NamedTuple):
    """The methods, paths or sections of n requests.

    Request i has the text `texts[numbers[i]]`. `texts` are distinct; `numbers` are int32 of shape
    (n,), -1 for requests of an unusual form.
    """

    texts: Texts
    numbers: NDArray[np.int32]


class Requests(NamedTuple):
    """The three parts of n requests."""

    methods: Part
    paths: Part
    sections: Part


def split_requests(texts: Texts, *, are_targets: bool = False) -> Requests:
    """Split request lines, or targets, whose methods are empty.

    Without the library, all of them count as unusual.
    """
    count = len(texts)
    numbers = np.full((_PARTS, count), -1, dtype=np.int32)
    interners = [Interner() for _ in range(_PARTS)]
    if is_native():
        for each in interners:
            each.have_room(count, texts.nbytes)
        parts = (each.structure for each in interners)
        to = RequestsStructure(address_of(numbers), tuple(map(ctypes.pointer, parts)))
        while True:
            done = library().logmon_split_requests(texts.structure(), are_targets, to)
            if done < 0:
                message = "a request does not stand within the bytes"
                raise ValueError(message)
            if done:
                break
            interners[to.short_part].make_room(to.short_length)
    return Requests(
        *(Part(each.texts(), of_part) for each, of_part in zip(interners, numbers, strict=True))
    )
