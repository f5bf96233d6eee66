"""What a picture tells of the reading behind it. Pure."""

from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState


def caught_up(snapshot: Snapshot) -> bool:
    """Tell whether what stood in the logs before has been read."""
    return SourceState.CATCHING_UP not in {source.state for source in snapshot.sources}


def saves_elsewhere(snapshot: Snapshot) -> bool:
    """Tell whether another logmon-tui keeps the alerts of these logs."""
    return snapshot.saving.problem.startswith("another logmon-tui")
