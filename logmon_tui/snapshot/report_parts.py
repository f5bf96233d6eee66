"""Parts that only reports have: static files, and what was not found. Frozen values."""

from typing import NamedTuple

import msgspec

from logmon_tui.snapshot.traffic import Ranking


class StaticFiles(msgspec.Struct, frozen=True):
    """The hits of static files: their number, their bytes, and the files.

    The ranking of files is empty if the filter `@static` looks at more than paths.
    """

    hits: int = 0
    bytes: int = 0
    files: Ranking = Ranking()


class NotFoundRow(NamedTuple):
    """A path with the hits answered 404, and the referrer that most of those with one had.

    `referrer` is None if none had one; `referrer_hits` are those that had this one.
    """

    path: bytes
    hits: int
    referrer: bytes | None = None
    referrer_hits: int = 0


class NotFound(msgspec.Struct, frozen=True):
    """The paths that were not found, most hits first, ties by path; `distinct` is their number."""

    rows: tuple[NotFoundRow, ...] = ()
    distinct: int = 0
