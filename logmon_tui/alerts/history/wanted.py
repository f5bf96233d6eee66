"""Wanted: which incidents of the history somebody asks for, by a command or over HTTP."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from logmon_tui.alerts.history.incident_filter import Filter
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.errors import meant


@dataclass(frozen=True)
class Wanted:
    """Selects the incidents to list: those between `since` and `until` that match `others`.

    `rules` are patterns of rule names, one of which must match; without any, all rules match.
    """

    since: float | None
    until: float | None
    rules: tuple[str, ...]
    others: Filter

    def of(self, incidents: Iterable[Incident]) -> list[Incident]:
        """Return the selected incidents, newest first."""
        found = [incident for incident in incidents if self._wants(incident)]
        return sorted(found, key=lambda each: (-each.triggered_at, each.rule, each.id))

    def _wants(self, incident: Incident) -> bool:
        end = incident.recovered_at
        return (
            (self.since is None or end is None or end >= self.since)
            and (self.until is None or incident.triggered_at < self.until)
            and (not self.rules or any(fnmatchcase(incident.rule, rule) for rule in self.rules))
            and self.others.matches(incident)
        )


def others_of(
    severity: Severity | None, scope: Scope | None, text: str | None, *, firing: bool
) -> Filter:
    """Return the filter of incidents that fit all that is given."""
    given = (("severity", severity), ("scope", scope), ("state", "firing" if firing else None))
    values = tuple((key, str(value)) for key, value in given if value is not None)
    return Filter((text.casefold(),) if text else (), values)


def unknown_rule(
    patterns: Sequence[str], known: Sequence[str], incidents: Iterable[Incident]
) -> tuple[str, str] | None:
    """Return the first pattern that fits no rule, and a message; None if each fits one.

    `known` are the rules of the settings; those of `incidents` may be former ones.
    """
    former = sorted({incident.rule for incident in incidents} - set(known))
    for pattern in patterns:
        if not _fits(pattern, (*known, *former)):
            near = meant(pattern, [*known, *former]) or ";"
            more = f"; in the history also {', '.join(former)}" if former else ""
            return pattern, f"no rule is called so{near} known are {', '.join(known)}{more}"
    return None


def beginning_with(beginning: str, incidents: Iterable[Incident]) -> list[Incident]:
    """Return the incidents whose ids begin so, in any case."""
    return [each for each in incidents if each.id.startswith(beginning.lower())]


def _fits(pattern: str, names: Collection[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names)
