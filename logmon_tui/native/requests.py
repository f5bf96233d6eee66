"""Request lines and targets taken apart, many at once, as far as they are of the usual form."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import is_native, library
from logmon_tui.native.texts import Texts, address_of


class Requests(NamedTuple):
    """Methods, paths and sections of those that are `usual`, shape (n,); the others have none."""

    usual: NDArray[np.bool_]
    methods: Texts
    paths: Texts
    sections: Texts


def split_requests(texts: Texts, *, are_targets: bool = False) -> Requests:
    """Take request lines apart, or targets, which have no method.

    Where no library was compiled none counts as usual.
    """
    count = len(texts)
    usual, parts = np.zeros(count, dtype=np.bool_), np.zeros((6, count), dtype=np.int64)
    if is_native():
        call = library().logmon_split_requests
        if not call(texts.structure(), are_targets, address_of(parts), address_of(usual)):
            message = "a request does not stand within the bytes"
            raise ValueError(message)
    methods, paths, sections = (Texts(texts.data, parts[at], parts[at + 1]) for at in (0, 2, 4))
    return Requests(usual, methods, paths, sections)
