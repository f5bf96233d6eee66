"""Applies the user's commands about alerts to the present Snapshot, before the engine does. Pure.

So the screen shows them at once. The engine's next Snapshot contains them as well.
"""

from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.snapshot import Snapshot


def acknowledged(snapshot: Snapshot, incident: str, wall: float | None) -> Snapshot:
    """Return `snapshot` with an incident, by id, acknowledged at wall time `wall`; None: not."""
    return _changed(snapshot, incident, acknowledged_at=wall)


def noted(snapshot: Snapshot, incident: str, note: str) -> Snapshot:
    """Return `snapshot` with a note on an incident, given by its id."""
    return _changed(snapshot, incident, note=note)


def silenced(snapshot: Snapshot, silence: Silence) -> Snapshot:
    """Return `snapshot` with a silence added."""
    silences = sorted({*snapshot.alerts.silences, silence}, key=lambda each: each.until)
    return replace(snapshot, alerts=replace(snapshot.alerts, silences=tuple(silences)))


def heard(snapshot: Snapshot, silence: Silence) -> Snapshot:
    """Return `snapshot` with a silence removed."""
    left = tuple(each for each in snapshot.alerts.silences if each != silence)
    return replace(snapshot, alerts=replace(snapshot.alerts, silences=left))


def _changed(snapshot: Snapshot, id_: str, **fields: float | str | None) -> Snapshot:
    incidents = tuple(
        replace(incident, **fields) if incident.id == id_ else incident
        for incident in snapshot.alerts.incidents
    )
    return replace(snapshot, alerts=replace(snapshot.alerts, incidents=incidents))
