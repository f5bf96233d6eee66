"""Every key of the program in one table: bindings, help, palette and key bar come from it."""

from typing import NamedTuple

from textual.binding import Binding

from logmon_tui.config.settings import Panel


class Group(NamedTuple):
    """Keys that belong together, under one heading of the help."""

    title: str
    bindings: tuple[Binding, ...]


LABELS = {
    Panel.TRAFFIC: "Traffic",
    Panel.SECTIONS: "Sections",
    Panel.STATUS: "Status",
    Panel.ALERTS: "Alerts",
    Panel.CLIENTS: "Clients",
    Panel.PATHS: "Paths",
    Panel.AGENTS: "User agents",
    Panel.USERS: "Users",
    Panel.TAIL: "Tail",
    Panel.INGEST: "Ingest",
    Panel.METHODS: "Methods",
    Panel.VHOSTS: "Virtual hosts",
    Panel.REFERRERS: "Referrers",
    Panel.TLS: "TLS",
    Panel.LOGS: "Logs",
}

SCREEN_PANELS = tuple(LABELS)
"""The panels in the order of their keys."""

TOGGLES = dict(zip(SCREEN_PANELS, "1234567890MVRTL", strict=True))
"""The key of each panel: digits as a keyboard has them, then capitals."""

MORE_KEYS = {Panel.INGEST: ("i",)}
"""Other keys for the same."""


def _key(key: str, action: str, description: str, tooltip: str, display: str = "") -> Binding:
    name = action.translate(str.maketrans("('", "--", "')"))
    return Binding(
        key,
        action,
        description,
        key_display=display or None,
        tooltip=tooltip,
        id=f"logmon.{name}",
    )


def _toggle(panel: Panel) -> Binding:
    label, keys = LABELS[panel], (TOGGLES[panel], *MORE_KEYS.get(panel, ()))
    tooltip = f"Go to the {label} panel; once there, hide it"
    return _key(",".join(keys), f"toggle_panel('{panel}')", label, tooltip, " ".join(keys))


PANEL_KEYS = Group(
    "Panels",
    (
        *map(_toggle, SCREEN_PANELS),
        _key("tab", "app.focus_next", "Next panel", "Move the focus to the next panel"),
        _key("shift+tab", "app.focus_previous", "Previous panel", "Move the focus back"),
        _key("m", "maximise", "Maximise", "Give the focused panel the whole screen, or restore it"),
        _key(
            "escape", "restore", "Restore", "Close a window, restore a panel, show all logs", "esc"
        ),
    ),
)

PICTURE_KEYS = Group(
    "Picture",
    (
        _key(
            "space,p",
            "pause",
            "Pause",
            "Let the picture stand still while collecting goes on; again to resume",
            "space p",
        ),
        _key(
            "plus,equals_sign",
            "nudge(1)",
            "Raise threshold",
            "Raise the traffic alert's threshold by a tenth",
            "+ =",
        ),
        _key("minus", "nudge(-1)", "Lower threshold", "Lower it by a tenth", "-"),
        _key("c", "unset_threshold", "Configured threshold", "Return to the configured threshold"),
        _key("s", "sort_next", "Next sort column", "Sort the table by its next column"),
        _key("r", "sort_reverse", "Reverse sort", "Turn the table's order around"),
        _key(
            "v", "view_next", "Next view", "Paths by route; user agents as browsers, systems, bots"
        ),
    ),
)

CURSOR_KEYS = Group(
    "In tables and lists",
    (
        Binding("up,k", "cursor(-1)", "Up", key_display="↑ k", tooltip="One row up"),
        Binding("down,j", "cursor(1)", "Down", key_display="↓ j", tooltip="One row down"),
        Binding("pageup", "page(-1)", "Page up", key_display="PgUp", tooltip="One page up"),
        Binding("pagedown", "page(1)", "Page down", key_display="PgDn", tooltip="One page down"),
        Binding("home,g", "first", "First", key_display="Home g", tooltip="The first row"),
        Binding("end,G", "last", "Last", key_display="End G", tooltip="The last row"),
        Binding(
            "enter,x",
            "open",
            "Open",
            key_display="enter x",
            tooltip="Status: codes (click). Alerts: why (double click). Logs: only one",
        ),
    ),
)

