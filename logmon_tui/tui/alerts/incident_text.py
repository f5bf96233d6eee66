"""The texts and signs of incidents that panel, toasts and windows share. Pure."""

import math
from collections.abc import Sequence

from logmon_tui import units
from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.rules.messages import NO_DATA
from logmon_tui.tui.paint.cells import ELLIPSIS, shown

SEVERITY_SIGNS = {Severity.WARNING: "!", Severity.CRITICAL: "▲"}
RECOVERING_SIGN = "↘"
RECOVERED_SIGN = "✓"
SILENCED_SIGN = "⊘"
MARK_SIGN = "⚑"
MAX_CHANGES = 3
"""Maximum severities of an incident that are named; the newest matter most."""


def name_of(incident: Incident) -> str:
    """Return the incident's title, and its subject where it has one."""
    if incident.subject is None:
        return shown(incident.title)
    return f"{shown(incident.title)} {shown(incident.subject)}"


def names_of(incidents: Sequence[Incident], limit: int) -> str:
    """Return the names of the first `limit` incidents, and how many more there are."""
    names = ", ".join(name_of(incident) for incident in incidents[:limit])
    more = len(incidents) - limit
    return f"{names} and {more:,} more" if more > 0 else names


def sign_of(incident: Incident) -> str:
    """Return the sign of the incident's present state."""
    if not incident.firing:
        return RECOVERED_SIGN
    if incident.recovering_since is not None:
        return RECOVERING_SIGN
    return SEVERITY_SIGNS[incident.severity]


def worst_sign(incidents: Sequence[Incident]) -> str:
    """Return the sign of the worst of the incidents, all of which fire."""
    order = (RECOVERING_SIGN, *SEVERITY_SIGNS.values())
    return max(map(sign_of, incidents), key=order.index)


def measure(incident: Incident, value: float | None) -> str:
    """Return a value with the incident's unit: `402/s`."""
    return measured(incident.unit, value)


def measured(unit: Unit, value: float | None) -> str:  # noqa: C901, PLR0911 - one for each unit
    """Return a value with its unit: `402/s`, `7.1 %`, `18.2 MB/s`, `1.24 s`, `2.5×`."""
    if value is None or math.isnan(value):
        return NO_DATA
    match unit:
        case Unit.RATE:
            rate = units.plain(round(value, 1)) if value >= 1 else units.rate(value)
            return f"{rate}/s"
        case Unit.SHARE:
            return f"{units.percent(value)} %"
        case Unit.HITS:
            return f"{units.count(value)} hits"
        case Unit.CLIENTS:
            return f"{units.count(value)} clients"
        case Unit.PATHS:
            return f"{units.count(value)} paths"
        case Unit.RULES:
            return f"{units.count(value)} rules"
        case Unit.BYTES_RATE:
            return f"{units.spoken_size(value)}/s"
        case Unit.SECONDS:
            return units.seconds(value)
        case Unit.BYTES:
            return units.spoken_size(value)
        case Unit.RATIO:
            return f"{units.plain(round(value, 2))}×"
        case Unit.DEVIATIONS:
            return f"{units.plain(round(value, 1))}σ"  # noqa: RUF001 - the sign of deviations


def value_with_hits(incident: Incident) -> str:
    """Return the value at the trigger, and the number of hits that it was measured on."""
    value = measure(incident, incident.value)
    if incident.unit is Unit.RATE:
        return f"hits = {incident.hits:,} · {value}"
    if incident.unit in {Unit.HITS, Unit.DEVIATIONS} or not incident.counts_hits:
        return value
    return f"{value} of {incident.hits:,}"


def worst(incident: Incident) -> str:
    """Return the worst value so far: `peak 402/s`, or `low 2/s` if the rule fires below."""
    if incident.peak is None:
        return NO_DATA
    word = "low" if incident.peak < incident.threshold else "peak"
    return f"{word} {measure(incident, incident.peak)}"


def severities(incident: Incident, *, words: bool) -> str:
    """Return the severities that the incident had, in words or signs.

    Empty if the incident had one severity only, and if its sign shows that or it is critical: most
    incidents are.
    """
    had = [change.severity for change in incident.changes] or [incident.severity]
    sign_shows_it = incident.firing and incident.recovering_since is None
    if len(had) == 1 and (sign_shows_it or had[0] is Severity.CRITICAL):
        return ""
    texts = [str(each) if words else SEVERITY_SIGNS[each] for each in had[-MAX_CHANGES:]]
    if len(had) > MAX_CHANGES:
        texts.insert(0, ELLIPSIS)
    return (" → " if words else "→").join(texts)


def covered(silence: Silence, title: str | None) -> str:
    """Return what a silence covers; `title` is its rule's title, None if unknown."""
    if silence.maintenance:
        what = covered(silence._replace(maintenance=""), title)
        return f"{what} (maintenance {shown(silence.maintenance)})"
    if silence.where:
        whose = "alerts"
        if silence._replace(where="").about != (None, None, None, ""):
            whose = covered(silence._replace(where=""), title)
        return f"{whose} where {shown(silence.where)}"
    rule = None if silence.rule is None else shown(title or silence.rule)
    if silence.scope is None:
        return rule or "everything"
    if silence.subject is None:
        return rule or "all traffic"
    kind = rule or str(silence.scope).replace("_", " ")
    return f"{kind} {shown(silence.subject)}"


def moment(wall: float, now: float) -> str:
    """Return the UTC time of day, `12:04`, with the date unless it is today.

    Both parameters are wall time in epoch seconds.
    """
    if int(wall) // 86_400 == int(now) // 86_400:
        return units.clock(wall)[:5]
    return units.date_time(wall)[5:16]
