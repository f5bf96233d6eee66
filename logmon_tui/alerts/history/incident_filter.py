"""The filter of incidents, for the alerts panel and for `logmon-tui alerts`."""

from dataclasses import dataclass

from logmon_tui.alerts.history.silence import Silence, is_silenced
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.escape import printable

KEYS = ("rule", "severity", "scope", "state")
STATES = ("firing", "recovering", "recovered", "acknowledged", "new", "silenced")
_ALLOWED = {
    "severity": tuple(map(str, Severity)),
    "scope": tuple(map(str, Scope)),
    "state": STATES,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """An incident matches if its text has every word, and each key has a value that fits.

    `values` holds pairs: one of KEYS, and the beginning of a value. Case does not matter.
    """

    words: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Tell whether the filter can exclude anything."""
        return bool(self.words or self.values)

    def matches(
        self, incident: Incident, silences: tuple[Silence, ...] = (), wall: float = 0.0
    ) -> bool:
        """Tell whether `incident` matches; `silences` at `wall` decide whether it is silenced."""
        text = _text(incident) if self.words else ""
        if not all(word in text for word in self.words):
            return False
        for key in {key for key, _ in self.values}:
            beginnings = tuple(value for each, value in self.values if each == key)
            has = _values(incident, key, silenced=is_silenced(incident, silences, wall))
            if not any(value.startswith(beginnings) for value in has):
                return False
        return True


def parsed(text: str) -> Filter:
    """Parse a filter such as `storm rule:ddos severity:critical state:firing`.

    A word whose part before the colon is not in KEYS, such as an IPv6 address, is a plain word.
    Values of the same key are alternatives. A key without a value is ignored, as it is still
    being typed.
    """
    words: list[str] = []
    values: list[tuple[str, str]] = []
    for token in text.casefold().split():
        key, colon, value = token.partition(":")
        if not colon or key not in KEYS:
            words.append(token)
        elif value:
            values.append((key, value.replace("-", "_") if key == "scope" else value))
    return Filter(tuple(words), tuple(values))


def unknown(text: str) -> str:
    """Return one line about a key or value that no incident can have; empty if there is none.

    Names of rules are not checked, as the history may hold incidents of former rules.
    """
    for token in text.casefold().split():
        key, colon, value = token.partition(":")
        if colon and key.isalpha() and key not in KEYS and value.isalpha():
            return f"{key}: is no key; keys are {', '.join(f'{each}:' for each in KEYS)}"
    for key, value in parsed(text).values:
        allowed = _ALLOWED.get(key)
        if allowed is not None and not any(each.startswith(value) for each in allowed):
            names = ", ".join(each.replace("_", "-") for each in allowed)
            return f"{key}:{value} is none of {names}"
    return ""


def _text(incident: Incident) -> str:
    """Return the text in which words are searched, as the screen shows it."""
    subject = b"" if incident.subject is None else incident.subject
    labels = " ".join(f"{key}={value}" for key, value in incident.labels)
    parts = (
        incident.rule,
        incident.title,
        subject,
        incident.message,
        incident.recovery,
        incident.note,
        labels,
    )
    return "\n".join(printable(part) for part in parts).casefold()


def _values(incident: Incident, key: str, *, silenced: bool) -> list[str]:
    match key:
        case "rule":
            return [incident.rule.casefold()]
        case "severity":
            return [str(incident.severity), *(str(each.severity) for each in incident.changes)]
        case "scope":
            return [incident.scope.value, *map(str, incident.by)]
        case _:
            return _states(incident, silenced=silenced)


def _states(incident: Incident, *, silenced: bool) -> list[str]:
    states = ["firing" if incident.firing else "recovered"]
    if incident.firing and incident.recovering_since is not None:
        states.append("recovering")
    states.append("acknowledged" if incident.acknowledged else "new")
    return [*states, "silenced"] if silenced else states
