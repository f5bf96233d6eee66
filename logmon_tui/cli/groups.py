"""Groups of commands, and the messages for misspelt command names."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click

from logmon_tui.errors import UsageError, meant


class LazyCommands(Mapping[str, click.Command]):
    """The commands of a group by name; looking one up imports its module.

    `places` maps a name to `package.module:attribute`.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = self._places[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class CommandGroup(click.Group):
    """A group of commands that suggests the right name for a misspelt one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command named first. Raises UsageError for an unknown name."""
        name = args[0]
        if not (ctx.resilient_parsing or name.startswith("-") or name in self.commands):
            near, known = meant(name, self.commands) or ";", ", ".join(self.commands)
            raise click.UsageError(f"{name}: no such command{near} known are {known}", ctx)
        return super().resolve_command(ctx, args)


def commands_below(group: click.Group, words: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield all commands below `group`, each with the words to type: `rules list`."""
    for name, command in group.commands.items():
        typed = f"{words} {name}".strip()
        yield typed, command
        if isinstance(command, click.Group):
            yield from commands_below(command, typed)


def check_no_command(group: click.Group, log: str) -> None:
    """Raise UsageError if `log` is not a file but looks like a misspelt command."""
    if not log.isalpha() or Path(log).exists():
        return
    from difflib import get_close_matches

    near = get_close_matches(log, group.commands, n=1, cutoff=0.75)
    if near:
        raise UsageError(f"{log}: no such file; did you mean logmon-tui {near[0]}?")
