"""The document that a browser gets of an answered question."""

import json

from logmon_tui.reports.json import present_object
from logmon_tui.snapshot import Snapshot

TOP = 5
"""Rows of the tables."""


def encoded(snapshot: Snapshot, _wall: float, *, top: int = TOP) -> bytes:
    """Return the document as JSON in ASCII, on one line; the wall time is in epoch seconds."""
    return json.dumps({"snapshot": present_object(snapshot, top)}).encode("ascii")
