"""Problem: what is wrong with a rule, and the shape of the checks that find it. Pure."""

from collections.abc import Callable, Collection
from typing import TypeAlias

import msgspec

from logmon_tui.alerts.model.rule import Rule

MAX_NAMES = 100
"""Maximum patterns, or names of rules, in one key."""


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a key; an empty key means the whole rule."""

    key: str
    text: str


Check: TypeAlias = Callable[[Rule, Collection[str]], Problem | None]
"""Returns what is wrong with a rule, if anything; it is told which keys the user has set."""


def either(key: str, other: str, given: Collection[str], text: str) -> Problem:
    """Return a problem of two keys, under the one that the user has set."""
    return Problem(other if other in given and key not in given else key, text)
