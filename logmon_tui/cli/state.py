"""`logmon-tui state`: shows what is saved between runs, and removes it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logmon_tui import units
from logmon_tui.cli import options
from logmon_tui.cli.groups import CommandGroup
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.config.folders import state_folder
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.state.files import RefusedError, in_use, lock, remove, shown
from logmon_tui.state.location import SUFFIX, default_state_file

if TYPE_CHECKING:
    from logmon_tui.state.summary import StateSummary

_SHOW_EXAMPLES = """
logmon-tui state show                            list all saved states
logmon-tui state show /var/log/nginx/access.log  what is saved of this log
"""
_CLEAR_EXAMPLES = """
logmon-tui state clear /var/log/nginx/access.log  watch it anew the next time
logmon-tui state clear --all                      forget all logs
"""

_logs = click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False))


@click.group("state", cls=CommandGroup, no_args_is_help=False)
def state_commands() -> None:
    """Show or remove what `watch` saves between runs."""


@state_commands.command(cls=GroupedCommand, epilog=_SHOW_EXAMPLES)
@_logs
@options.saved_state
@options.config
def show(logs: tuple[str, ...], state: str | None) -> None:
    """Show what is saved of LOGs, or list all saved states.

    Name all LOGs that are watched together; without LOG, all states are listed.
    """
    file = _file(logs, state)
    if file is None:
        _show_all()
    elif not os.path.lexists(file):
        click.echo(f"no state is kept in {shown(file)}")
    else:
        click.echo("\n".join(_in_full(file, _summary(file))))


@state_commands.command(cls=GroupedCommand, epilog=_CLEAR_EXAMPLES)
@_logs
@options.saved_state
@option("--all", "everything", group="State", is_flag=True, help="Remove every saved state.")
@options.config
def clear(logs: tuple[str, ...], state: str | None, *, everything: bool) -> None:
    """Remove what is saved of LOGs watched together."""
    if everything and (logs or state):
        raise UsageError("--all removes every state; leave it out, or LOG, --state, LOGMON_STATE")
    file = _file(logs, state)
    if file is None and not everything:
        raise UsageError("name the LOG whose state to remove, or remove every state with --all")
    files = _all_files() if file is None else [file]
    refused = [why for each in files if (why := _clear(each))]
    if not files:
        click.echo(f"no state is kept in {shown(state_folder())}")
    if refused:
        raise UsageError("; ".join(refused))


def _file(logs: tuple[str, ...], state: str | None) -> Path | None:
    if state:
        return Path(state)
    return default_state_file(logs) if logs else None


def _all_files() -> list[Path]:
    return sorted(state_folder().glob(f"*{SUFFIX}"))


def _summary(file: Path) -> "StateSummary":
    """Return what is in a state file. Raises UsageError if it cannot be read."""
    # Imported late, as numpy is slow to import and `--help` needs none.
    from logmon_tui.state.summary import summary_of

    try:
        return summary_of(file)
    except RefusedError as error:
        raise UsageError(f"{shown(file)} {error}") from error


def _show_all() -> None:
    found = _all_files()
    if not found:
        click.echo(f"no state is kept in {shown(state_folder())}")
    for file in found:
        try:
            summary = _summary(file)
        except UsageError as error:
            click.echo(error)
        else:
            click.echo(f"{shown(file)}: {_in_short(summary)}{_use(file)}")


def _use(file: Path) -> str:
    return ", in use" if in_use(file) else ""


def _in_short(summary: "StateSummary") -> str:
    if summary.saved_at is None or summary.monitor is None:
        return "nothing saved yet"
    logs = ", ".join(map(printable, summary.logs))
    return f"{logs}; {summary.monitor.hits:,} hits, saved {_time(summary.saved_at)}"


def _time(epoch: float) -> str:
    return units.date_time(epoch).replace(" ", "T") + "Z"


def _in_full(file: Path, summary: "StateSummary") -> Iterator[str]:
    """Yield lines that show what is in a state file."""
    saved = "nothing yet" if summary.saved_at is None else _time(summary.saved_at)
    yield f"file       {shown(file)}"
    yield f"size       {units.spoken_size(summary.size)}"
    yield f"saved      {saved}{_use(file)}"
    yield f"version    {summary.version}"
    from logmon_tui.sources.registry import reached

    for log, position in summary.positions.items():
        turns = f"{position.rotations:,} rotations, {position.truncations:,} truncations"
        yield f"log        {printable(os.fsencode(log))}"
        far = reached(log, position)
        yield f"           read up to {far}; {turns}, {position.oversize:,} oversize"
    if summary.monitor is not None:
        totals = summary.monitor
        oversize = sum(position.oversize for position in summary.positions.values())
        others = f"{totals.unparsed + oversize:,} unparsed, {totals.late:,} late"
        yield f"totals     {totals.hits:,} hits, {units.spoken_size(totals.bytes)}, {others}"
    for width, count in summary.buckets:
        yield f"buckets    {count:,} of {width} s"
    if summary.slices:
        counts = dict(summary.slices)
        yield f"the past   minutes: {counts.get(60, 0):,}, hours: {counts.get(3_600, 0):,}"
    yield f"incidents  {len(summary.open):,} open, {summary.past:,} past"
    for incident in summary.open:
        yield f"           {printable(incident.message)}"


def _clear(file: Path) -> str:
    """Remove a state; return why that was refused, or an empty text."""
    where = shown(file)
    if not os.path.lexists(file):
        click.echo(f"no state is kept in {where}")
        return ""
    from logmon_tui.state.database import check_own
    from logmon_tui.state.requests import remove_folder

    try:
        check_own(file)
        held = lock(file)
        if held is None:
            return f"{where} is in use; stop that logmon-tui first"
        try:
            remove(file)
            remove_folder(file)
        finally:
            os.close(held)
    except RefusedError as error:
        return f"{where} {error}"
    except OSError as error:
        return f"{where} cannot be removed: {error.strerror}"
    click.echo(f"removed {where}")
    return ""
