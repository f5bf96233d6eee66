"""The kinds of logs that are read once, by the words that name them.

Every other log is a file, which is followed. A new kind is one new file beside this one with a
class that follows `Source`, and one line here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from logmon_tui.config.settings import STANDARD_INPUT
from logmon_tui.sources.archive import Archive
from logmon_tui.sources.base import Source
from logmon_tui.sources.compressed import is_compressed
from logmon_tui.sources.stdin import StandardInput


class ReadOnce(NamedTuple):
    """A kind of log that a watch reads from its beginning to its end, keeping no place of it.

    `is_one` tells whether a LOG is of this kind. `open` is given the LOG, and the descriptor that
    standard input has.
    """

    is_one: Callable[[str], bool]
    open: Callable[[str, int], Source]


READ_ONCE = (
    ReadOnce(lambda log: log == STANDARD_INPUT, lambda _, descriptor: StandardInput(descriptor)),
    ReadOnce(lambda log: is_compressed(Path(log)), lambda log, _: Archive(Path(log))),
)


def read_once(log: str) -> ReadOnce | None:
    """Return the kind of a log that is read once, None for a file that is followed."""
    return next((kind for kind in READ_ONCE if kind.is_one(log)), None)
