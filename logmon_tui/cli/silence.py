"""`logmon-tui silence` and `unsilence`: notify nobody of some alerts for a time, from a shell."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from logmon_tui import units
from logmon_tui.alerts.history.expression import checked
from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.cli import in_force, options
from logmon_tui.cli.alerts import history_in, state_with_alerts, with_id
from logmon_tui.cli.options import GroupedCommand, chain, option
from logmon_tui.errors import FilterError, UsageError, meant
from logmon_tui.escape import printable
from logmon_tui.state.files import RefusedError, in_use, shown
from logmon_tui.tui.paint.spans import seconds_of

if TYPE_CHECKING:
    from logmon_tui.state.requests import Request
    from logmon_tui.state.summary import History


_SILENCE_EXAMPLES = """
logmon-tui silence --for 2h access.log                 everything for two hours
logmon-tui silence --rule ddos --for 30m access.log    one rule
logmon-tui silence --rule ddos --subject 10.0.0.7 a.log    one rule, for one client
logmon-tui silence --where label.team:web a.log        all that has this label
logmon-tui silence --id 5702 access.log                what the alert with this id is about
logmon-tui silence --list access.log                   what is silenced, and until when
"""
_UNSILENCE_EXAMPLES = """
logmon-tui unsilence --rule ddos access.log    end the silence of a rule before its time
logmon-tui unsilence --all access.log          end all of them
"""
_WHAT, _WHEN = "What", "When"
_DEFAULT_SPAN = "1h"

what_options = chain(
    option("--rule", group=_WHAT, metavar="NAME", help="Only alerts of this rule."),
    option(
        "--subject",
        group=_WHAT,
        metavar="TEXT",
        help="Only alerts about this subject, such as a client or a section; with --rule or "
        "--scope.",
    ),
    option(
        "--scope",
        group=_WHAT,
        type=click.Choice([each.value for each in Scope if each is not Scope.ALL]),
        metavar="SCOPE",
        help="What --subject is, if no --rule tells: client, section, path …",
    ),
    option(
        "--where",
        group=_WHAT,
        envvar="LOGMON_SILENCE_WHERE",
        metavar="EXPR",
        help="Only alerts that EXPR chooses, such as label.team:payments: as `where` of a target.",
    ),
    option(
        "--id",
        "beginning",
        group=_WHAT,
        envvar="LOGMON_ID",
        metavar="ID",
        help="Only what the alert is about whose id begins with ID: its rule and subject.",
    ),
)


class What(NamedTuple):
    """What a silence is about, as options say it; all None for everything."""

    rule: str | None
    subject: str | None
    scope: str | None
    where: str | None
    beginning: str | None

    def silence(self, history: "History") -> Silence:
        """Return a silence of it, still without times. Raises UsageError."""
        if self.beginning is not None:
            if self.rule or self.subject or self.scope or self.where:
                raise UsageError("--id says which rule and subject; leave out the others")
            incident = with_id(self.beginning, history.incidents)
            subject = incident.subject
            scope = None if subject is None else incident.scope
            return Silence(0.0, 0.0, incident.rule, scope, subject)
        scope = None if self.scope is None else Scope(self.scope)
        where = _where(self.where)
        if self.rule is not None:
            scope = _scope_of(self.rule, history) if scope is None else scope
        if self.subject is None:
            if self.scope is not None:
                raise UsageError("--scope is for a --subject; give one, or leave out --scope")
            return Silence(0.0, 0.0, self.rule, where=where)
        if scope is None or scope is Scope.ALL:
            why = "--scope says what a --subject is"
            raise UsageError(f"{why}, such as --scope client; or give a --rule that has subjects")
        return Silence(0.0, 0.0, self.rule, scope, os.fsencode(self.subject), where=where)


def _where(given: str | None) -> str:
    """Return the expression of --where, empty for none. Raises UsageError for an invalid one."""
    if given is None:
        return ""
    try:
        return checked(given)
    except FilterError as error:
        raise UsageError(f"--where: {error}") from error


def _scope_of(name: str, history: "History") -> Scope:
    """Return the scope of a rule of the settings, or of the history. Raises UsageError."""
    known = {each.rule: each.scope for each in history.incidents}
    known |= {rule.name: rule.scope for rule in in_force.settings_from({}).all_rules()}
    if name not in known:
        near = meant(name, known) or (
            f"; known are {', '.join(sorted(known))}; those of another settings file need --config"
        )
        raise UsageError(f"--rule {printable(name)}: no rule is called so{near}")
    return known[name]


def _span(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int:
    """Return a span in seconds. Raises click's BadParameter for a text that is none."""
    found = seconds_of(value or _DEFAULT_SPAN)
    if found is None:
        raise click.BadParameter(f"{value!r} is no time such as 30m, 2h or 1d, of 30 days at most")
    return found


