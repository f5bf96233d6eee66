"""What a user has just done to alerts, put into the picture at once. Pure.

The engine's next picture has it as well; this one need not wait for it.
"""

from dataclasses import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.snapshot import Snapshot


def acknowledged(snapshot: Snapshot, incident: str, wall: float | None) -> Snapshot:
    """Return `snapshot` with the incident of this id acknowledged at `wall`, or not (None)."""
    return _changed(snapshot, incident, acknowledged_at=wall)


def noted(snapshot: Snapshot, incident: str, note: str) -> Snapshot:
    """Return `snapshot` with this note on the incident of this id."""
    return _changed(snapshot, incident, note=note)


def silenced(snapshot: Snapshot, silence: Silence) -> Snapshot:
    """Return `snapshot` with one more silence in force."""
    silences = sorted({*snapshot.alerts.silences, silence}, key=lambda each: each.until)
    return replace(snapshot, alerts=replace(snapshot.alerts, silences=tuple(silences)))


def heard(snapshot: Snapshot, silence: Silence) -> Snapshot:
    """Return `snapshot` without the silence."""
    left = tuple(each for each in snapshot.alerts.silences if each != silence)
    return replace(snapshot, alerts=replace(snapshot.alerts, silences=left))


def _changed(snapshot: Snapshot, wanted: str, **fields: float | str | None) -> Snapshot:
    incidents = tuple(
        replace(incident, **fields) if incident.id == wanted else incident  # type: ignore[arg-type]
        for incident in snapshot.alerts.incidents
    )
    return replace(snapshot, alerts=replace(snapshot.alerts, incidents=incidents))
