"""Variables of the environment that look like options of ours but set none."""

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import click

from logmon_tui.escape import printable

PREFIX = "LOGMON_"
_ELSEWHERE = {"LOGMON_EXAMPLES", "LOGMON_NATIVE", "LOGMON_REAL_LOGS"}
"""Those of the installation and of the tests."""
_HOW = "logmon-tui --help lists the options"


def tell_unknown_variables(command: click.Command, ctx: click.Context, settings: Any) -> None:
    """Say on standard error which variables set nothing, a line each.

    `settings` are the tables of the settings file, None if none was read.
    """
    reads_settings = settings is not None or any(each.name == "config" for each in command.params)
    for told in unknown_here(ctx, settings):
        # A secret may have any name, and only the settings tell which.
        if reads_settings or not told.endswith(_HOW):
            click.echo(f"logmon-tui: {told}", err=True)


def unknown_here(ctx: click.Context, settings: Any) -> Iterator[str]:
    """Yield a line for each variable of the environment that no command knows."""
    fine = {*option_variables(ctx.command), *_ELSEWHERE}
    if any(name.startswith(PREFIX) and name not in fine for name in os.environ):
        # The options of all commands are known only when each of them is imported.
        known = option_variables(ctx.find_root().command)
        yield from unknown_variables(os.environ, known, secrets_named(settings))


def option_variables(command: click.Command) -> Iterator[str]:
    """Yield the variables that set an option of a command or of one below it."""
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
    """Yield a line for each variable that is not known, with what may be meant.

    `others` are known, too, but none is what may be meant.
    """
    options = sorted(set(known))
    words = [name.removeprefix(PREFIX) for name in options]
    fine = {*options, *others, *_ELSEWHERE}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in fine and not _of_an_incident(name):
            near = get_close_matches(name.removeprefix(PREFIX), words, n=1, cutoff=0.7)
            meant = f"did you mean {PREFIX}{near[0]}?" if near else _HOW
            yield f"{printable(name)} in the environment is not known; {meant}"


def _of_an_incident(name: str) -> bool:
    """Tell whether a command that is run for an alert gets such a variable; it may run us."""
    from logmon_tui.notify.command import PREFIX as OF_INCIDENTS

    return name.startswith(OF_INCIDENTS)
