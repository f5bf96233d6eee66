"""`logmon-tui ack`: note that somebody sees to an alert, and what it is about, from a shell."""

import time

import click

from logmon_tui.cli import options
from logmon_tui.cli.alerts import history_in, state_with_alerts, with_id
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.cli.silence import ask, when_text
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

_EXAMPLES = """
logmon-tui alerts --firing access.log                which alerts fire, with their ids
logmon-tui ack 5702 access.log                       somebody sees to the one whose id begins so
logmon-tui ack --note 'rolling back' 5702 access.log the same, with a note
logmon-tui ack --undo 5702 access.log                take it back
"""
MAX_NOTE = 500
"""Maximum characters of a note."""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("beginning", metavar="ID")
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False))
@option(
    "--note",
    group="What",
    envvar="LOGMON_ACK_NOTE",
    metavar="TEXT",
    help="Keep TEXT with the alert, in place of a former note.",
)
@option("--undo", group="What", envvar="LOGMON_ACK_UNDO", is_flag=True, help="Take it back.")
@options.saved_state
@options.config
def ack(
    beginning: str, logs: tuple[str, ...], state: str | None, note: str | None, *, undo: bool
) -> None:
    """Acknowledge the alert whose id begins with ID.

    It is not notified again while it fires.

    A running watch of LOGs takes it within a second or two, an ended one when it starts again.
    LOG defaults to /tmp/access.log, as for `watch`.
    """
    if note is not None and len(note) > MAX_NOTE:
        raise UsageError(f"--note: a note has {MAX_NOTE} characters at most; shorten it")
    file = state_with_alerts(logs, state)
    incident = with_id(beginning, history_in(file).incidents, called="")
    from logmon_tui.monitor.commands import Acknowledge, SetNote

    ask(file, Acknowledge(incident.id, None if undo else time.time()))
    if note is not None:
        ask(file, SetNote(incident.id, note))
    done = "no longer acknowledged" if undo else "acknowledged"
    click.echo(f"{done}: {printable(incident.message)}{when_text(file)}")
