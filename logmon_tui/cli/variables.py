"""Warns of LOGMON_ variables in the environment that set no option."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

import click

from logmon_tui.config.fleet import RECEIVE_TOKEN
from logmon_tui.config.settings import MARKS_TOKEN, SSH, WEB_TOKEN
from logmon_tui.escape import printable

PREFIX = "LOGMON_"
_SECRETS = {MARKS_TOKEN, RECEIVE_TOKEN, WEB_TOKEN}
_ELSEWHERE = {"LOGMON_EXAMPLES", "LOGMON_NATIVE", "LOGMON_REAL_LOGS", SSH, *_SECRETS}
"""Variables of the installation and of the tests, a command, and secrets, which are no options."""
_HOW = "logmon-tui --help lists the options"


def warn_of_unknown_variables(command: click.Command, ctx: click.Context, settings: Any) -> None:
    """Print a line on standard error for each unknown variable.

    `settings` are the tables of the settings file; None if none was read.
    """
    reads_settings = settings is not None or any(each.name == "config" for each in command.params)
    for warning in unknown_here(ctx, settings):
        # A secret's variable may have any name. A command that reads no settings file cannot know
        # it, so it warns only of variables that resemble an option.
        if reads_settings or not warning.endswith(_HOW):
            click.echo(f"logmon-tui: {warning}", err=True)


def unknown_here(ctx: click.Context, settings: Any) -> Iterator[str]:
    """Yield a warning for each LOGMON_ variable of the environment that no command knows."""
    fine = {*option_variables(ctx.command), *_ELSEWHERE}
    if any(name.startswith(PREFIX) and name not in fine for name in os.environ):
        # To know the options of all commands, each of them must be imported.
        known = option_variables(ctx.find_root().command)
        yield from unknown_variables(os.environ, known, secrets_named(settings))


def option_variables(command: click.Command) -> Iterator[str]:
    """Yield the variables that set options of a command or of its subcommands."""
    for parameter in command.params:
        if isinstance(parameter.envvar, str):
            yield parameter.envvar
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from option_variables(below)


def secrets_named(tables: Any) -> Iterator[str]:
    """Yield the variables that settings name as `{env = "NAME"}`."""
    values: Iterable[Any] = tables if isinstance(tables, list) else ()
    if isinstance(tables, dict):
        values = tables.values()
        if isinstance(tables.get("env"), str):
            yield tables["env"]
    for value in values:
        yield from secrets_named(value)


def unknown_variables(
    environment: Iterable[str], known: Iterable[str], others: Iterable[str]
) -> Iterator[str]:
    """Yield a line for each unknown variable, with a suggestion.

    `others` are known too, but are never suggested.
    """
    options = sorted(set(known))
    words = [name.removeprefix(PREFIX) for name in options]
    fine = {*options, *others, *_ELSEWHERE}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in fine and not _of_an_incident(name):
            from difflib import get_close_matches  # imported late: few names are misspelt

            near = get_close_matches(name.removeprefix(PREFIX), words, n=1, cutoff=0.7)
            meant = f"did you mean {PREFIX}{near[0]}?" if near else _HOW
            yield f"{printable(name)} in the environment is not known; {meant}"


def _of_an_incident(name: str) -> bool:
    """Tell whether a variable is one that commands get which run for an alert.

    Such a command may itself run logmon-tui.
    """
    from logmon_tui.notify.command import PREFIX as OF_INCIDENTS

    return name.startswith(OF_INCIDENTS)
