"""Recognised: the format of a log, as far as an agent needs it: its name, headers and times."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from logmon_tui.formats.detection import SAMPLE_LINES, recognise
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.wrapped.wrapped_format import WrappedFormat

if TYPE_CHECKING:
    from logmon_tui.formats.model.log_format import LineParser

_PATIENCE = 64
"""Maximum chunks that pass before an unknown format is searched for again."""


class Recognised:
    """The format of a log: the `given` one, or the one recognised among `known`.

    `format` is None until it is recognised. `header` is the header line in force, for formats whose
    fields are named by one. `newest` is the time of the newest line (epoch seconds).
    """

    def __init__(self, given: LogFormat | None, known: Sequence[LogFormat], header: bytes) -> None:
        self._given = given is not None
        self._known = known
        self._parser: LineParser | None = None
        self._pause = self._patience = 0
        self._preamble: list[bytes] = []
        self._begun = False
        self.format: LogFormat | None = None
        self.newest: float | None = None
        self.header = header
        if given is not None:
            self._use(given)
        if header:
            self._preamble = [header.rstrip(b"\n")]

    @property
    def name(self) -> str:
        """The name by which another program knows the format, empty for one of this log alone."""
        name = "" if self.format is None else self.format.name
        return name if any(each.name == name for each in PRESETS) else ""

    def begin(self, preamble: bytes) -> None:
        """Pass the lines before the first chunk, once; they help to recognise the format."""
        if not self._begun and preamble:
            self._begun = True
            self._preamble += preamble.splitlines()[-SAMPLE_LINES:]
            self._follow(preamble)

    def examine(self, lines: bytes) -> bytes:
        """Take the next chunk: recognise its format if that is unknown, and its newest time.

        Returns the header in force before it, empty without any.
        """
        second = self._second(lines)
        if second is None and not self._given and self._is_due():
            sample = [*self._preamble, *lines[: 256 * 1024].splitlines()[:SAMPLE_LINES]]
            found = recognise(sample, self._known, thorough=False)
            if found is not None:
                self._use(found.format)
                self._pause = 0
                self._follow(b"".join(line + b"\n" for line in self._preamble))
        header = self.header
        self._follow(lines)
        second = self._second(lines) if second is None else second
        if second is not None:
            self._preamble, self._patience = [], 0
            self.newest = max(self.newest or 0.0, float(second))
        return header

    def _second(self, lines: bytes) -> int | None:
        """Return the time of the last line, None if it has none in this format."""
        if self._parser is None:
            return None
        last = lines[lines.rfind(b"\n", 0, -1) + 1 : -1]
        hit = self._parser.parse(last)
        return None if hit is None else hit.second

    def _is_due(self) -> bool:
        """Tell whether to search for the format now: ever more rarely while there is none."""
        if self._pause:
            self._pause -= 1
            return False
        self._patience = min(_PATIENCE, 2 * self._patience + 1)
        self._pause = self._patience - 1
        return True

    def _use(self, log_format: LogFormat) -> None:
        self.format = log_format.tolerant()
        self._parser = self.format.line_parser()

    def _follow(self, lines: bytes) -> None:
        """Follow the headers among some lines."""
        mark = b"" if self.format is None else _innermost(self.format).header_mark
        if self.format is None or not mark or mark not in lines:
            return
        start = lines.rfind(b"\n", 0, lines.rfind(mark)) + 1
        self.header = lines[start : lines.find(b"\n", start) + 1]
        following = self.format.following(lines)
        if following is not self.format:
            self._use(following)


def _innermost(log_format: LogFormat) -> LogFormat:
    while isinstance(log_format, WrappedFormat):
        log_format = log_format.inner
    return log_format