ALERT_KEYS = Group(
    "In the alerts panel",
    (
        Binding("a", "acknowledge", "Acknowledge", tooltip="Seen to; again to take that back"),
        Binding("n", "note", "Note", tooltip="Write a note about the incident"),
        Binding("S", "silence", "Silence", tooltip="Notify nobody for a time; end such a time"),
    ),
)

FILTER = Binding(
    "slash,f",
    "filter",
    "Filter",
    key_display="/ f",
    tooltip="Only rows with a text. Alerts: also by rule: severity: scope: state:",
)
FILTER_KEYS = Group(
    "In tables, the tail and the alerts panel",
    (
        FILTER,
        Binding("escape", "clear_filter", "All", key_display="esc", tooltip="Show all of them"),
    ),
)

REACHING = (
    *(
        Binding(each.key, f"in_alerts('{each.action}')", each.description, show=False)
        for each in ALERT_KEYS.bindings
    ),
    Binding(FILTER.key, FILTER.action, FILTER.description, show=False),
)
"""The same keys while a panel has the focus that does not know them.

Those of the alerts panel take the focus there.
"""

PROGRAM_KEYS = Group(
    "Program",
    (
        _key("question_mark", "help", "Help", "Show every key and sign", "?"),
        _key("f1", "manual", "Manual", "Read the manual, topic by topic", "F1"),
        _key("ctrl+p", "command_palette", "Palette", "Search every action and theme", "^p"),
        _key("q", "quit", "Quit", "Leave the program"),
        Binding(
            "ctrl+q",
            "quit",
            "Quit at once",
            key_display="^q",
            tooltip="Leave the program from anywhere",
            priority=True,
        ),
        Binding(
            "ctrl+c",
            "interrupt",
            "Copy or quit",
            key_display="^c",
            tooltip="Quit; first copy a selection, or ask if an alert fires",
            priority=True,
        ),
        Binding(
            "ctrl+z",
            "suspend_process",
            "Suspend",
            key_display="^z",
            tooltip="Back to the shell, whose fg returns; no line is lost",
            priority=True,
        ),
    ),
)

APP_GROUPS = (PANEL_KEYS, PICTURE_KEYS, PROGRAM_KEYS)
ALL_GROUPS = (PANEL_KEYS, PICTURE_KEYS, CURSOR_KEYS, FILTER_KEYS, ALERT_KEYS, PROGRAM_KEYS)


def key_of(action: str) -> str:
    """Return the first key that does `action`, as it is shown."""
    bindings = (binding for group in ALL_GROUPS for binding in group.bindings)
    binding = next(each for each in bindings if each.action == action)
    return (binding.key_display or binding.key).split()[0]


STATES = ("firing, recovering, recovered, acknowledged,", "new (not acknowledged), silenced")
"""What `state:` of a filter may be, in lines."""

SIGNS = (
    ("✓", "2xx: answered · an alert that recovered", "$status-2xx"),
    ("→", "3xx: redirected", "$status-3xx"),
    ("!", "4xx: the client's fault · an alert that warns, a warning", "$status-4xx"),
    ("✗", "5xx: the server's fault", "$status-5xx"),
    ("▲", "a critical alert, an alert that fires", "$text-error"),
    ("↘", "an alert that fires still, but is about to recover", "$text-success"),
    ("⊘", "silenced: nobody is notified", "$text-accent"),
    ("✎", "a note", "$foreground-muted"),
    ("◔ ◌", "rules that are about to fire, or have no data", "$foreground-muted"),
    ("╌", "the traffic alert's threshold", "$text-accent"),
    ("▔", "below a column: 4xx or 5xx that it has no colour left for", "$text-error"),
    ("▼", "sorted by this column, largest first (▲: smallest first)", "$text-primary"),
)
