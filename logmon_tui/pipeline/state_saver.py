"""StateSaver: saves what a watch has counted, and says who notifies of incidents from then on."""

import time

from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.pipeline.notifications import Notifications
from logmon_tui.pipeline.user_files import UserFiles
from logmon_tui.snapshot import Saving
from logmon_tui.state.checkpointer import Checkpointer


class StateSaver:
    """Saves the state of a watch by its `checkpointer`; without one it does nothing.

    State is not saved during a backlog: a restart would resume mid-file without its counts.
    """

    def __init__(
        self,
        checkpointer: Checkpointer | None,
        monitor: HTTPMonitor,
        readers: LogReaders,
        notifications: Notifications,
        user_files: UserFiles,
    ) -> None:
        self._checkpointer = checkpointer
        self._monitor = monitor
        self._readers = readers
        self._notifications = notifications
        self._user_files = user_files

    @property
    def saving(self) -> Saving | None:
        """How saving goes, for the snapshot; None if nothing is to be saved."""
        return None if self._checkpointer is None else self._checkpointer.saving

    def count_downtime(self, now: float, wall: float) -> None:
        """Judge the time between the runs, once all lines written in it have been read."""
        if self._checkpointer is not None:
            sources = [reader.source for reader in self._readers]
            self._checkpointer.count_downtime(sources, self._monitor, now, wall)

    def due(self, now: float) -> bool:
        """Tell whether it is time to save; `now` is monotonic."""
        return self._checkpointer is not None and self._checkpointer.due(now)

    def save_and_adopt(self) -> None:
        """Save the state, and note who notifies of incidents from now on."""
        now, checkpointer = time.monotonic(), self._checkpointer
        if checkpointer is None:
            return
        another_saved = checkpointer.another
        self.save()
        if checkpointer.another:
            self._notifications.adopt(now, time.time())
        elif another_saved:  # it has ended: this run notifies of what that one did not find
            self._notifications.adopt(now, time.time(), checkpointer.was_known)

    def save(self) -> None:
        """Save the state; every line that was read must be counted."""
        checkpointer = self._checkpointer
        if checkpointer is not None and not self._monitor.in_backlog:
            sources = {reader.log: reader.source for reader in self._readers}
            before = checkpointer.saved_at
            checkpointer.save(sources, self._monitor, time.monotonic(), time.time())
            if checkpointer.saved_at != before:
                self._user_files.saved(self._monitor.alerts.applied)

    def close(self) -> None:
        """Close the state file."""
        if self._checkpointer is not None:
            self._checkpointer.close()
