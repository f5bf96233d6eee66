"""SaveActions: the part of the program that writes bundles, pictures, and what panels show."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
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
from logmon_tui.reports.sheet import Sheet
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.incident_actions import BundleWanted
from logmon_tui.tui.paint.cells import shown
from logmon_tui.tui.paint.clipboard import TOAST_SECONDS
from logmon_tui.tui.paint.picture import picture_of
from logmon_tui.tui.panels.panel import Panel
from logmon_tui.tui.screens.export_window import NAMES, ExportWindow, Wanted

MAX_COPIED = 74_000
"""Maximum bytes that are copied: many terminals take 100,000 of OSC 52, in which text is longer."""


def _of_file(title: str) -> str:
    """Return a title as a part of a file's name that is safe in any file system."""
    letters = (each if each.isascii() and each.isalnum() else "-" for each in title.lower())
    return "-".join(filter(None, "".join(letters).split("-")))[:40] or "panel"


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

    def action_export(self) -> None:
        """Ask how to export the rows of the focused panel, as they are now."""
        panel = self.screen.maximized if self.focused is None else self.focused
        sheet = panel.exported() if isinstance(panel, Panel) else None
        if sheet is None:
            told = "To export rows, go to a panel that has some"
            if isinstance(panel, Panel):
                told = f"The panel {panel.full_title} has no rows to export; P saves a picture"
            self.notify(f"{told}.", markup=False)
        elif not sheet.rows:
            self.notify(f"{shown(sheet.title)}: no row to export now.", markup=False)
        else:
            self.push_screen(ExportWindow(sheet), partial(self._export, sheet))

    def _export(self, sheet: Sheet, wanted: Wanted | None) -> None:
        if wanted is None:
            return
        # Imported late, as few runs need it.
        from logmon_tui.reports.sheet_forms import Form, written_sheet

        text = written_sheet(sheet, Form(wanted.form))
        if wanted.to_clipboard:
            self._copy_sheet(sheet, text, NAMES[wanted.form])
            return
        content = text.encode("utf-8", "backslashreplace")
        when = iso_time(int(self._clock())).replace(":", "").replace("-", "")
        name = f"logmon-{_of_file(sheet.title)}-{when}"

        def write() -> Path:
            return saved(name, f".{wanted.form}", lambda path: write_new(path, content))

        self._save("The export", write)

    def _copy_sheet(self, sheet: Sheet, text: str, name: str) -> None:
        if len(text.encode("utf-8", "backslashreplace")) > MAX_COPIED:
            told = f"{len(sheet.rows):,} rows are too much for the clipboard of a terminal"
            self.notify(f"{told}; save them into a file.", severity="warning", markup=False)
            return
        self.copy_to_clipboard(text)
        rows = f"{len(sheet.rows):,} row{'s' * (len(sheet.rows) != 1)}"
        self.notify(f"Copied {rows} as {name}", markup=False, timeout=TOAST_SECONDS)

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
