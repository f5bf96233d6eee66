"""The main figures of a Snapshot, as parts of one line: traffic, errors, times, objectives."""

from collections.abc import Callable
from typing import TypeAlias

from rich.style import Style

from logmon_tui import units
from logmon_tui.alerts.rules.text import budget_text, good_text
from logmon_tui.snapshot import Snapshot, Window
from logmon_tui.tui.alerts.incident_text import worst_sign
from logmon_tui.tui.alerts.then import alerts_at, until_of
from logmon_tui.tui.paint.cells import EIGHTHS_WIDE, Piece, bar, crop, shown
from logmon_tui.tui.paint.changes import is_known
from logmon_tui.tui.paint.parts import Part
from logmon_tui.tui.paint.reading import (
    NOT_WITH_FILTER,
    caught_up,
    has_status_then,
    without_hits,
)
from logmon_tui.tui.paint.time_view import Asked

GAUGE_WIDTH = 10
MAX_TITLE = 20
"""Maximum cells of the title of an objective."""
LOW_BUDGET = 0.25
"""Share of an error budget below which what is left of it is shown as a warning."""

Inks: TypeAlias = Callable[[str], Style]
"""Gives the style of a component class by its name."""


def gauge_pieces(share: float, ink: str, inks: Inks) -> tuple[Piece, ...]:
    """Return a bar of `GAUGE_WIDTH` cells that is full at a `share` of 1, in the style `ink`."""
    blocks = bar(share, GAUGE_WIDTH)
    dim = inks("panel--track")
    rest = EIGHTHS_WIDE[0] * (GAUGE_WIDTH - len(blocks))
    return (("▕", dim), (blocks, inks(ink)), (rest, dim), ("▏", dim))


