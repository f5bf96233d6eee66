"""`logmon-tui mark`: name a moment, such as a deploy, so that watches show it."""

import os
import time
from pathlib import Path
from typing import Any

import click

from logmon_tui.alerts.model.mark import checked_mark
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.cli import in_force, options
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.cli.parameters import WallMoment
from logmon_tui.config.logs import DEFAULT_LOG
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.state.files import RefusedError, shown
from logmon_tui.state.marks import ReadMarks, add_mark, marks_file, read_marks

_EXAMPLES = """
logmon-tui mark "api 4.12" access.log                 mark this moment for the watch of a log
logmon-tui mark --at 14:05 "cache off" access.log     mark an earlier one (UTC)
logmon-tui mark --marks /srv/deploys.txt "api 4.12"   into the file that watches read
logmon-tui mark --list access.log                     what was marked
"""
_MARK = "Mark"


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("text_and_logs", metavar="TEXT [LOG]...", nargs=-1, type=click.Path(readable=False))
@option(
    "--at",
    group=_MARK,
    type=WallMoment(),
    metavar="WHEN",
    help="The moment: -2h ago, 14:00, 'yesterday 14:00', 2026-11-22T08:26:40Z (UTC).  "
    "[default: now]",
)
@option(
    "--list",
    "listed",
    group=_MARK,
    envvar="LOGMON_LIST",
    is_flag=True,
    help="List what was marked, as the file has it; there is no TEXT then.",
)
@options.marks
@option(
    "--state",
    group="State",
    type=click.Path(readable=False),
    metavar="FILE",
    help="For the watch with the state in FILE.  [default: that of the LOGs]",
)
@options.config
def mark(
    text_and_logs: tuple[str, ...], at: float | None, *, listed: bool, **parameters: Any
) -> None:
    """Mark a moment with TEXT, such as a deploy.

    The watch of LOGs shows it in its graph, and says of alerts that fire soon after that they
    follow it. LOG defaults to /tmp/access.log, as for `watch`.
    """
    settings = in_force.settings_from(parameters)
    logs = text_and_logs if listed else text_and_logs[1:]
    file = marks_file(logs or (DEFAULT_LOG,), settings)
    if file is None:
        raise UsageError("the demo keeps no marks; name a file with --marks")
    if listed:
        _list(file)
    elif not text_and_logs:
        raise UsageError("a mark needs a text: logmon-tui mark 'api 4.12' access.log")
    elif (logs or settings.marks or settings.state) or not Path(text_and_logs[0]).is_file():
        _add(file, text_and_logs[0], int(time.time() if at is None else at))
    else:
        name = printable(text_and_logs[0])
        raise UsageError(f"{name} is a file; give a text first: logmon-tui mark 'api 4.12' {name}")


def _add(file: Path, text: str, second: int) -> None:
    try:
        made = checked_mark(second, text)
        add_mark(file, made)
    except ValueError as error:
        raise UsageError(str(error)) from error
    except RefusedError as error:
        raise UsageError(f"{shown(file)} {error}") from error
    except OSError as error:
        raise UsageError(f"{shown(file)}: cannot be written: {error.strerror}") from error
    click.echo(f"marked {iso_time(second)} {printable(made.text)} in {shown(file)}")


def _list(file: Path) -> None:
    if not os.path.lexists(file):
        click.echo(f"nothing is marked in {shown(file)}")
        return
    read = marks_in(file)
    for each in read.marks:
        click.echo(f"{iso_time(each.second)} {printable(each.text)}")
    if read.problem:
        click.echo(f"logmon-tui: {shown(file)}: {read.problem}", err=True)


def marks_in(file: Path) -> ReadMarks:
    """Return what is in a marks file. Raises UsageError if it cannot be read."""
    try:
        return read_marks(file)
    except RefusedError as error:
        raise UsageError(f"{shown(file)} {error}") from error
    except OSError as error:
        raise UsageError(f"{shown(file)}: cannot be read: {error.strerror}") from error
