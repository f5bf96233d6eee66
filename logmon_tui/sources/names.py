"""Short names of logs, which label their hits when several logs are read. Pure."""

import os
from collections.abc import Collection, Sequence
from pathlib import PurePath

from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.config.remote import is_remote

_STDIN = b"standard input"


def short_names(logs: Sequence[str], taken: Collection[bytes] = ()) -> list[bytes]:
    """Return a name for each of `logs`: the shortest end of its path that no other log has.

    A `taken` name is used again only if the whole path is taken.
    """
    parts = [_parts(log) for log in logs]
    return [
        _name(own, parts[:number] + parts[number + 1 :], taken) for number, own in enumerate(parts)
    ]


def _parts(log: str) -> tuple[str, ...]:
    if is_remote(log):
        return ("/", log)
    return PurePath(os.path.abspath(log)).parts  # noqa: PTH100 - as a string


def _name(own: tuple[str, ...], others: list[tuple[str, ...]], taken: Collection[bytes]) -> bytes:
    if own[-1] == STANDARD_INPUT:
        return _STDIN
    for count in range(1, len(own)):
        tail = own[-count:]
        name = os.fsencode("/".join(tail))
        if name not in taken and all(other[-count:] != tail for other in others):
            return name
    return os.fsencode(os.path.join(*own))  # noqa: PTH118 - as a string
