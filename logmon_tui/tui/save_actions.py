"""SaveActions: the part of the program that writes bundles of alerts and pictures of the screen."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from textual.app import App
from textual.reactive import reactive

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.config.settings import Settings
from logmon_tui.errors import RuleError
from logmon_tui.escape import printable
from logmon_tui.reports.new_file import saved, write_new
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.incident_actions import BundleWanted
from logmon_tui.tui.paint.picture import picture_of


class SaveActions(App[None]):
    """The part of LogmonApp that saves files, each on a thread of its own."""

    snapshot: reactive[Snapshot] = reactive(Snapshot, repaint=False, init=False)

    _settings: Settings
    _clock: Callable[[], float]
    _name_of_log: str

    def on_bundle_wanted(self, message: BundleWanted) -> None:
        """Write all that is kept of an alert, and a picture of the screen, into a new folder."""
        snapshot, picture, wall = self.snapshot, picture_of(self), self._clock()
        # The panel may show it as it was at a past moment.
        known = (each for each in snapshot.alerts.incidents if each.id == message.incident.id)
        incident = next(known, message.incident)
        rule = self._rule_of(incident)

        def write() -> Path:
            # Imported late, as few runs need it.
            from logmon_tui.reports.bundle import Bundle
            from logmon_tui.reports.bundle.writing import write_bundle
            from logmon_tui.reports.history import HistoryContext

            silences, at = snapshot.alerts.silences, snapshot.saving.saved_at
            context = HistoryContext(wall, silences, watched=True, saved_at=at)
            logs = (printable(self._name_of_log),)
            bundle = Bundle(incident, context, rule, snapshot.marks, logs, picture())
            return saved(bundle.name, "", lambda path: write_bundle(bundle, path))

        self._save("The bundle", write)

    def action_save_picture(self) -> None:
        """Write a picture of the screen into a new file."""
        picture = picture_of(self)
        when = iso_time(int(self._clock())).replace(":", "").replace("-", "")

        def write() -> Path:
            content = picture().encode("utf-8", "backslashreplace")
            return saved(f"logmon-{when}", ".svg", lambda path: write_new(path, content))

        self._save("The picture", write)

    def _rule_of(self, incident: Incident) -> Rule | None:
        try:
            rules = self._settings.all_rules()
        except RuleError:
            return None
        return next((rule for rule in rules if rule.name == incident.rule), None)

    def _save(self, what: str, write: Callable[[], Path]) -> None:
        """Write on a thread, and tell where it is, or what failed and how to mend that."""

        def run() -> None:
            try:
                text, failed = f"Saved {printable(os.fsencode(write()))}", False
            except OSError as error:
                mend = "start logmon-tui in a folder that you may write to, or make room there"
                text, failed = f"{what} cannot be written: {error.strerror or error}; {mend}", True
            with suppress(RuntimeError):  # the program has ended meanwhile
                self.notify(text, severity="error" if failed else "information", markup=False)

        self.run_worker(run, thread=True)
