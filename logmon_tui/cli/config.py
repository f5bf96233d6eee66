"""`logmon-tui config`: the settings in force, the defaults, and a schema for editors."""

import json
from typing import Any

import click

from logmon_tui.cli import in_force
from logmon_tui.cli.groups import CommandGroup
from logmon_tui.cli.options import GroupedCommand, options_of
from logmon_tui.cli.watch import watch
from logmon_tui.config.settings import Settings

_SHOW_EXAMPLES = """
logmon-tui config show                           the settings that `watch` would use here
logmon-tui config show --config a.toml --top 9   with another settings file, and an option
"""
_DEFAULT_EXAMPLES = """
logmon-tui config default > settings.toml        a file to begin with
"""
_SCHEMA_EXAMPLES = """
logmon-tui config schema > logmon-tui.schema.json  beside the settings file, whose first line is
                                                   #:schema ./logmon-tui.schema.json
"""

_OTHER_DESCRIPTIONS = {
    "output": "What is shown: the screen, text, or an object of JSON a line.",
    "by": "Whether reports sum up by hour or by day; by default by what the log spans.",
    "filters": "Filters by name: @name stands for one wherever a filter is written.",
    "panels": "Panels of your own, at most four: the field of the log that each counts.",
    "ignore": "Which hits are left out of all figures; alerts = false hides them from alerts too.",
    "maintenance": "Times that return, at which nobody is notified of alerts: when, in which "
    "timezone, and of which rules.",
    "history": "How long minutes and hours of the past are kept, and how many keys of each; "
    "enabled = false keeps none.",
    "fleet": "Many hosts: what is watched, how brokers are reached, when a host is silent.",
    "formats": "Formats of your own, by the names that --format and [logs] give them.",
    "logs": "Formats of single logs, by their path or a pattern of paths.",
    "rules": "Alert rules of your own, and changes to those that are there.",
    "slo": "Service objectives: which share of which hits must be good, over 30 days.",
    "notify": "Targets of notifications: webhook, apprise, email, command, bell or desktop.",
}
"""Descriptions of settings that the help of `watch` lacks: most of them have no option."""


@click.group("config", cls=CommandGroup, no_args_is_help=False)
def config_commands() -> None:
    """Show settings in force, defaults, or a schema for editors."""


def _descriptions() -> dict[str, str]:
    """Return the description of each setting, by its name, as help words it."""
    texts = {each.name: each.help or "" for each in options_of(watch) if each.name}
    return {name: text for name, text in texts.items() if name in Settings.__struct_fields__} | (
        _OTHER_DESCRIPTIONS
    )


def _show(**parameters: Any) -> None:
    """Show the settings that `watch` would use, and their origins.

    Takes the options of `watch`. Secrets are not shown.
    """
    from logmon_tui.cli.settings_text import settings_text

    settings = in_force.settings_from(parameters)
    click.echo("\n".join(settings_text(settings, in_force.targets(), in_force.origin)))


config_commands.add_command(
    GroupedCommand(
        "show",
        callback=_show,
        params=[*options_of(watch)],
        help=_show.__doc__,
        epilog=_SHOW_EXAMPLES,
    )
)


@config_commands.command(cls=GroupedCommand, epilog=_DEFAULT_EXAMPLES)
def default() -> None:
    """Print a settings file with all defaults, each described."""
    from logmon_tui.cli.settings_text import default_text

    click.echo("\n".join(default_text(_descriptions())))


@config_commands.command(cls=GroupedCommand, epilog=_SCHEMA_EXAMPLES)
def schema() -> None:
    """Print the JSON schema of the settings file.

    Editors complete and check the file with it.
    """
    from logmon_tui.cli.settings_schema import settings_schema

    click.echo(json.dumps(settings_schema(_descriptions()), indent=2))
