"""The palette: every action of the key table, and every theme."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from textual.app import SystemCommand

from logmon_tui.tui.keys import APP_GROUPS
from logmon_tui.tui.styles import theme_names


def palette_commands(
    run_action: Callable[[str], Awaitable[bool]], dress: Callable[[str], None]
) -> Iterator[SystemCommand]:
    """Yield a command for each action, which `run_action` runs, and each theme, for `dress`."""
    for group in APP_GROUPS:
        for binding in group.bindings:
            if binding.action != "command_palette" and not binding.priority:
                title = f"{group.title}: {binding.description}"
                yield SystemCommand(title, binding.tooltip, partial(run_action, binding.action))
    for name in theme_names():
        yield SystemCommand(f"Theme: {name}", "Colour the screen", partial(dress, name))
