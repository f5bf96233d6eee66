"""AlertActions: the part of the program that carries out requests about alerts."""

from collections.abc import Callable

from textual.app import App
from textual.reactive import reactive

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import MAX_NOTE
from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.monitor.commands import Acknowledge, AddSilence, EndSilence, SetNote
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts import optimistic
from logmon_tui.tui.alerts.incident_actions import AcknowledgeWanted, NoteWanted, SilenceWanted
from logmon_tui.tui.alerts.incident_text import name_of
from logmon_tui.tui.alerts.incident_window import IncidentWindow
from logmon_tui.tui.alerts.silence import SilenceDialog
from logmon_tui.tui.engine import Engine
from logmon_tui.tui.paint.cells import crop
from logmon_tui.tui.paint.prompt import Prompt
from logmon_tui.tui.paint.reading import saves_elsewhere
from logmon_tui.tui.panels.alerts import Alerts
from logmon_tui.tui.panels.dashboard import Dashboard

ELSEWHERE = (
    "Another logmon-tui watches these logs and keeps their alerts: "
    "acknowledge, note and silence them there."
)


class AlertActions(App[None]):
    """The part of LogmonApp that has to do with alerts.

    Every request shows at once, even while the display is paused.
    """

    snapshot: reactive[Snapshot] = reactive(Snapshot, repaint=False, init=False)
    dashboard: Dashboard

    _engine: Engine
    _clock: Callable[[], float]

    def on_alerts_opened(self, message: Alerts.Opened) -> None:
        """Show the incident in full."""
        self.push_screen(IncidentWindow(message.incident))

    def on_acknowledge_wanted(self, message: AcknowledgeWanted) -> None:
        """Acknowledge the incident, or undo that."""
        if self._is_elsewhere():
            return
        incident = message.incident.id
        wall = None if message.incident.acknowledged else self._clock()
        self._engine.post(Acknowledge(incident, wall))
        self.snapshot = optimistic.acknowledged(self.snapshot, incident, wall)

    def on_note_wanted(self, message: NoteWanted) -> None:
        """Let the user edit the note, and save it."""
        if self._is_elsewhere():
            return
        incident = message.incident

        def written(text: str | None) -> None:
            if text is not None and text.strip() != incident.note:
                self._engine.post(SetNote(incident.id, text.strip()))
                self.snapshot = optimistic.noted(self.snapshot, incident.id, text.strip())

        label = f"✎ {crop(name_of(incident), message.box.size.width // 3)}:"
        prompt = Prompt(message.box, label, incident.note, placeholder="note", max_length=MAX_NOTE)
        self.push_screen(prompt, written)

    def on_silence_wanted(self, message: SilenceWanted) -> None:
        """Open the dialog that asks what to silence, and for how long."""
        if self._is_elsewhere():
            return
        alerts = self.snapshot.alerts
        titles = {incident.rule: incident.title for incident in alerts.incidents}
        titles |= {rule.rule: rule.title for rule in alerts.rules}
        dialog = SilenceDialog(message.incident, alerts.silences, titles, self._clock)
        self.push_screen(dialog, self._silence)

    def on_silence_dialog_ended(self, message: SilenceDialog.Ended) -> None:
        """End a silence."""
        self._engine.post(EndSilence(message.silence))
        self.snapshot = optimistic.heard(self.snapshot, message.silence)

    def _silence(self, silence: Silence | None) -> None:
        if silence is not None:
            self._engine.post(AddSilence(silence))
            self.snapshot = optimistic.silenced(self.snapshot, silence)

    def _is_elsewhere(self) -> bool:
        """Return whether another logmon-tui keeps these alerts; if so, tell the user."""
        if not saves_elsewhere(self.snapshot):
            return False
        self.notify(ELSEWHERE, severity="warning", markup=False)
        return True

    async def action_in_alerts(self, action: str) -> None:
        """Run an action of the alerts panel, wherever the focus is."""
        await self.run_alert_action(action)

    async def run_alert_action(self, action: str) -> bool:
        """Show and focus the alerts panel, then run one of its actions."""
        panel = self.dashboard.panels[PanelName.ALERTS]
        if self.screen.maximized not in {None, panel}:
            self.screen.minimize()
        if not panel.display:
            self.dashboard.set_shown((*self.dashboard.shown, PanelName.ALERTS))
        panel.focus()
        return await self.run_action(action, panel)
