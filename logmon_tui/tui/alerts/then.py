"""The alerts as they were at a past second: what had fired, and what was not over yet. Pure."""

from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.snapshot import AlertState, Moment, Snapshot
from logmon_tui.tui.paint.time_view import Asked


def until_of(moment: Moment, asked: Asked | None) -> int:
    """Return the second as of which alerts are told: that at which one looks.

    A moment of which only hours are known goes on after that.
    """
    return moment.end if asked is None else min(asked.end, moment.end)


def as_of(snapshot: Snapshot, asked: Asked | None) -> Snapshot:
    """Return `snapshot` with time and alerts of the moment that is `asked` for, if that is past."""
    if snapshot.moment is None:
        return snapshot
    second = until_of(snapshot.moment, asked)
    alerts = alerts_at(snapshot.alerts, second)
    return replace(snapshot, log_time=float(second), alerts=alerts)


def alerts_at(alerts: AlertState, second: int) -> AlertState:
    """Return the alerts as they were at a past second, as far as incidents tell.

    What nobody keeps is left out: rules that were about to fire, and silences.
    """
    then = [incident_at(each, second) for each in alerts.incidents if each.triggered_at <= second]
    firing = sorted((each for each in then if each.firing), key=_newest_first)
    over = sorted((each for each in then if not each.firing), key=_newest_first)
    return AlertState(alerts.window, alerts.threshold, incidents=(*firing, *over))


def _newest_first(incident: Incident) -> int:
    return -incident.triggered_at


def incident_at(incident: Incident, second: int) -> Incident:
    """Return an incident, which had fired by then, as it was known at a past second."""
    changes = tuple(change for change in incident.changes if change.second <= second)
    recovering, peaked = incident.recovering_since, incident.peak_at
    peak_is_known = peaked is None or peaked <= second
    over = incident.recovered_at is not None and incident.recovered_at <= second
    first = incident.changes[0].severity if incident.changes else incident.severity
    return replace(
        incident,
        changes=changes,
        severity=changes[-1].severity if changes else first,
        peak=incident.peak if peak_is_known else incident.value,
        peak_at=peaked if peak_is_known else None,
        recovering_since=None if recovering is None or recovering > second else recovering,
        recovered_at=incident.recovered_at if over else None,
        recovery=incident.recovery if over else "",
    )
