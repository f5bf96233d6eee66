"""Formats: which format each of several logs has. No file is read here."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS


@dataclass(frozen=True)
class Formats:
    """The formats that were chosen for logs, and those that others are recognised by.

    `named` are patterns of logs with their formats: the first that matches counts. `given` is the
    format of all others; None stands for what their lines show, of the formats `known`.
    """

    given: LogFormat | None = None
    named: tuple[tuple[str, LogFormat | None], ...] = ()
    known: Sequence[LogFormat] = PRESETS

    def of(self, log: str) -> LogFormat | None:
        """Return the format of a LOG, None if its lines must show it."""
        paths = {log, str(Path(log).absolute())} if log != "-" else {log}
        for pattern, log_format in self.named:
            if any(path == pattern or fnmatchcase(path, pattern) for path in paths):
                return log_format
        return self.given

    def tried(self, log: str) -> Sequence[LogFormat]:
        """Return the formats that the lines of a LOG may have."""
        log_format = self.of(log)
        return self.known if log_format is None else (log_format,)
