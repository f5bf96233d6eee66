"""How one incident is drawn in the alerts panel: two lines, the most important first."""

import time
from dataclasses import dataclass
from typing import NamedTuple

from rich.style import Style
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.tui.alerts.incident_text import (
    SILENCED_SIGN,
    measure,
    name_of,
    reading,
    severities,
    sign_of,
    worst,
)
from logmon_tui.tui.paint.cells import Piece, crop, ends, shown, width_of
from logmon_tui.tui.paint.painted import Painted

DAY = 86_400
ROOMY = 56
"""From this width on severities are words."""
LEAST_NOTE = 12


class _Figures(NamedTuple):
    """What the second line says, in its order; `path` goes with the value."""

    subject: str
    path: str
    value: str
    peak: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """All of it that is not empty."""
        parts = (self.subject, self.path + self.value, self.peak, self.note)
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident at the log time `now`, which may be silenced."""

    incident: Incident
    now: float | None
    is_silenced: bool = False

    def lines(self, ground: Painted, width: int, *, at_cursor: bool) -> list[Strip]:
        """Return both lines, in the inks of the widget `ground`."""
        base = ground.ink("")
        if at_cursor:
            base += Style(bgcolor=ground.ink("panel--cursor").bgcolor)
        room = width - len(self._when()) - len(self._lasting()) - 5
        name, subject = name_of(self.incident), ""
        if width_of(name) > room and self.incident.subject is not None:
            # Who it is about matters most, so it goes where there is room to read it whole.
            name, subject = shown(self.incident.title), shown(self.incident.subject)
        dim = ground.ink("panel--dim") + Style(bgcolor=base.bgcolor)
        marks = self._marks(ground, base)
        left = width - 2 - sum(width_of(text) for text, _ in marks)
        second = ends([(f"  {self._figures(subject, left)}", dim)], marks, width, base)
        return [self._title(ground, crop(name, room), width, base), second]

    def _title(self, ground: Painted, name: str, width: int, base: Style) -> Strip:
        """Return the first line: how it stands, since when, what it is, and for how long."""
        back = Style(bgcolor=base.bgcolor)
        dim, ink = ground.ink("panel--dim") + back, ground.ink(self._ink()) + back
        firing = self.incident.firing
        title = base + Style(bold=firing and not self.incident.acknowledged)
        start = [(f"{sign_of(self.incident)} ", ink), (self._when(), dim), ("  ", base)]
        lasting = (f" {self._lasting()}", ink if firing else dim)
        return ends([*start, (name, title)], [lasting], width, base)

    def _ink(self) -> str:
        incident = self.incident
        if not incident.firing or incident.recovering_since is not None:
            return "alert--recovered"
        return "alert--firing" if incident.severity is Severity.CRITICAL else "panel--warning"

    def _marks(self, ground: Painted, base: Style) -> list[Piece]:
        """Return what stands at the end of the second line: seen to, silenced."""
        back = Style(bgcolor=base.bgcolor)
        marks: list[Piece] = []
        if self.incident.acknowledged:
            marks.append((" ack", ground.ink("panel--header") + back))
        if self.is_silenced:
            marks.append((f" {SILENCED_SIGN}", ground.ink("alert--threshold") + back))
        return marks

    def _figures(self, subject: str, width: int) -> str:
        """Return what was measured and noted: the most important of it that fits."""
        incident = self.incident
        roomy = width >= ROOMY
        path = severities(incident, words=roomy)
        if path:
            path += " · " if roomy else " "
        note = f"✎ {shown(incident.note)}" if incident.note else ""
        least = _Figures(
            subject, path, measure(incident, incident.value), note=crop(note, LEAST_NOTE)
        )
        fuller: list[dict[str, str]] = [{"peak": worst(incident)}, {"value": reading(incident)}]
        if incident.peak_at is not None:
            timed = f"{worst(incident)} at {units.clock(incident.peak_at)}"
            fuller.append({"peak": timed})
        figures = least
        for more in fuller:
            longer = figures._replace(**more)
            if width_of(longer.text) > width:
                break
            figures = longer
        return crop(figures._replace(note=note).text, width)

    def _lasting(self) -> str:
        end = self.incident.recovered_at
        if end is None:
            return units.duration((self.now or 0) - self.incident.triggered_at)
        return units.duration(end - self.incident.triggered_at)

    def _when(self) -> str:
        """Return the time of the trigger, with the day if that is not the log's present one."""
        triggered = self.incident.triggered_at
        now = self.now or triggered
        if int(now) // DAY == triggered // DAY:
            return units.clock(triggered)
        return time.strftime("%m-%d %H:%M", time.gmtime(triggered))
