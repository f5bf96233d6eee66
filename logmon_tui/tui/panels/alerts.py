"""The alert history: firing incidents first, then recovered ones, newest first."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.alerts.history.incident_filter import Filter, parsed, unknown
from logmon_tui.alerts.history.silence import is_silenced
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.reports.sheet import Sheet
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts import rules_text
from logmon_tui.tui.alerts.incident_actions import (
    AcknowledgeWanted,
    BundleWanted,
    GoThere,
    NoteWanted,
    SilenceWanted,
)
from logmon_tui.tui.alerts.incident_row import ROOMY, IncidentRow
from logmon_tui.tui.alerts.incident_sheet import incident_sheet
from logmon_tui.tui.alerts.incident_text import SILENCED_SIGN, worst_sign
from logmon_tui.tui.alerts.then import as_of
from logmon_tui.tui.paint.cells import crop, line, shown, wrapped
from logmon_tui.tui.paint.keys import ALERT_KEYS
from logmon_tui.tui.paint.reading import unjudged
from logmon_tui.tui.paint.time_view import Asked
from logmon_tui.tui.panels.cursor_panel import CursorPanel
from logmon_tui.tui.panels.filtered import Filtered
from logmon_tui.tui.panels.panel import Place

DAY = 86_400
WHATEVER = "all hits"
"""Tells whoever sees a part of the traffic that alerts judge all of it."""


class Alerts(CursorPanel, Filtered):
    """The panel of incidents, two lines each, below lines about rules that are about to fire."""

    NAME = PanelName.ALERTS
    TITLE = "Alerts"
    KEYS = ("4",)
    PLACE = Place.CORNER
    HINT = "enter, double click: why"
    ROW_HEIGHT = 2
    PLACEHOLDER = "words rule: severity: scope: state:"
    BINDINGS: ClassVar[list[BindingType]] = list(ALERT_KEYS.bindings)

    class Opened(Message):
        """The user wants to read an incident in full."""

        def __init__(self, incident: Incident) -> None:
            super().__init__()
            self.incident = incident

    def __init__(self) -> None:
        super().__init__()
        self._needed = 0  # lines that all there is to show took at the last layout for it
        self._room = 0  # lines that the neighbours left at the last layout
        self._filter = Filter()
        self._asked: Asked | None = None
        self._matching: Sequence[Incident] = ()

    def show(self, snapshot: Snapshot) -> None:
        """Show the alerts of a Snapshot, as they were at the moment that it shows."""
        super().show(as_of(snapshot, self._asked))

    def look(self, asked: Asked | None) -> None:
        """Tell the next Snapshots' alerts as of the moment that the user looks at, if past."""
        self._asked = asked

    def part(self, snapshot: Snapshot) -> object:
        """Return the alerts, and the log time: its second while any fires, else its day."""
        alerts, time = snapshot.alerts, int(snapshot.log_time or 0)
        moment = time if alerts.firing else time // DAY
        rules = rules_text.rules_line(alerts.rules), rules_text.objectives_line(alerts.objectives)
        judged = alerts.window, alerts.threshold, alerts.what_if, rules, unjudged(snapshot)
        others = bool(snapshot.scope.where), snapshot.moment is None
        return alerts.incidents, alerts.suppressed, alerts.silences, judged, moment, others

    def detail(self) -> str:
        """Return the numbers of matches, of firing incidents and of silences."""
        alerts = self.snapshot.alerts
        incidents = alerts.incidents
        parts = []
        if self.filter_text:
            parts.append(self.matching(len(self._matching), len(incidents)))
        if above := self._firing_above():
            parts.append(f"{worst_sign(above)} {len(above):,} above")
        if alerts.firing:
            sign = worst_sign(incidents[: alerts.firing])
            parts.append(f"{sign} {alerts.firing:,} firing{self._then}")
        elif incidents:
            parts.append(f"{len(incidents):,} recovered{self._then}")
        if alerts.silences:
            several = "" if len(alerts.silences) == 1 else "s"
            count = f"{SILENCED_SIGN} {len(alerts.silences):,}"
            parts.append(f"{count} silence{several}" if self.size.width >= ROOMY else count)
        if not parts and not unjudged(self.snapshot):
            parts = [f"none{self._then}"]
        if self.snapshot.scope.where:
            parts.append(WHATEVER)
        return " · ".join(parts)

    @property
    def _then(self) -> str:
        return "" if self.snapshot.moment is None else " then"

    def _firing_above(self) -> Sequence[Incident]:
        """Return the firing incidents that are scrolled out of sight, above the topmost row."""
        first = -(-int(self.scroll_offset.y) // self.ROW_HEIGHT)
        return [each for each in self._matching[:first] if each.firing]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Update the number of firing incidents that are out of sight."""
        super().watch_scroll_y(old_value, new_value)
        if self.is_mounted:
            self.arrange_titles()

    def arrange_items(self) -> None:
        """Filter the incidents, and mark the panel if any fires."""
        alerts = self.snapshot.alerts
        self.set_class(alerts.firing > 0, "-firing")
        self._matching = alerts.incidents
        if self._filter:
            now = self.clock()
            self._matching = [
                each
                for each in alerts.incidents
                if self._filter.matches(each, alerts.silences, now)
            ]
        super().arrange_items()
        needed = self._lines_needed(self.view_size.width)
        # Once the room is full, another incident moves nothing on the screen. If there is more room
        # by then, its scrollbar appears, and Textual makes the layout for that.
        if needed != self._needed and not self._fills_room(min(needed, self._needed)):
            self._needed = needed
            if self.styles.is_auto_height:
                self.refresh(layout=True)
        if self.has_focus:
            # A new incident on top must not move another one under the cursor before a key press.
            self.hold_cursor()

    def has_nothing(self) -> bool:
        """Tell whether all was judged, and there is no alert and no word about rules."""
        alerts = self.snapshot.alerts
        told = alerts.incidents or alerts.suppressed or alerts.silences or self._rule_texts(0)
        return not told and not unjudged(self.snapshot)

    def absence(self) -> str:
        """Return that all is well."""
        return f"✓ {self.detail()}"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return the lines for all there is to show, but leave the neighbours their least."""
        beside = self.parent.children if self.parent else ()
        others = sum(
            int(each.styles.min_height.value)
            for each in beside
            if each is not self and each.display and each.styles.min_height is not None
        )
        self._room = max(0, container.height - others)
        return min(self._lines_needed(width), self._room)

    def _fills_room(self, lines: int) -> bool:
        """Tell whether the panel has all the room that it can have, and `lines` lines need it."""
        return self.view_size.height == self._room <= lines

    def _lines_needed(self, width: int) -> int:
        told = len(self._rule_texts(width))
        if not self._matching:
            return told + len(self._empty(Size(width, 0)))
        rows = len(self._matching) * self.ROW_HEIGHT + self.footer_height()
        # Half of the panel is for incidents.
        return told + max(rows, self.ROW_HEIGHT + told)

    def row_keys(self) -> Sequence[Hashable]:
        """Return the ids of the incidents that match."""
        return [incident.id for incident in self._matching]

    def exported(self) -> Sheet:
        """Return the incidents that match, with why they fired."""
        return incident_sheet(self.TITLE, self._matching)

    def header_height(self) -> int:
        """Return the number of lines above the incidents."""
        return len(self._rule_lines(self.view_size))

    def footer_height(self) -> int:
        """Return 1 if subjects were suppressed, which a last line says."""
        return 1 if self.snapshot.alerts.suppressed else 0

    @property
    def incident(self) -> Incident | None:
        """The incident under the cursor, None if there is none."""
        return self._matching[self.cursor_index] if self._matching else None

    def action_open(self) -> None:
        """Show the incident under the cursor in full."""
        if self.incident is not None:
            self.post_message(self.Opened(self.incident))

    def action_acknowledge(self) -> None:
        """Acknowledge the incident under the cursor, or undo that."""
        if self.incident is None:
            self._notify_no_incident()
        else:
            self.post_message(AcknowledgeWanted(self.incident))

    def action_note(self) -> None:
        """Edit the note of the incident under the cursor."""
        if self.incident is None:
            self._notify_no_incident()
        else:
            self.post_message(NoteWanted(self.incident, self))

    def _notify_no_incident(self) -> None:
        self.notify("There is no alert to do that to.", markup=False)

    def action_go_there(self) -> None:
        """Show everything as it was when the incident under the cursor fired."""
        if self.incident is None:
            self._notify_no_incident()
        else:
            self.post_message(GoThere(self.incident))

    def action_bundle(self) -> None:
        """Write files of all that is kept of the incident under the cursor."""
        if self.incident is None:
            self._notify_no_incident()
        else:
            self.post_message(BundleWanted(self.incident))

    def action_silence(self) -> None:
        """Ask for the dialog that silences alerts."""
        self.post_message(SilenceWanted(self.incident))

    def set_filter(self, text: str) -> None:
        """Show only the incidents that match `text`."""
        self._filter = parsed(text)
        super().set_filter(text)

    def paint(self, size: Size) -> list[Strip]:
        """Draw the visible incidents; without any, say when an alert would fire."""
        base = self.ink("")
        header = [
            line([(crop(text, size.width), self.ink(ink))], size.width, base)
            for text, ink in self._rule_lines(size)
        ]
        if not self._matching:
            return [*header, *self._empty(size)][: size.height]
        alerts, now = self.snapshot.alerts, self.clock()
        lines: list[Strip] = []
        for index in self.visible_rows(size):
            incident = self._matching[index]
            quiet = is_silenced(incident, alerts.silences, now)
            row = IncidentRow(incident, self.snapshot.log_time, is_silenced=quiet)
            lines += row.lines(self, size.width, at_cursor=self.is_at_cursor(index))
        if alerts.suppressed:
            text = f"  and {alerts.suppressed:,} more over a threshold"
            lines.append(line([(text, self.ink("panel--dim"))], size.width, base))
        # Rows have two lines; of the topmost, only the second may be visible.
        rows = lines[int(self.scroll_offset.y) % self.ROW_HEIGHT :]
        return [*header, *rows][: size.height]

    def _rule_lines(self, size: Size) -> list[tuple[str, str]]:
        """Return lines about rules and thresholds with their inks, as many as fit."""
        # At least half of the panel is for incidents; but the user's own question is answered.
        asked = self.snapshot.alerts.what_if is not None
        return self._rule_texts(size.width)[: max((size.height - self.ROW_HEIGHT) // 2, asked)]

    def _rule_texts(self, width: int) -> list[tuple[str, str]]:
        alerts = self.snapshot.alerts
        lines = []
        if alerts.what_if is not None:
            text = rules_text.what_if_line(alerts.what_if, self.snapshot.log_time, width)
            lines.append((text, "alert--threshold"))
        if objectives := rules_text.objectives_line(alerts.objectives):
            lines.append((objectives, "panel--dim"))
        if rules := rules_text.rules_line(alerts.rules):
            lines.append((rules, "panel--dim"))
        return lines

    def _empty(self, size: Size) -> list[Strip]:
        alerts = self.snapshot.alerts
        base, dim = self.ink(""), self.ink("panel--dim")
        if alerts.incidents:
            text = self.no_match("alert")
            if mistake := unknown(self.filter_text):
                text = f"! {shown(mistake)}. {text}"
            rows = wrapped(text, size.width)
            return [line([(row, base)], size.width, base) for row in rows]
        text = (
            f"Fires when the traffic of {units.window(alerts.window)} averages more than "
            f"{units.plain(alerts.threshold)} req/s."
        )
        pieces = [("✓ ", self.ink("alert--recovered")), (f"No alerts{self._then}.", base)]
        if reason := unjudged(self.snapshot):
            pieces = [(f"{rules_text.NO_DATA_SIGN} {reason}", dim)]
        if self.snapshot.scope.where:
            text += " All hits count, whatever the filter."
        first = line(pieces, size.width, base)
        rows = wrapped(text, size.width - 2)
        return [first, *(line([("  " + row, dim)], size.width, base) for row in rows)]
