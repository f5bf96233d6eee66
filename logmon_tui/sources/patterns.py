"""Patterns of logs, such as `/var/log/nginx/*.log`: which logs they match."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.config.remote import is_remote
from logmon_tui.sources.identity import Identity
from logmon_tui.sources.listed import Sibling, file_at

_SPECIAL = frozenset("*?[")


def is_pattern(log: str) -> bool:
    """Tell whether a LOG argument is a pattern: it contains `*?[` and is not a file's name."""
    return not _SPECIAL.isdisjoint(log) and not is_remote(log) and not os.path.lexists(log)


def matches(pattern: str) -> Iterator[str]:
    """Yield the regular files that `pattern` matches, and a file with exactly this name.

    `**` matches any folders except hidden ones.
    """
    import glob  # few logs are patterns

    if os.path.isfile(pattern):  # noqa: PTH113 - as a string
        yield pattern
    for path in glob.iglob(pattern, recursive=True):  # noqa: PTH207 - keeps paths as they are
        if os.path.isfile(path):  # noqa: PTH113 - as a string
            yield path


def expanded(logs: Sequence[str]) -> list[str]:
    """Return `logs` with each pattern replaced by its matches, sorted; each file once."""
    known = {found.identity for log in logs if not is_pattern(log) for found in looked_at(log)}
    paths: list[str] = []
    for log in logs:
        paths += distinct(sorted(matches(log)), known) if is_pattern(log) else [log]
    return paths


def distinct(paths: Iterable[str], known: set[Identity]) -> list[str]:
    """Return the paths of files not `known` yet, and add these files to `known`."""
    found_anew = []
    for path in paths:
        for found in looked_at(path):
            if found.identity not in known:
                known.add(found.identity)
                found_anew.append(path)
    return found_anew


def looked_at(log: str) -> list[Sibling]:
    """Return the file of a log as a list of one; empty if it is none."""
    return [] if log == STANDARD_INPUT else file_at(Path(log))
