"""The keys of the program but those of the panels, which `panels.keys` puts beside them."""

from typing import NamedTuple

from textual.binding import Binding


class Group(NamedTuple):
    """Keys that belong together, under one heading of the help."""

    title: str
    bindings: tuple[Binding, ...]


def bound(keys: str, action: str, description: str, tooltip: str, display: str = "") -> Binding:
    """Return a binding of the program's own; `display` is how help shows its keys."""
    name = action.translate(str.maketrans("('", "--", "')"))
    return Binding(
        keys,
        action,
        description,
        key_display=display or None,
        tooltip=tooltip,
        id=f"logmon.{name}",
    )


PICTURE_KEYS = Group(
    "Picture",
    (
        bound(
            "space,p",
            "pause",
            "Pause",
            "Pause the display; collection continues; again to resume",
            "space p",
        ),
        bound(
            "plus,equals_sign",
            "nudge(1)",
            "Raise threshold",
            "Raise the traffic alert's threshold by a tenth",
            "+ =",
        ),
        bound("minus", "nudge(-1)", "Lower threshold", "Lower it by a tenth", "-"),
        bound("C", "unset_threshold", "Configured threshold", "Return to the configured threshold"),
        bound(
            "s",
            "sort_next",
            "Next sort column",
            "Sort the table by its next column; requests: newest, slowest, largest",
        ),
        bound("r", "sort_reverse", "Reverse sort", "Turn the table's order around"),
        bound(
            "v",
            "view_next",
            "Next view",
            "Routes; networks, ASNs; browsers, bots; codes; a site's hosts; tail parsed; marks",
        ),
    ),
)

TIME_KEYS = Group(
    "Time: back and forth, and what the graph shows",
    (
        bound("left", "scrub(-1)", "Back", "One column back; all panels show that time", "←"),
        bound("right", "scrub(1)", "Forward", "One column forward; beyond the newest: live", "→"),
        bound("shift+left", "scrub(-10)", "Ten back", "Ten columns back", "shift+←"),
        bound("shift+right", "scrub(10)", "Ten forward", "Ten columns forward", "shift+→"),
        bound("pageup", "scrub_page(-1)", "Graph back", "One width of the graph back", "PgUp"),
        bound("pagedown", "scrub_page(1)", "Graph forward", "One width forward", "PgDn"),
        bound("home", "scrub_home", "Beginning", "The beginning of what is recorded", "Home"),
        bound("end", "live", "Live", "The present again; so does esc", "End"),
        bound("t", "go_to", "Go to", "Type a time: 03:12, -2h, yesterday 14:00, fri 14:00"),
        bound(
            "left_square_bracket",
            "incident(-1)",
            "Earlier alert",
            "Go to where the alert before fired",
            "[",
        ),
        bound("right_square_bracket", "incident(1)", "Later alert", "Go to the next one", "]"),
        bound("z", "zoom(1)", "Zoom out", "Show a longer time: from 5 minutes to 35 days"),
        bound("Z", "zoom(-1)", "Zoom in", "Show a shorter time"),
        bound("g", "graph_next", "Graph", "Status classes, errors, response times, bytes, clients"),
    ),
)

