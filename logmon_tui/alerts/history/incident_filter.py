"""The filter of incidents, of the alerts panel and of `logmon-tui alerts`: which ones match."""

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
    """Every word must stand in an incident's text, and of each key one value must fit.

    `values` holds pairs of one of KEYS and the beginning of a value. Letters count as small.
    """

    words: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Tell whether it leaves anything out."""
        return bool(self.words or self.values)

    def matches(
        self, incident: Incident, silences: tuple[Silence, ...] = (), wall: float = 0.0
    ) -> bool:
        """Tell whether `incident` matches; `silences` and wall time tell who is silenced."""
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
    """Return the filter that `text` spells: `storm rule:ddos severity:critical state:firing`.

    A word with a colon that is none of KEYS is a word like others, such as an IPv6 address.
    Values of the same key are alternatives; a key without a value says nothing yet.
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
    """Say in a line what of a filter nothing can ever match, and what can; empty if all is known.

    Names of rules are left open, for the history may have some of old.
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
    """Return all that words are looked for in, as it shows."""
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
            return [str(incident.scope)]
        case _:
            return _states(incident, silenced=silenced)


def _states(incident: Incident, *, silenced: bool) -> list[str]:
    states = ["firing" if incident.firing else "recovered"]
    if incident.firing and incident.recovering_since is not None:
        states.append("recovering")
    states.append("acknowledged" if incident.acknowledged else "new")
    return [*states, "silenced"] if silenced else states
