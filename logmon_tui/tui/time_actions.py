"""TimeActions: the part of the program that goes back in time, and chooses what the graph shows."""

from msgspec.structs import replace
from textual.reactive import reactive

from logmon_tui.monitor.commands import ShowMoment
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.incident_actions import GoThere
from logmon_tui.tui.filter_actions import FilterActions
from logmon_tui.tui.paint.graph_views import VIEWS
from logmon_tui.tui.paint.time_view import SPANS, Asked, TimeView
from logmon_tui.tui.panels.alerts import Alerts
from logmon_tui.tui.panels.summary import Summary
from logmon_tui.tui.panels.time_bar import TimeBar, covers
from logmon_tui.tui.panels.traffic import Traffic
from logmon_tui.tui.screens.moment_prompt import MomentPrompt


class TimeActions(FilterActions):
    """The part of LogmonApp that has to do with time.

    The screen says at once where one looks; the panels follow with the next Snapshot. While the
    display is paused, the first Snapshot that shows what the user asked for is painted.
    """

    snapshot: reactive[Snapshot]
    summary: Summary
    time_bar: TimeBar

    _time = TimeView()
    _moment: Asked | None = None  # that the panels are to show
    _goes_home = False  # as soon as it is known where that is

    def action_scrub(self, columns: int) -> None:
        """Go so many columns back (negative) or forward."""
        self._move(columns)

    def action_scrub_page(self, pages: int) -> None:
        """Go the width of the graph back (-1) or forward (1)."""
        if (now := self._now) is not None:
            self._move(pages * self._present.axis(now).columns)

    def action_scrub_home(self) -> None:
        """Go to the beginning of what is recorded."""
        now = self._now
        if now is None:
            self._tell_nothing()
            return
        since = self._since
        self._goes_home = since is None
        # The answer to a question about long ago tells how far back one may go.
        self._look(self._present.gone_to(now - SPANS[-1] if since is None else since, now))

    def _go_home(self) -> None:
        """Go on to the beginning, once a picture tells where that is."""
        graph, now = self.snapshot.graph, self._now
        if not self._goes_home or graph is None or now is None or not self._is_asked(self.snapshot):
            return
        self._goes_home = False
        begun = (place for place, column in enumerate(graph.columns) if column is not None)
        known = next((graph.start + place * graph.step for place in begun), now)
        self._look(self._present.gone_to(known if graph.since is None else graph.since, now))

    def action_live(self) -> None:
        """Show the present."""
        self._goes_home = False
        self._look(self._present.live())

    def action_go_to(self) -> None:
        """Let the user type a time, and go there."""
        now = self._now
        if now is None:
            self._tell_nothing()
            return
        graph = self._traffic if self._traffic.display else self.focused
        box = self.screen.maximized or graph or self.dashboard
        self.push_screen(MomentPrompt(box, now, then=self.go_to))

    def go_to(self, second: int) -> None:
        """Show a past second, with a zoom that shows what was around it."""
        if (now := self._now) is not None:
            self._look(self._present.shown_at(second, now))

    def on_go_there(self, message: GoThere) -> None:
        """Show the moment at which an incident fired."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.go_to(message.incident.triggered_at)

    def action_incident(self, direction: int) -> None:
        """Go to where the next (1) or previous (-1) alert fired, seen from where one looks."""
        now = self._now
        if now is None:
            self._tell_nothing()
            return
        here = now + 1 if self._time.at is None else self._time.at
        fired = (each.triggered_at for each in self.snapshot.alerts.incidents)
        if direction < 0:
            found = max((each for each in fired if each < here), default=None)
        else:
            found = min((each for each in fired if each > here), default=None)
        if found is None:
            which = "earlier" if direction < 0 else "later"
            self.notify(f"There is no {which} alert.", markup=False)
            return
        self._look(self._present.shown_at(found, now))

    def action_zoom(self, by: int) -> None:
        """Show a longer (1) or shorter (-1) time in the graph."""
        self._look(self._present.zoomed(by, self._now or 0))

    def action_graph_next(self) -> None:
        """Show the next view of the traffic in the graph."""
        traffic = self._traffic
        view = VIEWS[(VIEWS.index(traffic.view) + 1) % len(VIEWS)]
        traffic.look(self._time, view)
        self._look(replace(self._present, finest=view.finest))
        self._show_graph()

    def _show_graph(self) -> None:
        """Tell whoever changes the graph unseen how to see it."""
        if not self._traffic.display:
            self.notify("The graph is hidden: 1 shows it.", markup=False)

    # Where one looks

    @property
    def _traffic(self) -> Traffic:
        panels = self.dashboard.panels.values()
        return next(panel for panel in panels if isinstance(panel, Traffic))

    @property
    def _alerts(self) -> Alerts:
        panels = self.dashboard.panels.values()
        return next(panel for panel in panels if isinstance(panel, Alerts))

    @property
    def _now(self) -> int | None:
        """Log time of the picture that is shown, which stands still while paused."""
        return None if self.snapshot.log_time is None else int(self.snapshot.log_time)

    @property
    def _present(self) -> TimeView:
        """Where one looks, with the graph's present width."""
        return replace(self._time, width=self._traffic.room)

    @property
    def _since(self) -> int | None:
        """The first second of which anything is known, None if no picture told it yet."""
        graph = self.snapshot.graph
        return None if graph is None else graph.since

    def _move(self, columns: int) -> None:
        now = self._now
        if now is None:
            self._tell_nothing()
            return
        self._goes_home = False
        self._look(self._present.moved(columns, now, self._since))

    def _tell_nothing(self) -> None:
        self.notify("There are no hits yet.", markup=False)

    def _look(self, view: TimeView) -> None:
        """Show another time: the screen says so at once, the panels follow."""
        if view == self._time:
            return
        self._time = view
        self._ask_moment()
        self._traffic.look(view, self._traffic.view)
        self._awaits_answer = True

    def _ask_moment(self) -> None:
        """Have the panels show where one looks, if that is another moment than before."""
        moment = self._time.asked(self._now or 0, self._seconds or 0)
        if moment != self._moment:
            self._moment = moment
            self._engine.post(ShowMoment(*moment) if moment else ShowMoment())
            self.time_bar.look(moment)
            self.summary.look(moment)
            self._alerts.look(moment)

    def action_window_next(self) -> None:
        """Show the next longer window; a past moment is at least as long."""
        super().action_window_next()
        self._ask_moment()

    def _is_asked(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` shows what the user asked for last, of that moment."""
        return super()._is_asked(snapshot) and covers(snapshot.moment, self._moment)
