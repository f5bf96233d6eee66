"""Summary: two lines at the top with the log, the state of reading, and the main figures."""

from collections.abc import Callable

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState, overall_state
from logmon_tui.tui.alerts.incident_text import worst_sign
from logmon_tui.tui.paint.cells import (
    Piece,
    crop,
    crop_start,
    ends,
    shown,
    width_of,
)
from logmon_tui.tui.paint.health import LOW_PARSED, Oddity, oddities
from logmon_tui.tui.paint.painted import Painted
from logmon_tui.tui.paint.parts import Part, fitted
from logmon_tui.tui.paint.server_text import counted, is_incomplete
from logmon_tui.tui.paint.time_view import Asked
from logmon_tui.tui.panels.summary_figures import HeaderFigures, gauge_pieces

MAX_NAMES = 8
RECENT_SECONDS = 600
"""Seconds until an oddity that does not happen again is no longer shown as a warning."""

QUIET_SECONDS = 60
"""Seconds without a line after which the header says so: a log that stands still looks as live."""

_STATE_TEXTS = {
    None: ("◌ STARTING", "panel--dim"),
    SourceState.LIVE: ("● LIVE", "alert--recovered"),
    SourceState.WAITING: ("◌ WAITING for file", "panel--warning"),
    SourceState.ENDED: ("■ ENDED", "panel--strong"),
    SourceState.FAILED: ("✗ FAILED", "alert--firing"),
}

# Ranks of oddities in the header: truncations stay longest, as they may have lost lines.
_ODD_RANKS = {"truncations": 3, "oversize": 4, "late": 6, "future": 7}


