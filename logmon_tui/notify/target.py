"""Target: the settings that all kinds share, and the protocol of what sends to one."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Protocol

import msgspec

from logmon_tui.alerts.history.expression import fits
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.escape import printable
from logmon_tui.notify.message import Message

MAX_PROBLEM = 200
"""Maximum characters of a problem's text."""
_MIN_SECRET = 4
"""Minimum characters of a secret that `redacted` removes; shorter ones occur in common words."""

Timeout = Annotated[float, msgspec.Meta(gt=0, le=300)]


class SendError(Exception):
    """A message was not sent; the text says why, without secrets.

    `for_good` means that another try would fail in the same way.
    """

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


class Sender(Protocol):
    """Sends messages to one target; only one thread calls `send`."""

    address: str
    """The target's address, without secrets."""

    def send(self, message: Message) -> None:
        """Send a message. Raises SendError."""

    def close(self) -> None:
        """Abort the current `send`, because the program ends; any thread may call this."""


class UnavailableSender:
    """The sender of a target that cannot be opened; it fails until the program is restarted."""

    def __init__(self, why: str) -> None:
        self.address = ""
        self.why = why

    def send(self, _message: Message) -> None:
        """Raise SendError."""
        raise SendError(self.why, for_good=True)

    def close(self) -> None:
        """Do nothing: `send` never waits."""


class TargetSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a target of any kind.

    The target is notified of incidents that are at least as severe as `severity` and whose rule
    passes `rules`. These are shell patterns on rule names: one without `!` must match, if there are
    any, and none with a leading `!` may. `where` is an expression of incidents that must choose the
    incident too. One message holds the events of `group_wait` seconds; with
    `group_by`, those of incidents that have the same values of these fields. At most `per_minute`
    messages are sent in a minute.
    """

    KIND: ClassVar[str]

    severity: Severity = Severity.WARNING
    rules: tuple[str, ...] = ()
    where: str = ""
    group_by: tuple[str, ...] = ()
    group_wait: Annotated[float, msgspec.Meta(ge=0, le=300)] = 3.0
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=600)] = 10

    def problem(self) -> str:
        """Return what is wrong, as `key: problem`; empty if nothing is."""
        return ""

    def open(self) -> Sender | None:
        """Return a sender; None if the screen itself notifies. Raises UsageError."""
        return None


def wants_rule(target: TargetSettings, rule: str) -> bool:
    """Tell whether a target is notified of a rule's incidents."""
    refused = [pattern[1:] for pattern in target.rules if pattern.startswith("!")]
    wanted = [pattern for pattern in target.rules if not pattern.startswith("!")]
    if any(fnmatchcase(rule, pattern) for pattern in refused):
        return False
    return not wanted or any(fnmatchcase(rule, pattern) for pattern in wanted)


def wants_severity(target: TargetSettings, severity: Severity) -> bool:
    """Tell whether a target is notified of incidents of a severity."""
    return severity is Severity.CRITICAL or target.severity is Severity.WARNING


def wants(target: TargetSettings, incident: Incident) -> bool:
    """Tell whether a target is notified of an incident, given its present severity."""
    if not (wants_severity(target, incident.severity) and wants_rule(target, incident.rule)):
        return False
    return not target.where or fits(target.where, incident)


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a foreign text as one printable line, cut to MAX_PROBLEM and without secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _MIN_SECRET:
            text = text.replace(secret, "…")
    line = printable(" ".join(text.split()))
    return line if len(line) <= MAX_PROBLEM else line[: MAX_PROBLEM - 1] + "…"


def reason(error: OSError) -> str:
    """Return why an operation of the network or system failed, without file or host names."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or type(error).__name__
