"""The command palette: the program's actions, those of the alerts panel, and every theme."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial

from textual.app import SystemCommand

from logmon_tui.tui.paint.keys import ALERT_KEYS, FILTER
from logmon_tui.tui.paint.styles import theme_names
from logmon_tui.tui.panels.keys import APP_GROUPS, toggle_of
from logmon_tui.tui.panels.panel import Panel

Run = Callable[[str], Awaitable[bool]]


def palette_commands(
    run: Run, run_in_alerts: Run, set_theme: Callable[[str], None], own: Iterable[Panel] = ()
) -> Iterator[SystemCommand]:
    """Yield a command for each action and each theme.

    The commands call `run` for the program's actions, `run_in_alerts` for those of the alerts
    panel, and `set_theme` for themes. The `own` panels have no key, only their commands.
    """
    for group in APP_GROUPS:
        for binding in group.bindings:
            if binding.action != "command_palette" and not binding.priority:
                title = f"{group.title}: {binding.description}"
                yield SystemCommand(title, binding.tooltip, partial(run, binding.action))
    for panel in own:
        tooltip, toggle = toggle_of(panel)
        title = f"Panels: {panel.TITLE}"
        yield SystemCommand(literal(title), literal(tooltip), partial(run, toggle))
    yield SystemCommand("Panels: Find", FILTER.tooltip, partial(run, FILTER.action))
    for binding in ALERT_KEYS.bindings:
        title = f"Alerts: {binding.description}"
        yield SystemCommand(title, binding.tooltip, partial(run_in_alerts, binding.action))
    for name in theme_names():
        yield SystemCommand(f"Theme: {name}", "Colour the screen", partial(set_theme, name))


def literal(text: str) -> str:
    """Return the markup that shows `text`: a user's title may contain brackets."""
    # Textual's own `escape` leaves some brackets as they are, such as one never closed.
    return text.replace("[", r"\[")
