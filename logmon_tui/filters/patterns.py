"""Shell patterns: `*` stands for any characters, `?` for one, `[…]` for one of some."""

import fnmatch
import re
from collections.abc import Callable
from functools import lru_cache


@lru_cache(maxsize=256)
def pattern_of(globs: tuple[str, ...]) -> Callable[[bytes], object]:
    """Return a function that tells whether a text fits one of these shell patterns.

    Without patterns every text fits. `*` stands for any characters, `/` included. Matching takes
    linear time for each `*`.
    """
    if not globs:
        return lambda _text: True
    fits = re.compile("|".join(map(fnmatch.translate, globs)), re.DOTALL).match
    return lambda text: fits(text.decode("utf-8", "surrogateescape"))


def names_in(globs: tuple[str, ...]) -> tuple[bytes, ...]:
    """Return the texts that the patterns without a wildcard fit."""
    return tuple(
        text.encode("utf-8", "surrogateescape")
        for text in dict.fromkeys(globs)
        if not any(wildcard in text for wildcard in "*?[")
    )
