"""Describe in words what the evidence of an incident compares. Pure."""

from collections.abc import Iterator

from logmon_tui import units
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Scope

KIND_NAMES = {
    Kind.SECTION: "sections",
    Kind.PATH: "paths",
    Kind.STATUS: "statuses",
    Kind.CLIENT: "clients",
    Kind.USER_AGENT: "user agents",
    Kind.SERVER: "hosts",
}
NOT_KEPT = (
    "Why it fired was not kept: it fired in what stood in the log before the watch, or at once "
    "with many others."
)

_TRIVIAL_KINDS = {
    Scope.SECTION: {Kind.SECTION},
    Scope.PATH: {Kind.SECTION, Kind.PATH},
    Scope.CLIENT: {Kind.CLIENT},
    Scope.STATUS: {Kind.STATUS},
    Scope.USER_AGENT: {Kind.USER_AGENT},
    Scope.SERVER: {Kind.SERVER},
}
"""By an incident's scope, the kinds of movers that have only one key: the subject's own."""

_OF_RULES = "It fires while other rules do: why these fired is told by its parts."
_OF_SILENCE = "A host that says nothing has no lines that could tell why."


def absent_text(incident: Incident) -> str:
    """Say why an incident has no evidence."""
    if incident.unit is Unit.RULES:
        return _OF_RULES
    return _OF_SILENCE if incident.of_silence else NOT_KEPT


def evidence_title(incident: Incident, evidence: Evidence) -> str:
    """Return the heading above the keys of the evidence, such as `What rose`."""
    if not any(movers for _, movers in evidence.movers):
        return "What there was"
    fell = incident.value is None or incident.value <= incident.threshold
    if fell and evidence.now < evidence.before:
        return "What fell"
    return "What rose" if evidence.now > evidence.before else "What there was most of"


def telling_movers(
    incident: Incident, evidence: Evidence
) -> Iterator[tuple[Kind, tuple[Mover, ...]]]:
    """Yield the movers of each kind that has any, but of kinds that only repeat the subject."""
    trivial = {kind for scope in incident.subjects for kind in _TRIVIAL_KINDS.get(scope, ())}
    return ((kind, movers) for kind, movers in evidence.movers if movers and kind not in trivial)


def compared_text(incident: Incident, evidence: Evidence) -> str:
    """Return a line about the two windows compared: their hits, and what limits them."""
    window = units.window(evidence.window or incident.window)
    before, now = amount_text(incident, evidence.before), amount_text(incident, evidence.now)
    what = "" if incident.unit is Unit.BYTES_RATE else " hits"
    text = f"{window} up to the trigger against {window} before: {before} → {now}{what}"
    if evidence.sampled:
        text += " (estimates: of a busy log some hits are remembered)"
    if evidence.since is not None:
        text += f"; hits are known since {units.clock(evidence.since)} only"
    return text


def amount_text(incident: Incident, value: int) -> str:
    """Format an amount in what the rule measures: hits, or bytes."""
    if incident.unit is Unit.BYTES_RATE:
        return units.spoken_size(value)
    return units.count(value)
