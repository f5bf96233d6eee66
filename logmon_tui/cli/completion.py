"""`logmon-tui completion`: the script that lets a shell complete commands, options and files."""

import click
from click.shell_completion import get_completion_class

from logmon_tui.cli import PROGRAM, cli
from logmon_tui.cli.options import GroupedCommand

_VARIABLE = "_LOGMON_TUI_COMPLETE"


@click.command(cls=GroupedCommand)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    `eval` it in the shell's start-up file.
    """
    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(cli, {}, PROGRAM, _VARIABLE).source())
