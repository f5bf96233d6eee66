"""Which settings are durations, and how a settings file writes them: `300` or `"5m"`. Pure."""

from collections.abc import Mapping
from typing import Any

from logmon_tui.durations import read_seconds, seconds_in
from logmon_tui.errors import TableError
from logmon_tui.toml_tables import shown

DURATIONS = ("alert_window", "stats_interval", "bucket_size")
"""Settings that are a number of seconds, or a duration such as `5m`."""

DURATIONS_OF_FLEET = ("stale_after", "silent_after")
"""The same in the table `fleet`."""


def with_seconds(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a file with seconds in place of durations.

    Raises TableError for a text that is no duration.
    """
    found = {**given, **_seconds(given, DURATIONS, ())}
    if "evaluation_delay" in given:  # it may be a word as well, and what it may be is told later
        found["evaluation_delay"] = read_seconds(given["evaluation_delay"])
    fleet = given.get("fleet")
    if isinstance(fleet, dict):
        found["fleet"] = {**fleet, **_seconds(fleet, DURATIONS_OF_FLEET, ("fleet",))}
    return found


def _seconds(
    table: Mapping[str, Any], names: tuple[str, ...], path: tuple[str, ...]
) -> dict[str, Any]:
    """Return the durations among the values of a table as seconds."""
    found = {}
    for name in names:
        value = table.get(name)
        if isinstance(value, str):
            try:
                found[name] = seconds_in(value)
            except ValueError as error:
                problem = f'must be whole seconds, such as 300 or "5m", not {shown(value)}'
                raise TableError((*path, name), problem) from error
    return found