class Summary(Painted):
    """The header."""

    def __init__(self, name_of_log: str, clock: Callable[[], float]) -> None:
        super().__init__(id="summary")
        self._log = shown(name_of_log)
        self._clock = clock
        self._paused: float | None = None
        self._asked: Asked | None = None  # the past moment that is looked at
        self._oddities: dict[str, tuple[int, float]] = {}  # count, and wall time of its last change

    def set_paused(self, seconds: float | None) -> None:
        """Show for how many seconds the display has been paused; None if it is not."""
        self._paused = seconds
        self.repaint()

    def look(self, asked: Asked | None) -> None:
        """Show which past moment the user looks at, None for the present."""
        self._asked = asked
        self.repaint()

    def paint(self, size: Size) -> list[Strip]:
        """Draw both lines."""
        width = size.width
        base = self.ink("")
        clock = self._time_pieces(width)
        room = width - sum(width_of(text) for text, _ in clock) - 2
        before_clock = 1 if clock else 0
        first = fitted(self._reading(room), room - before_clock, ("  ", base))
        chip = self._firing_chip()
        space = width - sum(width_of(text) for text, _ in chip) - (3 if chip else 2)
        figures = HeaderFigures(self.snapshot, self._asked, self.ink).parts()
        second = fitted(figures, space, (" │ ", self.ink("panel--dim")))
        edge: list[Piece] = [(" ", base)]
        return [
            ends(edge + first, [*clock, *edge], width, base),
            ends(edge + second, [*chip, *edge], width, base),
        ][: size.height]

    def _reading(self, width: int) -> list[Part]:
        ingest, dim = self.snapshot.ingest, self.ink("panel--dim")
        parts = [
            Part(10, (("logmon", self.ink("panel--header") + Style(bold=True)),)),
            *self._log_parts(width),
            Part(8, ((", ".join(shown(f) for f in ingest.formats) or "…", dim),)),
            *self._state_parts(),
            *self._host_parts(),
        ]
        if any(source.polling for source in self.snapshot.sources):
            parts.append(Part(5, (("⟲ polling", self.ink("panel--warning")),)))
        state = overall_state(self.snapshot.sources)
        if state is SourceState.LIVE and ingest.quiet >= QUIET_SECONDS:
            minutes = units.window(int(ingest.quiet) // 60 * 60)
            parts.append(Part(4, ((f"no lines for {minutes}", self.ink("panel--strong")),)))
        elif state is SourceState.LIVE:
            parts.append(Part(9, ((f"lag {ingest.lag:.1f} s", dim),)))
        if ingest.hits or ingest.unparsed:
            low = ingest.parsed_share < LOW_PARSED
            text = f"parsed {units.percent(ingest.parsed_share)} %"
            piece = (f"! {text}", self.ink("panel--warning")) if low else (text, dim)
            rank = 2 if low else 9 if state is SourceState.CATCHING_UP else 5
            parts.append(Part(rank, (piece,)))
        return parts + self._odd_parts()

    def _log_parts(self, width: int) -> list[Part]:
        """Return the log's name; for several logs their number, and as many names as fit."""
        strong, logs = self.ink("") + Style(bold=True), self.snapshot.logs
        room = max(8, width * 2 // 5)
        if not logs:
            return [Part(1, ((crop_start(self._log, room), strong),))]
        number = Part(1, ((f"{len(logs)} logs", strong),), "logs")
        names = crop(", ".join(map(shown, logs[:MAX_NAMES])), room)
        return [number, Part(9, ((names, self.ink("panel--dim")),), "logs")]

    def _host_parts(self) -> list[Part]:
        """Return how many hosts there are and how many are live, if they are other machines."""
        fleet = self.snapshot.fleet
        if not fleet.servers:
            return []
        if is_incomplete(fleet):
            return [Part(1, ((f"! {counted(fleet)}", self.ink("panel--warning")),))]
        return [Part(3, ((counted(fleet), self.ink("panel--dim")),))]

    def _odd_parts(self) -> list[Part]:
        """Return the odd counts, harmful ones first, without unparsed lines: they have a share.

        Counts that have not changed for RECENT_SECONDS are no warnings.
        """
        ingest, now = self.snapshot.ingest, self._clock()
        recent: list[Oddity] = []
        past: list[Oddity] = []
        for oddity in oddities(ingest):
            if oddity.number and oddity.name in _ODD_RANKS:
                _, since = self._oddities.get(oddity.name, (0, now))
                (recent if now - since < RECENT_SECONDS else past).append(oddity)
        if ingest.rotations:
            past.append(Oddity("rotations", ingest.rotations))
        warning, dim = self.ink("panel--warning"), self.ink("panel--dim")
        return [Part(_ODD_RANKS[each.name], ((f"! {each}", warning),)) for each in recent] + [
            Part(11, ((str(each), dim),)) for each in past
        ]

    def _state_parts(self) -> list[Part]:
        """Return what kind of picture it is; a log that is read well is not told of the past."""
        past = self._past_parts()
        if self._paused is not None:
            chip = self.ink("panel--warning") + Style(bold=True, reverse=True)
            minutes, seconds = divmod(int(self._paused), 60)
            return [Part(0, ((f" ❚❚ PAUSED {minutes:02}:{seconds:02} ", chip),)), *past]
        if past and {source.state for source in self.snapshot.sources} == {SourceState.LIVE}:
            return past
        return [*past, *self._source_parts()]

    def _source_parts(self) -> list[Part]:
        sources = self.snapshot.sources
        state = overall_state(sources)
        if state is SourceState.CATCHING_UP:
            return self._progress_parts()
        text, ink = _STATE_TEXTS[state]
        if self.snapshot.beginning and state in (SourceState.LIVE, SourceState.ENDED):
            text, ink = "⟳ READING", "panel--header"
        failed = sum(source.state is SourceState.FAILED for source in sources)
        if 0 < failed < len(sources):
            text, ink = f"✗ {failed} of {len(sources)} FAILED", "alert--firing"
        return [Part(0, ((text, self.ink(ink) + Style(bold=True)),))]

    def _past_parts(self) -> list[Part]:
        """Return how long ago it was what the user looks at."""
        if self._asked is None:
            return []
        ago = units.duration((self.snapshot.log_time or 0) - self._asked.end)
        chip = self.ink("time--past") + Style(bold=True, reverse=True)
        return [Part(0, ((f" ◀ {ago} ago ", chip),))]

    def _progress_parts(self) -> list[Part]:
        ingest, dim = self.snapshot.ingest, self.ink("panel--dim")
        ink = self.ink("panel--header") + Style(bold=True)
        position = sum(source.position for source in self.snapshot.sources)
        total = sum(source.size for source in self.snapshot.sources)
        parts = [Part(0, (("⟳ CATCHING UP", ink),), "state")]
        if total:  # brokers and streams do not tell how much is to come
            share = position / total
            gauge = (*gauge_pieces(share, "panel--bar", self.ink), (f" {share * 100:.0f} %", ink))
            read = f"{units.spoken_size(position)} of {units.spoken_size(total)}"
            parts += [Part(1, gauge, "state"), Part(5, ((read, dim),))]
        if ingest.lines_per_second:
            parts.append(Part(8, ((f"{units.count(ingest.lines_per_second)} lines/s", dim),)))
        if ingest.seconds_left is not None:
            parts.append(Part(3, ((f"{units.duration(ingest.seconds_left)} left", dim),)))
        return parts

    def _firing_chip(self) -> list[Piece]:
        firing = [each for each in self.snapshot.alerts.incidents if each.firing]
        silences = len(self.snapshot.alerts.silences)
        chips = [(f"⊘ {silences:,} ", self.ink("alert--threshold"))] if silences else []
        if not firing:
            return chips
        # Whoever looks at the past must not miss what fires meanwhile.
        when = "" if self._asked is None else "NOW "
        text = f" {worst_sign(firing)} {len(firing):,} FIRING {when}"
        return [*chips, (text, self.ink("alert--chip"))]

    def _time_pieces(self, width: int) -> list[Piece]:
        snapshot, base, dim = self.snapshot, self.ink(""), self.ink("panel--dim")
        if snapshot.beginning:
            return []  # log time is unknown, and may not be the wall clock's
        if not snapshot.live and snapshot.log_time is not None:
            if width < 60:
                return [(units.clock(snapshot.log_time), base)]
            return [("log time ", dim), (units.date_time(snapshot.log_time), base)]
        zone = " UTC" if width >= 60 else ""
        return [(units.clock(self._clock()), base), (zone, dim)]

    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot."""
        self.snapshot = snapshot
        for oddity in oddities(snapshot.ingest):
            if self._oddities.get(oddity.name, (0, 0.0))[0] != oddity.number:
                self._oddities[oddity.name] = (oddity.number, self._clock())
        self.repaint()
