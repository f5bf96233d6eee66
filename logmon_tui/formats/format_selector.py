"""FormatSelector: chooses the format of each log, from what the user named. Reads no file."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS


class FormatSelector(msgspec.Struct, frozen=True):
    """The formats that the user chose for logs, and those that recognition tries on other logs.

    `named` pairs patterns of paths with formats; the first pattern that matches a log counts.
    `given` is the format of all other logs. A format of None means: recognise it among `known`.
    `own` are the names of further fields that are read.
    """

    given: LogFormat | None = None
    named: tuple[tuple[str, LogFormat | None], ...] = ()
    known: Sequence[LogFormat] = PRESETS
    own: tuple[str, ...] = ()

    def of(self, log: str) -> LogFormat | None:
        """Return the chosen format of `log`, None if it has to be recognised from its lines."""
        paths = {log, str(Path(log).absolute())} if log != "-" else {log}
        for pattern, log_format in self.named:
            if any(path == pattern or fnmatchcase(path, pattern) for path in paths):
                return log_format
        return self.given

    def known_as(self, name: str) -> LogFormat | None:
        """Return the known format of this name; None if there is none."""
        return next((each for each in self.known if each.name == name), None) if name else None

    def candidates(self, log: str) -> Sequence[LogFormat]:
        """Return the formats that lines of `log` may have."""
        log_format = self.of(log)
        return self.known if log_format is None else (log_format,)
