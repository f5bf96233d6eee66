"""`logmon-tui bundle`: everything kept of one alert, as files to attach or to paste."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logmon_tui.cli import in_force, options
from logmon_tui.cli.alerts import history_context, history_in, state_with_alerts, with_id
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.config.logs import DEFAULT_LOG
from logmon_tui.errors import RuleError, UsageError
from logmon_tui.escape import printable
from logmon_tui.state.files import shown

if TYPE_CHECKING:
    from logmon_tui.alerts.model.mark import Mark
    from logmon_tui.alerts.model.rule import Rule
    from logmon_tui.config.settings import Settings
    from logmon_tui.reports.bundle import Bundle

_EXAMPLES = """
logmon-tui alerts access.log                     which alerts there were, with their ids
logmon-tui bundle 5702 access.log                a folder about the one whose id begins so
logmon-tui bundle --to why.zip 5702 access.log   the same as one file
logmon-tui bundle --anonymise 5702 access.log    without clients, users and queries
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("beginning", metavar="ID")
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False))
@option(
    "--to",
    group="Output",
    envvar="LOGMON_BUNDLE_TO",
    type=click.Path(readable=False),
    metavar="PATH",
    help="A new folder, or a new file that ends in .zip.  [default: a folder named by the alert]",
)
@option(
    "--anonymise",
    group="Output",
    envvar="LOGMON_BUNDLE_ANONYMISE",
    is_flag=True,
    help="Write pseudonyms of clients, users and queries; leave out lines of unknown formats.",
)
@option(
    "--anonymise-key",
    group="Output",
    envvar="LOGMON_BUNDLE_ANONYMISE_KEY",
    type=click.Path(readable=False),
    metavar="FILE",
    help="The key that makes pseudonyms, for the same ones elsewhere.  [default: one of this host]",
)
@options.saved_state
@options.marks
@options.config
def bundle(  # noqa: PLR0913 - as click passes them
    *,
    beginning: str,
    logs: tuple[str, ...],
    to: str | None,
    state: str | None,
    anonymise: bool,
    anonymise_key: str | None,
    **parameters: Any,
) -> None:
    """Bundle all that is kept of the alert whose id begins with ID.

    It has Markdown to paste, JSON, a graph, lines of the log, the rule and marks.
    """
    settings = in_force.settings_from(parameters)
    file = state_with_alerts(logs, state)
    history = history_in(file)
    incident = with_id(beginning, history.incidents, called="")
    # Imported late, as `--help` needs none of it.
    from logmon_tui.reports.bundle import Bundle, left_out_text
    from logmon_tui.reports.bundle.writing import write_bundle

    made = Bundle(
        incident,
        history_context(file, history),
        _rule(settings, incident.rule),
        _marks(settings, logs or (DEFAULT_LOG,)),
        [printable(log) for log in logs or (DEFAULT_LOG,)],
    )
    if anonymise or anonymise_key is not None:
        made = _masked(made, anonymise_key, settings)
    try:
        written = write_bundle(made, Path(to or made.name))
    except OSError as error:
        raise UsageError(f"{shown(Path(to or made.name))}: {_why(error)}") from error
    click.echo(shown(written))
    if left_out := left_out_text(made.left_out):
        click.echo(f"logmon-tui: {left_out}", err=True)


def _masked(made: "Bundle", key: str | None, settings: "Settings") -> "Bundle":
    from logmon_tui.agent.keys import key_of
    from logmon_tui.config.folders import state_folder
    from logmon_tui.formats.naming import named_format
    from logmon_tui.formats.presets import PRESETS
    from logmon_tui.masking.pseudonyms import Pseudonyms
    from logmon_tui.reports.bundle.masked import masked

    own = settings.own_formats
    given = named_format(settings.format, own)
    named = [given, *settings.formats_of_logs.values()]
    formats = [*(each for each in named if each is not None), *own.values(), *PRESETS]
    return masked(made, Pseudonyms(key_of(key, state_folder())), formats)


def _rule(settings: "Settings", name: str) -> "Rule | None":
    try:
        return next((rule for rule in settings.all_rules() if rule.name == name), None)
    except RuleError:
        return None  # the settings may have changed since; the incident tells enough


def _marks(settings: "Settings", logs: tuple[str, ...]) -> "tuple[Mark, ...]":
    from logmon_tui.cli.mark import marks_in
    from logmon_tui.state.marks import marks_file

    file = marks_file(logs, settings)
    if file is None or not os.path.lexists(file):
        return ()
    return tuple(marks_in(file).marks)


def _why(error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return "is there already; give another path with --to"
    return f"cannot be written: {error.strerror}; give another path with --to"