SCOPE_KEYS = Group(
    "Which hits are shown",
    (
        bound(
            "f", "edit_filter", "Filter", "Type which hits all panels show: status:5xx section:/api"
        ),
        bound(
            "backspace",
            "take_off",
            "Take off",
            "Take the filter's last term off; so does esc",
            "⌫",
        ),
        bound("w", "window_next", "Window", "10 s, 1 min, 5 min, 15 min, all that is kept"),
        bound(
            "c",
            "compare_next",
            "Compare",
            "What changed, graph and tables: the time before, yesterday, last week",
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
        Binding("home", "first", "First", key_display="Home", tooltip="The first row"),
        Binding("end,G", "last", "Last", key_display="End G", tooltip="The last row"),
        Binding(
            "enter,x",
            "open",
            "Open",
            key_display="enter x",
            tooltip="Only its hits in all panels. Alerts: why it fired (double click)",
        ),
        Binding(
            "exclamation_mark",
            "exclude",
            "Leave out",
            key_display="!",
            tooltip="All panels without its hits",
        ),
    ),
)

COPY = Binding(
    "y", "copy", "Copy", tooltip="Copy the line to the clipboard; in tables, the name of the row"
)
LINE_KEYS = Group(
    "In requests and the tail",
    (
        Binding("n", "match(1)", "Next match", tooltip="All rows again; the next match below"),
        Binding("N", "match(-1)", "Previous match", tooltip="The same, the next match above"),
        Binding(
            "left,h", "sideways(-1)", "Left", key_display="← h", tooltip="The beginning of lines"
        ),
        Binding("right,l", "sideways(1)", "Right", key_display="→ l", tooltip="More of long lines"),
        COPY,
    ),
)
REQUEST_KEYS = Group(
    "In the requests panel",
    (
        Binding("Y", "copy_client", "Copy client", tooltip="Copy the client's address"),
        Binding("b", "mark", "Mark", tooltip="Mark the row; again to take that back"),
        Binding("B", "next_mark", "Next mark", tooltip="Go to the next marked row below"),
    ),
)

TRAFFIC_KEYS = Group(
    "In the traffic panel",
    (
        Binding(
            "enter",
            "open_mark",
            "Mark",
            tooltip="The ten minutes before and after the newest mark (⚑)",
        ),
    ),
)

ALERT_KEYS = Group(
    "In the alerts panel",
    (
        Binding("a", "acknowledge", "Acknowledge", tooltip="Seen to; again to take that back"),
        Binding("n", "note", "Note", tooltip="Write a note about the incident"),
        Binding("S", "silence", "Silence", tooltip="Notify nobody for a time; end such a time"),
        Binding("o", "go_there", "Go there", tooltip="The whole screen as it was when it fired"),
        Binding("b", "bundle", "Bundle", tooltip="Write files about it, for a ticket or a chat"),
    ),
)

FILTER = Binding(
    "slash",
    "filter",
    "Find",
    key_display="/",
    tooltip="Only rows with a text. Alerts: also by rule: severity: scope: state:",
)
FILTER_KEYS = Group(
    "In tables, requests, the tail and the alerts panel",
    (
        FILTER,
        Binding("escape", "clear_filter", "All", key_display="esc", tooltip="Show all of them"),
    ),
)

NAME_KEYS = Group(
    "In the clients and user agents panels",
    (
        Binding(
            "d",
            "ask_name",
            "Name",
            tooltip="Ask DNS for the client's name: is it the crawler it claims to be?",
        ),
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
        bound("question_mark", "help", "Help", "Show every key and sign", "?"),
        bound("f1", "manual", "Manual", "Read the manual, topic by topic", "F1"),
        bound(
            "ctrl+p", "command_palette", "Palette", "Search the program's actions and themes", "^p"
        ),
        bound(
            "ctrl+r",
            "reload_settings",
            "Reload settings",
            "Read rules, thresholds and targets of the settings file again",
            "^r",
        ),
        bound("e", "export", "Export", "The panel's rows as CSV, JSON or Markdown: save or copy"),
        bound("P", "save_picture", "Save picture", "Save a picture of the screen (SVG)"),
        bound("q", "quit", "Quit", "Leave the program"),
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
    ("◆", "a request that you marked", "$text-primary"),
    ("⚑", "a deploy, or what else `logmon-tui mark` marked", "$text-primary"),
    ("◔ ◌", "rules that are about to fire, or have no data", "$foreground-muted"),
    ("● ⟳ ◌ ✗ ■", "a host: live · catching up · stale · silent, failed · gone", "$text-success"),
    ("≠", "a host that differs from its peers, and the figure in which it does", "$text-warning"),
    ("—", "of a host: not known, which is not zero", "$foreground-muted"),
    ("◎", "an objective, and what is left of its error budget", "$foreground-muted"),
    ("◀", "the past is shown, and how long ago that was", "$time-past"),
    ("┊", "in the graph: where you look", "$time-past"),
    ("•", "in the graph: another time, to compare", "$foreground"),
    ("·", "in the graph: nothing was recorded", "$foreground-muted"),
    ("█ ▓ ░", "p50, p95, p99 in the graph of response times", "$primary"),
    ("╌", "the traffic alert's threshold", "$text-accent"),
    ("▔", "below a column: 4xx or 5xx that it has no colour left for", "$text-error"),
    ("NEW GONE", "compared: was not there then · is no longer here", "$text-warning"),
    ("≥ ≤ ?", "compared: at least · at most · was not among the top keys", "$foreground-muted"),
    ("▼", "sorted by this column, largest first (▲: smallest first)", "$text-primary"),
)
