"""The alert history: what fires first, then what has recovered, newest first."""

import time
from collections.abc import Hashable, Sequence

from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from logmon_tui import numbers
from logmon_tui.alerts.incident import Incident, Unit
from logmon_tui.config import Panel as PanelName
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.announcer import name_of
from logmon_tui.tui.cells import crop, ends, line, shown, width_of, wrapped
from logmon_tui.tui.widgets.panel import CursorPanel

DAY = 86_400


def measure(incident: Incident, value: float) -> str:
    """Return a value of the incident in the unit it is measured in."""
    if incident.unit is Unit.SHARE:
        return f"{numbers.percent(value)} %"
    return f"{numbers.plain(round(value, 1))}/s"


def figures(incident: Incident) -> str:
    """Return in one line what the incident measured."""
    value, peak = measure(incident, incident.value), measure(incident, incident.peak)
    if incident.unit is Unit.SHARE:
        return f"{value} of {incident.hits:,} · peak {peak}"
    return f"hits = {incident.hits:,} · {value} · peak {peak}"


class Alerts(CursorPanel):
    """The panel of incidents, two lines each."""

    NAME = PanelName.ALERTS
    HINT = "enter: details"
    ROW_HEIGHT = 2

    class Opened(Message):
        """The user wants to read an incident in full."""

        def __init__(self, incident: Incident) -> None:
            super().__init__()
            self.incident = incident

    def part(self, snapshot: Snapshot) -> object:
        """Return the incidents, and the second while one lasts: durations count it."""
        alerts, time = snapshot.alerts, int(snapshot.log_time or 0)
        moment = time if alerts.firing else time // DAY
        return alerts.incidents, alerts.suppressed, alerts.window, alerts.threshold, moment

    def detail(self) -> str:
        """Return how many fire."""
        alerts = self.snapshot.alerts
        if alerts.firing:
            return f"▲ {alerts.firing:,} firing"
        return f"{len(alerts.incidents):,} recovered" if alerts.incidents else "none"

    def arrange_items(self) -> None:
        """Put the incidents in order; the whole panel shows whether any fires."""
        self.set_class(self.snapshot.alerts.firing > 0, "-firing")
        super().arrange_items()

    def row_keys(self) -> Sequence[Hashable]:
        """Return the ids of the incidents."""
        return [incident.id for incident in self.snapshot.alerts.incidents]

    def footer_height(self) -> int:
        """Return 1 where subjects got no incident of their own."""
        return 1 if self.snapshot.alerts.suppressed else 0

    def action_open(self) -> None:
        """Show the incident under the cursor in full."""
        incidents = self.snapshot.alerts.incidents
        if self.cursor_index < len(incidents):
            self.post_message(self.Opened(incidents[self.cursor_index]))

    def paint(self, size: Size) -> list[Strip]:
        """Draw the incidents that show, or when one would be made."""
        incidents = self.snapshot.alerts.incidents
        if not incidents:
            return self._empty(size)
        lines: list[Strip] = []
        for index in self.visible_rows(size):
            base = self.ink("")
            if self.is_at_cursor(index):
                base += Style(bgcolor=self.ink("panel--cursor").bgcolor)
            lines += self._incident(incidents[index], size.width, base)
        suppressed = self.snapshot.alerts.suppressed
        if suppressed:
            text = f"  and {suppressed:,} more over a threshold"
            lines.append(line([(text, self.ink("panel--dim"))], size.width, self.ink("")))
        # With rows of two lines, the topmost may show its second line only.
        return lines[int(self.scroll_offset.y) % self.ROW_HEIGHT :][: size.height]

    def _incident(self, incident: Incident, width: int, base: Style) -> list[Strip]:
        back = Style(bgcolor=base.bgcolor)
        dim = self.ink("panel--dim") + back
        ink = self.ink("alert--firing" if incident.firing else "alert--recovered") + back
        sign = "▲" if incident.firing else "✓"
        lasting = numbers.duration(self._end(incident) - incident.triggered_at)
        title = base + Style(bold=incident.firing)
        when = self._when(incident)
        room = width - len(when) - len(lasting) - 5
        name, measured = name_of(incident), figures(incident)
        if width_of(name) > room and incident.subject is not None:
            # Who it is about matters most, so it goes where there is room to read it whole.
            name, measured = incident.title, f"{shown(incident.subject)} · {measured}"
        first = ends(
            [(f"{sign} ", ink), (when, dim), ("  ", base), (crop(name, room), title)],
            [(f" {lasting}", ink if incident.firing else dim)],
            width,
            base,
        )
        return [first, line([(f"  {crop(measured, width - 2)}", dim)], width, base)]

    def _end(self, incident: Incident) -> float:
        if incident.recovered_at is not None:
            return incident.recovered_at
        return self.snapshot.log_time or incident.triggered_at

    def _when(self, incident: Incident) -> str:
        """Return the time of the trigger, with the day if that is not the log's present one."""
        triggered, now = incident.triggered_at, self.snapshot.log_time or incident.triggered_at
        if int(now) // DAY == triggered // DAY:
            return numbers.clock(triggered)
        return time.strftime("%m-%d %H:%M", time.gmtime(triggered))

    def _empty(self, size: Size) -> list[Strip]:
        alerts = self.snapshot.alerts
        text = (
            f"Fires when the traffic of {numbers.window(alerts.window)} averages more than "
            f"{numbers.plain(alerts.threshold)} req/s."
        )
        base, dim = self.ink(""), self.ink("panel--dim")
        first = line([("✓ ", self.ink("alert--recovered")), ("No alerts.", base)], size.width, base)
        rows = wrapped(text, size.width - 2)
        rest = [line([("  " + row, dim)], size.width, base) for row in rows]
        return [first, *rest][: size.height]
