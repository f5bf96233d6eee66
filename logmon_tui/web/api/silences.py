"""The ids of silences: a silence itself has none, but a request must name it."""

import hashlib

import msgspec

from logmon_tui.alerts.history.silence import Silence


def id_of(silence: Silence) -> str:
    """Return the id of a silence, the same for equal ones: 16 hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(silence)).hexdigest()[:16]
