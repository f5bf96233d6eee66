"""Draws one incident in the alerts panel, as two lines."""

import time
from typing import NamedTuple

import msgspec
from rich.style import Style
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.tui.alerts.incident_text import (
    MARK_SIGN,
    SILENCED_SIGN,
    measure,
    name_of,
    severities,
    sign_of,
    value_with_hits,
    worst,
)
from logmon_tui.tui.paint.cells import Piece, crop, ends, on, shown, width_of
from logmon_tui.tui.paint.painted import Painted

DAY = 86_400
ROOMY = 56
"""Minimum width in cells at which severities are words instead of signs."""
MIN_NOTE = 12
"""Minimum cells that a long note keeps while peak and value compete for the line."""


class _Figures(NamedTuple):
    """The texts of the second line, in order; `path` has the severities, and precedes the value."""

    subject: str
    path: str
    value: str
    peak: str = ""
    hosts: str = ""
    mark: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The texts that are not empty, joined."""
        parts = (self.subject, self.path + self.value, self.peak, self.hosts, self.mark, self.note)
        return " · ".join(part for part in parts if part)


class IncidentRow(msgspec.Struct, frozen=True):
    """An incident as the panel shows it at log time `now` (epoch seconds)."""

    incident: Incident
    now: float | None
    is_silenced: bool = False

    def lines(self, widget: Painted, width: int, *, at_cursor: bool) -> list[Strip]:
        """Return both lines, in the styles of `widget`."""
        base = widget.ink("")
        if at_cursor:
            base = on(base, widget.ink("panel--cursor"))
        room = width - len(self._when()) - len(self._duration()) - 5
        name, subject = name_of(self.incident), ""
        if width_of(name) > room and self.incident.subject is not None:
            # The subject matters most, so it moves to the second line, where it fits whole.
            name, subject = shown(self.incident.title), shown(self.incident.subject)
        dim = on(widget.ink("panel--dim"), base)
        marks = self._marks(widget, base)
        left = width - 2 - sum(width_of(text) for text, _ in marks)
        second = ends([(f"  {self._figures(subject, left)}", dim)], marks, width, base)
        return [self._title(widget, crop(name, room), width, base), second]

    def _title(self, widget: Painted, name: str, width: int, base: Style) -> Strip:
        """Return the first line: the sign of the state, time, name and duration."""
        dim, ink = on(widget.ink("panel--dim"), base), on(widget.ink(self._ink()), base)
        firing = self.incident.firing
        title = base + Style(bold=firing and not self.incident.acknowledged)
        start = [(f"{sign_of(self.incident)} ", ink), (self._when(), dim), ("  ", base)]
        duration = (f" {self._duration()}", ink if firing else dim)
        return ends([*start, (name, title)], [duration], width, base)

    def _ink(self) -> str:
        incident = self.incident
        if not incident.firing or incident.recovering_since is not None:
            return "alert--recovered"
        return "alert--firing" if incident.severity is Severity.CRITICAL else "panel--warning"

    def _marks(self, widget: Painted, base: Style) -> list[Piece]:
        """Return the marks at the end of the second line: acknowledged, silenced."""
        marks: list[Piece] = []
        if self.incident.acknowledged:
            marks.append((" ack", on(widget.ink("panel--header"), base)))
        if self.is_silenced:
            marks.append((f" {SILENCED_SIGN}", on(widget.ink("alert--threshold"), base)))
        return marks

    def _figures(self, subject: str, width: int) -> str:
        """Return the measurements and the note, as many of them as fit into `width` cells."""
        incident = self.incident
        roomy = width >= ROOMY
        path = severities(incident, words=roomy)
        if path:
            path += " · " if roomy else " "
        note = f"✎ {shown(incident.note)}" if incident.note else ""
        figures = _Figures(
            subject, path, measure(incident, incident.value), note=crop(note, MIN_NOTE)
        )
        details: list[dict[str, str]] = [
            {"peak": worst(incident)},
            {"hosts": "" if incident.hosts is None else incident.hosts.text},
            {"value": value_with_hits(incident)},
        ]
        if incident.peak_at is not None:
            timed = f"{worst(incident)} at {units.clock(incident.peak_at)}"
            details.append({"peak": timed})
        if (mark := incident.mark) is not None:
            after = units.duration(incident.triggered_at - mark.second)
            details.append({"mark": f"{MARK_SIGN} {after} after {shown(mark.text)}"})
        for detail in details:
            longer = figures._replace(**detail)
            if width_of(longer.text) > width:
                break
            figures = longer
        return crop(figures._replace(note=note).text, width)

    def _duration(self) -> str:
        end = self.incident.recovered_at
        if end is None:
            return units.duration((self.now or 0) - self.incident.triggered_at)
        return units.duration(end - self.incident.triggered_at)

    def _when(self) -> str:
        """Return the time of the trigger, with the date unless it is the log's present day."""
        triggered = self.incident.triggered_at
        now = self.now or triggered
        if int(now) // DAY == triggered // DAY:
            return units.clock(triggered)
        return time.strftime("%m-%d %H:%M", time.gmtime(triggered))
