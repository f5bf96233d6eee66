"""What an alert says when it fires and when it recovers. Pure."""

from datetime import UTC, datetime

from logmon_tui.alerts.incident import Subject
from logmon_tui.alerts.rule import Rule


def iso_time(second: int) -> str:
    """Return a UTC epoch second as ISO 8601: `2026-11-22T08:26:40Z`."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def trigger_message(
    rule: Rule, subject: Subject, value: float, hits: int, threshold: float, second: int
) -> str:
    """Say in a sentence that the rule fired."""
    raise NotImplementedError


def recovery_message(
    rule: Rule, subject: Subject, value: float | None, hits: int, threshold: float, second: int
) -> str:
    """Say in a sentence that it recovered; `value` is None where it is undefined by now."""
    raise NotImplementedError
