"""What a picture tells of the reading behind it. Pure."""

from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState


def caught_up(snapshot: Snapshot) -> bool:
    """Tell whether what stood in the logs before has been read."""
    return SourceState.CATCHING_UP not in {source.state for source in snapshot.sources}
