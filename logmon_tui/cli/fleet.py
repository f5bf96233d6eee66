"""`logmon-tui fleet`: makes a broker's stream, and shows who sends to it."""

import click

from logmon_tui.cli.groups import CommandGroup


@click.group("fleet", cls=CommandGroup, no_args_is_help=False)
def fleet_commands() -> None:
    """Make the stream of a broker, or show the hosts that send to it."""
