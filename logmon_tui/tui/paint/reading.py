"""What a Snapshot says about reading: caught up, saved by another program, judged yet. Pure."""

from logmon_tui import units
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState

NOT_WITH_FILTER = "not known with this filter"
"""Tells what the top keys of a past moment do not tell of the hits that pass the filter."""


def caught_up(snapshot: Snapshot) -> bool:
    """Tell whether the lines that were in the logs at the start have been read."""
    return SourceState.CATCHING_UP not in {source.state for source in snapshot.sources}


def without_hits(snapshot: Snapshot) -> str:
    """Return why the window has no hits; of a long log only those of its last minutes come in."""
    if snapshot.moment is None and not caught_up(snapshot):
        return "still reading the log"
    return "no hits in this window"


def saves_elsewhere(snapshot: Snapshot) -> bool:
    """Tell whether another logmon-tui keeps the alerts of these logs."""
    return snapshot.saving.elsewhere


def unjudged(snapshot: Snapshot) -> str:
    """Return why the rules have not judged all hits of the logs yet; empty once they have."""
    states = {source.state for source in snapshot.sources}
    if not states or SourceState.CATCHING_UP in states or snapshot.beginning:
        return "Reading the log …" if len(snapshot.sources) < 2 else "Reading the logs …"
    if snapshot.log_time is not None:
        return ""
    if states <= {SourceState.WAITING, SourceState.FAILED}:
        return "Waiting for the log."
    return "There were no hits." if states == {SourceState.ENDED} else "Waiting for the first hit."


def has_status_then(snapshot: Snapshot) -> bool:
    """Tell whether the hits by status are known; of a past moment not every filter has them."""
    moment = snapshot.moment
    return moment is None or moment.answered is None or "status" in moment.answered


def window_text(snapshot: Snapshot) -> str:
    """Return which time the panels show: `last 10 s`, or `03:12, 1 min`; empty before any hit."""
    window, moment = snapshot.now, snapshot.moment
    if not window.seconds:
        return ""
    if moment is None:
        return f"last {units.window(window.seconds)}"
    begin = units.clock(moment.end - moment.seconds + 1)
    return f"{begin.removesuffix(':00')}, {units.window(moment.seconds)}"
