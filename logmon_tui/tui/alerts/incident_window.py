"""The window of one incident: what happened, and why it fired."""

from typing import ClassVar

from msgspec.structs import replace
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.incident_actions import (
    AcknowledgeWanted,
    BundleWanted,
    GoThere,
    NoteWanted,
    SilenceWanted,
)
from logmon_tui.tui.alerts.incident_text import name_of
from logmon_tui.tui.alerts.why_text import incident_lines
from logmon_tui.tui.paint.keys import ALERT_KEYS
from logmon_tui.tui.paint.lines_text import LinesText
from logmon_tui.tui.paint.reading import saves_elsewhere
from logmon_tui.tui.paint.window import Window

_KEYS = {"acknowledge", "note", "silence", "go_there", "bundle"}
_HINT = "esc closes · a ack · n note · S silence · o go there · b bundle · ↑ ↓"
_HINT_ELSEWHERE = (
    "esc closes · o go there · ↑ ↓ scroll · another logmon-tui keeps the alerts: a n S there"
)
_TALL = 34  # from this height of the screen on, in lines, the graph is higher


class IncidentText(LinesText):
    """Everything about an incident, in lines that fit the widget's width."""

    DEFAULT_CSS = "IncidentText { padding: 0 1 0 0; }"

    def __init__(self, incident: Incident) -> None:
        super().__init__()
        self.incident = incident
        self._now = float(incident.changed_at)

    def show(self, incident: Incident, now: float) -> None:
        """Show a newer version of the incident; `now` is the log's time."""
        changed = incident is not self.incident or (incident.firing and int(now) != int(self._now))
        self.incident, self._now = incident, now
        if changed:
            self.refresh(layout=True)

    def lines(self, width: int) -> list[Content]:
        """Return what is known of the incident."""
        return incident_lines(
            self.incident,
            self._now,
            width,
            8 if self.app.size.height >= _TALL else 5,
            no_colour=self.app.no_color,
        )


class IncidentWindow(Window):
    """Shows an incident, and updates it with each Snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in ALERT_KEYS.bindings if binding.action in _KEYS
    ]
    DEFAULT_CSS = """
    IncidentWindow > VerticalScroll { width: 96%; max-width: 140; }
    """

    def __init__(self, incident: Incident) -> None:
        super().__init__(name_of(incident), Content(""), _HINT)
        self._text = IncidentText(incident)

    def body(self) -> LinesText:
        """Return the text, which follows the Snapshots."""
        return self._text

    def on_mount(self) -> None:
        """Watch the Snapshots that the program shows."""
        self.watch(self.app, "snapshot", self.show)

    def action_acknowledge(self) -> None:
        """Ask to acknowledge the incident, or to undo that."""
        self.post_message(AcknowledgeWanted(self._text.incident))

    def action_note(self) -> None:
        """Ask for the prompt to edit the note."""
        self.post_message(NoteWanted(self._text.incident, self.query_one(VerticalScroll)))

    def action_go_there(self) -> None:
        """Ask to see everything as it was when the incident fired."""
        self.post_message(GoThere(self._text.incident))

    def action_bundle(self) -> None:
        """Ask for files of all that is kept of the incident."""
        self.post_message(BundleWanted(self._text.incident))

    def action_silence(self) -> None:
        """Ask for the dialog that silences alerts."""
        self.post_message(SilenceWanted(self._text.incident))

    def show(self, snapshot: Snapshot) -> None:
        """Show the incident as of a newer Snapshot, if that still contains it."""
        hint = _HINT_ELSEWHERE if saves_elsewhere(snapshot) else _HINT
        self.query_one(VerticalScroll).border_subtitle = Content(hint)
        shown = self._text.incident.id
        newer = next((each for each in snapshot.alerts.incidents if each.id == shown), None)
        if newer is not None and snapshot.log_time is not None:
            message = snapshot.alerts.messages_now.get(newer.id)
            updated = newer if message is None else replace(newer, message=message)
            self._text.show(updated, snapshot.log_time)
