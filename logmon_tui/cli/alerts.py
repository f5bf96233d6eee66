"""`logmon-tui alerts`: the history of alerts, from the state that `watch` saves."""

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logmon_tui.alerts.history.wanted import Wanted, beginning_with, others_of, unknown_rule
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.cli import in_force, options
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.cli.parameters import WallMoment
from logmon_tui.cli.terminal import columns, takes_colour
from logmon_tui.config.logs import DEFAULT_LOG
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.state.files import RefusedError, in_use, shown
from logmon_tui.state.location import default_state_file

if TYPE_CHECKING:
    from logmon_tui.reports.history import HistoryContext
    from logmon_tui.state.summary import History

_EXAMPLES = """
logmon-tui alerts access.log                     every alert of this log, the newest first
logmon-tui alerts --id 5702 access.log           all that is known of one, and why it fired
logmon-tui alerts --since 2h --severity critical what was critical in the last two hours
logmon-tui alerts --firing --output json a.log   what fires now, for scripts
logmon-tui alerts --rule 'ddos*' --grep 10.0.    by rule, and by what stands in it
"""
_WHICH, _OUTPUT = "Which alerts", "Output"
_AT = WallMoment()
_LIKE_ID = re.compile("[0-9a-f]{4,8}|[0-9a-f]{8}-[0-9a-f-]{0,27}")
_MAX_IDS = 5
"""Maximum ids that an error message lists."""


@click.command("alerts", cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False))
@option(
    "--since",
    group=_WHICH,
    type=_AT,
    metavar="WHEN",
    help="Leave out alerts that ended before: -2h ago, 14:00, 'fri 14:00', 2026-11-22T08:26 (UTC).",
)
@option(
    "--until",
    group=_WHICH,
    type=_AT,
    metavar="WHEN",
    help="Leave out alerts that began at this time or later.",
)
@option(
    "--rule",
    group=_WHICH,
    multiple=True,
    metavar="GLOB",
    help="Only alerts of rules whose name matches; repeatable.",
)
@option(
    "--severity",
    group=_WHICH,
    type=click.Choice([each.value for each in Severity]),
    help="Only alerts that ever reached this severity.",
)
@option(
    "--scope",
    group=_WHICH,
    type=click.Choice([each.value for each in Scope]),
    metavar="SCOPE",
    help=f"Only alerts of one scope: {', '.join(Scope)}.",
)
@option(
    "--grep",
    group=_WHICH,
    metavar="TEXT",
    help="Only alerts with TEXT in title, subject, messages, note or labels; case does not matter.",
)
@option(
    "--id",
    "beginning",
    group=_WHICH,
    envvar="LOGMON_ID",
    metavar="ID",
    help="Only the alert whose id begins with ID; text output then shows every detail.",
)
@option("--firing", group=_WHICH, is_flag=True, help="Only alerts that have not recovered.")
@options.output_option("text", "json", "csv")
@options.saved_state
@options.config
def alerts(
    logs: tuple[str, ...], output: str, state: str | None, beginning: str | None, **wanted: Any
) -> None:
    """List the alerts of LOGs, one a line, even during the watch.

    Name all LOGs that are watched together. LOG defaults to /tmp/access.log, as for `watch`.
    """
    file = state_with_alerts(logs, state)
    chosen = _wanted(**wanted)
    history = history_in(file)
    _check_rules(chosen.rules, history.incidents)
    found = chosen.of(history.incidents)
    if beginning is not None:
        found = [with_id(beginning, found)]
    _print(found, history, history_context(file, history), output, in_full=beginning is not None)


def state_with_alerts(logs: tuple[str, ...], state: str | None) -> Path:
    """Return the state of LOGs, or the one that was named. Raises UsageError if there is none."""
    logs = logs or (DEFAULT_LOG,)
    file = Path(state) if state else default_state_file(logs)
    if not os.path.lexists(file):
        kept = shown(file) if state else ", ".join(map(printable, logs))
        which = "`logmon-tui state show` lists the logs that have one"
        if _LIKE_ID.fullmatch(logs[-1]):
            which = f"if {logs[-1]} is the id of an alert, give it as --id {logs[-1]}"
        raise UsageError(f"no state is kept of {kept}; {which}")
    return file


def _check_rules(patterns: Sequence[str], incidents: Sequence[Incident]) -> None:
    """Raise UsageError for a pattern that matches no rule of the settings or the history."""
    problem = unknown_rule(patterns, in_force.settings_from({}).rule_names(), incidents)
    if problem is not None:
        pattern, why = problem
        raise UsageError(f"--rule {pattern}: {why}")


def with_id(beginning: str, incidents: Sequence[Incident], called: str = "--id ") -> Incident:
    """Return the one incident whose id starts so. Raises UsageError for none or several."""
    found = beginning_with(beginning, incidents)
    if len(found) == 1:
        return found[0]
    if not found:
        problem = "no alert that is listed has an id that begins so; logmon-tui alerts lists them"
    else:
        ids = ", ".join(each.id for each in found[:_MAX_IDS])
        more = f" and {len(found) - _MAX_IDS:,} more" if len(found) > _MAX_IDS else ""
        problem = f"so begin the ids of {len(found):,} alerts; give more of one of {ids}{more}"
    raise UsageError(f"{called}{beginning}: {problem}")


def _wanted(  # noqa: PLR0913 - one for each option
    *,
    since: float | None,
    until: float | None,
    rule: tuple[str, ...],
    severity: str | None,
    scope: str | None,
    grep: str | None,
    firing: bool,
) -> Wanted:
    if since is not None and until is not None and since >= until:
        began, ended = (iso_time(int(each)) for each in (since, until))
        raise UsageError(f"nothing is between --since {began} and --until {ended}; swap them")
    others = others_of(
        None if severity is None else Severity(severity),
        None if scope is None else Scope(scope),
        grep,
        firing=firing,
    )
    return Wanted(since, until, rule, others)


def history_in(file: Path) -> "History":
    """Return the history in a state file. Raises UsageError if it is none."""
    # Imported late, as numpy is slow to import and `--help` needs none.
    from logmon_tui.state.summary import history_of

    try:
        return history_of(file)
    except RefusedError as error:
        raise UsageError(f"{shown(file)} {error}") from error


def history_context(file: Path, history: "History") -> "HistoryContext":
    """Return when and how a history was read."""
    from logmon_tui.reports.history import HistoryContext

    wall = time.time()
    windows = in_force.settings_from({}).maintenance_windows()
    silences = history.in_force(wall, windows.silences)
    return HistoryContext(wall, silences, in_use(file), history.saved_at)


def _print(
    incidents: list[Incident],
    history: "History",
    seen: "HistoryContext",
    output: str,
    *,
    in_full: bool,
) -> None:
    from logmon_tui.reports.history import history_csv, history_json
    from logmon_tui.reports.history_text import history_table, id_length, incident_text

    width, colour = columns(), takes_colour()
    if output == "json":
        click.echo(history_json(incidents, seen))
    elif output == "csv":
        click.echo(history_csv(incidents, seen), nl=False)
    elif in_full:
        lines = incident_text(incidents[0], seen, width=width, colour=colour)
        click.echo("\n".join(lines), color=colour)
    else:
        letters = id_length(incident.id for incident in history.incidents)
        lines = history_table(incidents, seen, letters, width=width, colour=colour)
        click.echo("\n".join(lines), color=colour)
