"""Origin: which server wrote a run of lines, where lines of many servers come together."""

from collections.abc import Sequence
from typing import NamedTuple


class Origin(NamedTuple):
    """`lines` successive lines that one server wrote.

    `server` is its name, `site/name` where it belongs to a site; `site` is empty where it does not.
    """

    server: bytes
    site: bytes
    lines: int


def origins_of_last(origins: Sequence[Origin], lines: int) -> list[Origin]:
    """Return the origins of the last `lines` lines of those that `origins` tell of."""
    found: list[Origin] = []
    for origin in reversed(origins):
        if lines <= 0:
            break
        found.append(origin._replace(lines=min(lines, origin.lines)))
        lines -= origin.lines
    return found[::-1]