class HeaderFigures:
    """The figures of `snapshot`, of the past moment `asked` if there is one, in styles of `ink`."""

    def __init__(self, snapshot: Snapshot, asked: Asked | None, ink: Inks) -> None:
        self._snapshot = snapshot
        self._asked = asked
        self._ink = ink

    def parts(self) -> list[Part]:
        """Return the figures in their order."""
        if self._snapshot.moment is not None:
            return self._then(until_of(self._snapshot.moment, self._asked))
        if not (self._snapshot.now.hits or caught_up(self._snapshot)):
            return [Part(0, ((without_hits(self._snapshot), self._ink("panel--dim")),))]
        hits, limit = self._hit_parts(self._snapshot.now), self._limit_parts()
        chosen = bool(self._snapshot.scope.where)
        return [*self._rate_parts("now"), *([*hits, *limit] if chosen else [*limit, *hits])]

    def _limit_parts(self) -> list[Part]:
        """Return how near the traffic is to its alert's threshold."""
        alerts, base, dim = self._snapshot.alerts, self._ink(""), self._ink("panel--dim")
        used = alerts.rate / alerts.threshold if alerts.threshold else 0.0
        ink = "alert--firing" if used > 1 else "panel--warning" if used > 0.8 else "panel--bar"
        limit = f"{used * 100:.0f} %" if used < 10 else f"{units.plain(round(used))}× the limit"
        threshold = units.plain(alerts.threshold)
        by_key = []
        if alerts.configured is not None:
            threshold += " set by key"
            text = f"(configured {units.plain(alerts.configured)}: C)"
            by_key = [Part(3, ((text, dim),), "traffic")]
        all_hits = []
        if self._snapshot.scope.where:  # alerts judge all hits, not those that the filter takes
            all_hits = [Part(2, (("all hits", self._ink("panel--strong")),), "traffic")]
        rate = (f"{units.rate(alerts.rate)}/s", base), (f" over {units.window(alerts.window)}", dim)
        share = (limit, self._ink(ink) + Style(bold=True)), (f" of {threshold}", dim)
        return [
            *all_hits,
            Part(4, rate, "traffic"),
            Part(5, gauge_pieces(used, ink, self._ink), "traffic"),
            Part(2, share, "traffic"),
            *by_key,
        ]

    def _then(self, second: int) -> list[Part]:
        """Return the figures of a past moment; the traffic alert's are known for now only."""
        then = alerts_at(self._snapshot.alerts, second)
        firing = then.incidents[: then.firing]
        alerts = []
        if firing:
            text = f"{worst_sign(firing)} {len(firing):,} firing then"
            alerts = [Part(1, ((text, self._ink("alert--firing")),))]
        return [*self._rate_parts("then"), *alerts, *self._hit_parts(self._snapshot.now)]

    def _rate_parts(self, when: str) -> list[Part]:
        strong, dim = self._ink("panel--strong"), self._ink("panel--dim")
        moment = self._snapshot.moment
        if moment is not None and moment.answered == ():
            return [Part(0, ((f"req/s {NOT_WITH_FILTER}", dim),))]
        least = "" if has_status_then(self._snapshot) else "≥ "  # the top keys are not all
        rate = (least + units.rate(self._snapshot.rate), strong), (f" req/s {when}", dim)
        was = self._was(1, "rate", lambda window: units.rate(window.rate))
        return [Part(0, rate, "rate"), *was]

    def _hit_parts(self, now: Window) -> list[Part]:
        base, dim = self._ink(""), self._ink("panel--dim")
        per_second = now.bytes / now.seconds if now.seconds else 0.0
        clients = now.hosts.distinct
        moment = self._snapshot.moment
        if moment is not None and moment.answered is not None:
            # Of hits that pass a filter, top keys tell neither bytes nor clients.
            classes = [self._class_part(1, "✗ 5xx", 5), self._class_part(3, "! 4xx", 4)]
            return classes if has_status_then(self._snapshot) else []
        return [
            self._class_part(1, "✗ 5xx", 5),
            *self._was(1, "5xx", lambda window: f"{units.percent(window.class_share(5))} %"),
            *self._objective_parts(),
            self._class_part(3, "! 4xx", 4),
            *self._time_parts(now),
            Part(6, ((f"{units.spoken_size(per_second)}/s", base),)),
            Part(7, ((units.count(clients), base), (" client" + "s" * (clients != 1), dim))),
        ]

    def _was(self, rank: int, group: str, text: Callable[[Window], str]) -> list[Part]:
        """Return what a figure was in the window that is compared with, if that is known."""
        baseline = self._snapshot.baseline
        if baseline is None or not is_known(baseline):
            return []
        return [Part(rank, ((f"(was {text(baseline.window)})", self._ink("panel--dim")),), group)]

    def _objective_parts(self) -> list[Part]:
        """Return the objective with the least budget left, if there are any."""
        objectives = self._snapshot.alerts.objectives
        if not objectives or self._snapshot.moment is not None:  # budgets are of the present
            return []
        least = min(objectives, key=lambda each: each.budget_left)
        ink = "panel--warning" if least.budget_left < LOW_BUDGET else ""
        if least.budget_left <= 0:
            ink = "alert--firing"
        title = crop(shown(least.title), MAX_TITLE)
        return [
            Part(4, ((f"{title} {good_text(least)}", self._ink("panel--dim")),), "objective"),
            Part(2, ((budget_text(least), self._ink(ink)),), "objective"),
        ]

    def _time_parts(self, now: Window) -> list[Part]:
        """Return the response times, if the log has them."""
        if (times := now.response_times) is None:
            return []
        return [
            self._labelled(8, "p50", units.seconds(times.p50, times.resolution)),
            self._labelled(2, "p95", units.seconds(times.p95, times.resolution)),
            *self._was(2, "times", _p95),
            self._labelled(9, "p99", units.seconds(times.p99, times.resolution)),
        ]

    def _labelled(self, rank: int, label: str, value: str) -> Part:
        return Part(rank, ((f"{label} ", self._ink("panel--dim")), (value, self._ink(""))), "times")

    def _class_part(self, rank: int, label: str, status_class: int) -> Part:
        share = self._snapshot.now.class_share(status_class)
        ink = self._ink(f"status--{status_class}xx") if share else self._ink("panel--dim")
        text = f"{units.percent(share)} %"
        return Part(rank, ((f"{label} ", ink), (text, ink)), f"{status_class}xx")


def _p95(window: Window) -> str:
    times = window.response_times
    return "·" if times is None else units.seconds(times.p95, times.resolution)