@click.command(cls=GroupedCommand, epilog=_SILENCE_EXAMPLES)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False))
@what_options
@option(
    "--for",
    "seconds",
    group=_WHEN,
    envvar="LOGMON_SILENCE_FOR",
    default=_DEFAULT_SPAN,
    show_default=True,
    callback=_span,
    metavar="SPAN",
    help="How long, from now on: 30m, 2h, 1d.",
)
@option(
    "--list",
    "listed",
    group=_WHAT,
    envvar="LOGMON_LIST",
    is_flag=True,
    help="List what is silenced, also by the maintenance windows of --config; silence nothing.",
)
@options.saved_state
@options.config
def silence(
    logs: tuple[str, ...], state: str | None, seconds: int, *, listed: bool, **what: str | None
) -> None:
    """Notify nobody of alerts for a time; they stay in the history.

    A running watch of LOGs takes it within a second or two, an ended one when it starts again.
    LOG defaults to /tmp/access.log, as for `watch`.
    """
    file = state_with_alerts(logs, state)
    history = history_in(file)
    wall = time.time()
    if listed:
        found = in_force_of(history, wall)
        click.echo("\n".join(map(silence_text, found)) if found else "nothing is silenced")
        return
    from logmon_tui.monitor.commands import AddSilence

    made = What(**what).silence(history)._replace(since=wall, until=wall + seconds)
    ask(file, AddSilence(made))
    click.echo(f"silenced {silence_text(made)}{when_text(file)}")


@click.command(cls=GroupedCommand, epilog=_UNSILENCE_EXAMPLES)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False))
@what_options
@option("--all", "everything", group=_WHAT, is_flag=True, help="End every silence.")
@options.saved_state
@options.config
def unsilence(
    logs: tuple[str, ...], state: str | None, *, everything: bool, **what: str | None
) -> None:
    """End silences before their time.

    Options choose those of just this rule and subject, or all. `silence --list` lists them.
    LOG defaults to /tmp/access.log, as for `watch`.
    """
    file = state_with_alerts(logs, state)
    history = history_in(file)
    wanted = What(**what)
    if everything == any(wanted):
        ways = "--rule, --subject, --where or --id"
        raise UsageError(f"say what is silenced, with {ways}; or give --all")
    found = in_force_of(history, time.time())
    if not everything:
        about = wanted.silence(history).about
        found = [each for each in found if each.about == about]
    if not found:
        if everything:
            raise UsageError("nothing is silenced; maintenance windows need the watch's --config")
        raise UsageError("no such silence is in force; logmon-tui silence --list lists them")
    from logmon_tui.monitor.commands import EndSilence

    for each in found:
        ask(file, EndSilence(each))
        click.echo(f"ended the silence of {silence_text(each)}{when_text(file)}")


def in_force_of(history: "History", wall: float) -> list[Silence]:
    """Return the silences in force, those of maintenance windows too, the first to end first."""
    windows = in_force.settings_from({}).maintenance_windows()
    return list(history.in_force(wall, windows.silences))


def silence_text(silence: Silence) -> str:
    """Say what a silence is about, and until when."""
    rule = "" if silence.rule is None else f"rule {printable(silence.rule)}"
    subject = ""
    if silence.scope is not None:
        kind = silence.scope.replace("_", " ")
        subject = kind if silence.subject is None else f"{kind} {printable(silence.subject)}"
    where = f"alerts where {printable(silence.where)}" if silence.where else ""
    what = ", ".join(filter(None, (rule, subject, where))) or "everything"
    if silence.maintenance:
        what += f" (maintenance {printable(silence.maintenance)})"
    return f"{what} until {units.date_time(silence.until)} UTC"


def ask(file: Path, request: "Request") -> None:
    """Leave a request for the watch that keeps the state `file`. Raises UsageError."""
    from logmon_tui.state.requests import leave_request, requests_folder

    where = shown(requests_folder(file))
    try:
        leave_request(file, request)
    except RefusedError as error:
        raise UsageError(f"{where} {error}") from error
    except OSError as error:
        raise UsageError(f"{where}: cannot be written: {error.strerror}") from error


def when_text(file: Path) -> str:
    """Say when a request is applied: empty if a watch runs, which does so at once."""
    return "" if in_use(file) else "; no watch is running, the next one begins with it"
