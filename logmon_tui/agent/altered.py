"""Alteration: what an agent masks and leaves out before lines leave the machine. Pure."""

import zlib
from typing import NamedTuple

from logmon_tui.escape import printable
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.masking.edits import Edits, LineEditor, editor_of, not_there

_DIRECTIVE = b"#"


class Altered(NamedTuple):
    """The lines that are sent, and how many others are not."""

    lines: bytes
    left_out: int


class Alteration:
    """Changes fields by `edits`, and keeps one of `sample` lines with a status of 2xx.

    Which lines are kept depends only on the lines and where they stand, so reading them again keeps
    the same ones. If fields are to be changed, lines that do not fit the format are left out:
    nobody knows what is in them. Without a known format these are all lines.
    """

    def __init__(self, edits: Edits = Edits(), sample: int = 1) -> None:  # noqa: B008 - immutable
        self._edits = edits
        self._sample = sample
        self._changes = edits.masks is not None or bool(edits.dropped)
        self._format: LogFormat | None = None
        self._editor: LineEditor | None = None

    def apply(self, lines: bytes, log_format: LogFormat | None, start: int = 0) -> Altered:
        """Return what is sent of whole `lines`, which begin at the byte `start` of their file."""
        if not self._changes and self._sample == 1:
            return Altered(lines, 0)
        kept: list[bytes] = []
        left_out, place = 0, start
        for line in lines[:-1].split(b"\n"):
            editor = self._editor_of(log_format)
            headers = log_format is not None and bool(log_format.header_mark)
            if headers and log_format is not None and line.startswith(log_format.header_mark):
                log_format = log_format.following(line + b"\n")
            sent = (
                line if headers and line.startswith(_DIRECTIVE) else self._sent(line, editor, place)
            )
            if sent is None:
                left_out += 1
            else:
                kept.append(sent)
            place += len(line) + 1
        kept.append(b"")
        return Altered(b"\n".join(kept), left_out)

    def note(self, log_format: LogFormat | None) -> str:
        """Return in one line which fields to drop are none of a format; empty if all are."""
        unknown = ", ".join(map(printable, not_there(log_format, self._edits)))
        return f"has no field {unknown} to drop; check --drop-fields" if unknown else ""

    def _editor_of(self, log_format: LogFormat | None) -> LineEditor | None:
        if log_format is not self._format:
            self._format, self._editor = log_format, editor_of(log_format, self._edits)
        return self._editor

    def _sent(self, line: bytes, editor: LineEditor | None, place: int) -> bytes | None:
        """Return what is sent of a line, None if it is left out."""
        edited = None if editor is None else editor.edit(line)
        if edited is None:
            return None if self._changes else line
        good = len(edited.status) == len("200") and edited.status.startswith(b"2")
        if good and self._sample > 1 and zlib.crc32(line, place & 0xFFFFFFFF) % self._sample:
            return None
        return edited.line
