"""Every key of the program in one table: bindings, help, palette and key bar come from it."""

from textual.binding import Binding

from logmon_tui.tui.paint.keys import (
    ALERT_KEYS,
    CURSOR_KEYS,
    FILTER_KEYS,
    LINE_KEYS,
    NAME_KEYS,
    PICTURE_KEYS,
    PROGRAM_KEYS,
    REQUEST_KEYS,
    SCOPE_KEYS,
    TIME_KEYS,
    TRAFFIC_KEYS,
    Group,
    bound,
)
from logmon_tui.tui.panels.panel import Panel
from logmon_tui.tui.panels.registry import PANELS


def toggle_of(panel: Panel | type[Panel]) -> tuple[str, str]:
    """Return what shows, focuses and hides a panel: its tooltip and its action."""
    tooltip = f"Go to the {panel.TITLE} panel; once there, hide it"
    return tooltip, f"toggle_panel('{panel.NAME}')"


def _toggle(panel: type[Panel]) -> Binding:
    """Return the binding of a panel's keys."""
    tooltip, action = toggle_of(panel)
    return bound(",".join(panel.KEYS), action, panel.TITLE, tooltip, " ".join(panel.KEYS))


PANEL_KEYS = Group(
    "Panels",
    (
        *map(_toggle, PANELS),
        bound("tab", "app.focus_next", "Next panel", "Move the focus to the next panel"),
        bound("shift+tab", "app.focus_previous", "Previous panel", "Move the focus back"),
        bound(
            "m", "maximise", "Maximise", "Give the focused panel the whole screen, or restore it"
        ),
        bound(
            "escape",
            "restore",
            "Restore",
            "Close a window, restore a panel, live again, take a term off",
            "esc",
        ),
    ),
)

APP_GROUPS = (PANEL_KEYS, TIME_KEYS, SCOPE_KEYS, PICTURE_KEYS, PROGRAM_KEYS)
ALL_GROUPS = (
    PANEL_KEYS,
    TIME_KEYS,
    SCOPE_KEYS,
    PICTURE_KEYS,
    CURSOR_KEYS,
    FILTER_KEYS,
    LINE_KEYS,
    REQUEST_KEYS,
    NAME_KEYS,
    TRAFFIC_KEYS,
    ALERT_KEYS,
    PROGRAM_KEYS,
)


def key_of(action: str) -> str:
    """Return the first key that does `action`, as it is shown."""
    bindings = (binding for group in ALL_GROUPS for binding in group.bindings)
    binding = next(each for each in bindings if each.action == action)
    return (binding.key_display or binding.key).split()[0]
