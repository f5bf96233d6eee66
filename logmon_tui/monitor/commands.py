"""Commands: what a user asks of a running watch, as values that any thread may pass on.

The screen posts them, and the thread that owns the monitor applies them. A new one is a class here
and a case in `pipeline/command_queue.py`.
"""

from dataclasses import dataclass
from typing import TypeAlias

from logmon_tui.alerts.history.silence import Silence


@dataclass(frozen=True, slots=True)
class SetThreshold:
    """Judge the traffic by another threshold (req/s), by the configured one if None."""

    threshold: float | None


@dataclass(frozen=True, slots=True)
class ShowSource:
    """Show the hits of the log with this short name only, of all logs if None."""

    name: bytes | None


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Note that a user saw to the incident with this id at `wall`, in epoch seconds.

    None takes that back.
    """

    incident: str
    wall: float | None


@dataclass(frozen=True, slots=True)
class SetNote:
    """Keep what a user wrote about the incident with this id."""

    incident: str
    note: str


@dataclass(frozen=True, slots=True)
class AddSilence:
    """Notify nobody of what `silence` covers."""

    silence: Silence


@dataclass(frozen=True, slots=True)
class EndSilence:
    """End a silence before its time."""

    silence: Silence


ViewCommand: TypeAlias = SetThreshold | ShowSource
"""What is true until the next command of its kind, whichever pipeline reads the logs."""

Command: TypeAlias = ViewCommand | Acknowledge | SetNote | AddSilence | EndSilence
