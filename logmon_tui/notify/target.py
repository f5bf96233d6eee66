"""What all targets of notifications have in common. Nothing is sent here."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Protocol

import msgspec

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.escape import printable
from logmon_tui.notify.message import Message

LONGEST_PROBLEM = 200
_SHORTEST_SECRET = 4
"""A shorter one stands in too many words to be taken out of them."""

Timeout = Annotated[float, msgspec.Meta(gt=0, le=300)]


class SendError(Exception):
    """A message was not sent; the text says why, without secrets.

    `for_good` tells that another try would end in the same way.
    """

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


class Sender(Protocol):
    """Sends messages to one target; used by one thread."""

    address: str
    """Where to, without secrets."""

    def send(self, message: Message) -> None:
        """Send a message. Raises SendError."""

    def close(self) -> None:
        """End what is being sent, for the program ends; any thread may call this."""


class Dead:
    """The sender of a target that cannot be opened: nothing can be sent until a new start."""

    def __init__(self, why: str) -> None:
        self.address = ""
        self.why = why

    def send(self, _message: Message) -> None:
        """Raise SendError."""
        raise SendError(self.why, for_good=True)

    def close(self) -> None:
        """Nothing is to be ended."""


class TargetSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set for a target of any kind.

    It hears of incidents that are at least as bad as `severity`, of `rules`: shell patterns on
    their names, one of which must fit, and none behind a `!`. What happens within `group_wait`
    seconds is told at once; no more than `per_minute` messages are sent.
    """

    KIND: ClassVar[str]

    severity: Severity = Severity.WARNING
    rules: tuple[str, ...] = ()
    group_wait: Annotated[float, msgspec.Meta(ge=0, le=300)] = 3.0
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=600)] = 10

    def problem(self) -> str:
        """Say in a line, which begins with the key, what is wrong; an empty one if nothing is."""
        return ""

    def open(self) -> Sender | None:
        """Return what sends, None for what the screen does itself. Raises UsageError."""
        return None


def wants_rule(target: TargetSettings, rule: str) -> bool:
    """Tell whether a target hears of a rule at all."""
    refused = [pattern[1:] for pattern in target.rules if pattern.startswith("!")]
    wanted = [pattern for pattern in target.rules if not pattern.startswith("!")]
    if any(fnmatchcase(rule, pattern) for pattern in refused):
        return False
    return not wanted or any(fnmatchcase(rule, pattern) for pattern in wanted)


def wants_severity(target: TargetSettings, severity: Severity) -> bool:
    """Tell whether a severity is bad enough for a target."""
    return severity is Severity.CRITICAL or target.severity is Severity.WARNING


def wants(target: TargetSettings, incident: Incident) -> bool:
    """Tell whether a target hears of an incident as bad as it is now."""
    return wants_severity(target, incident.severity) and wants_rule(target, incident.rule)


def harmless(text: str, secrets: Iterable[str]) -> str:
    """Return what may be shown of a text from elsewhere: one printable line without secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "…")
    line = printable(" ".join(text.split()))
    return line if len(line) <= LONGEST_PROBLEM else line[: LONGEST_PROBLEM - 1] + "…"


def reason(error: OSError) -> str:
    """Say why an operation of the network or system failed, without names it was given."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or type(error).__name__
