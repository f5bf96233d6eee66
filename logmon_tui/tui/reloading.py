"""Reloading: the part of the program that reads the settings file again when a user asks."""

from collections.abc import Callable
from typing import Protocol

from textual.app import App


class Outcome(Protocol):
    """What came of a reload: whether it was done, and one line about it."""

    @property
    def done(self) -> bool:
        """Whether the settings changed."""

    @property
    def text(self) -> str:
        """What was done, or why nothing was."""


class Reloading(App[None]):
    """The part of LogmonApp that reloads the settings."""

    _reload: Callable[[], Outcome] | None

    def action_reload_settings(self) -> None:
        """Read rules, thresholds and targets of the settings file again; a toast says how it went.

        The file is read on a thread of its own, as disks may be slow.
        """
        if self._reload is None:
            text = "There is no settings file here that could be read again."
            self.notify(text, severity="warning", markup=False)
        else:
            self.run_worker(self._reload_now, thread=True, exclusive=True, group="reload")

    def _reload_now(self) -> None:
        if self._reload is not None:
            outcome = self._reload()
            self.call_from_thread(self._tell, outcome)

    def _tell(self, outcome: Outcome) -> None:
        self.notify(outcome.text, severity="information" if outcome.done else "error", markup=False)
