"""What an alert says when it fires and when it recovers. Pure."""

from datetime import UTC, datetime
from typing import NamedTuple

from logmon_tui.alerts.incident import Subject
from logmon_tui.alerts.rule import Limit, Rule


def iso_time(second: int) -> str:
    """Return a UTC epoch second as ISO 8601: `2026-11-22T08:26:40Z`."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Told(NamedTuple):
    """What a message may tell of: a reading at a second, judged by `limit`.

    `value` is None where it is undefined, which only a recovery can be.
    """

    second: int
    value: float | None
    hits: int
    limit: Limit


def trigger_message(rule: Rule, subject: Subject, told: Told) -> str:
    """Say in a sentence that the rule fired."""
    raise NotImplementedError


def recovery_message(rule: Rule, subject: Subject, told: Told) -> str:
    """Say in a sentence that it recovered."""
    raise NotImplementedError
