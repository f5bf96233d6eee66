"""The document that a browser gets of an answered question."""

from logmon_tui.reports.json import watch_json
from logmon_tui.snapshot import Snapshot

TOP = 5
"""Rows of the tables."""


def encoded(snapshot: Snapshot, _wall: float, *, top: int = TOP) -> bytes:
    """Return the document as JSON in ASCII, on one line; the wall time is in epoch seconds."""
    return b'{"snapshot":%s}' % watch_json(snapshot, (), top).encode("ascii")
