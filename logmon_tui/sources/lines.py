"""From blocks of bytes to whole lines. Pure: no files are read here."""

import re

BLOCK = 256 * 1024
"""Bytes asked of the system at once: memory stays small even while a giant line is skipped."""

CHUNK = 4 * 1024 * 1024
"""Bytes of whole lines of a backlog handed over at once, about: in between keys are obeyed."""

LIVE_CHUNK = 16 * 1024 * 1024
"""Of a log that is being written more is handed over at once: a line costs less the more come.

Whoever gets less than that has got all there was.
"""

LONGEST_LINE = 1024 * 1024
"""A line of more bytes than this, its newline not counted, is dropped."""

# A writer that goes on at its old offset after a truncation leaves a hole, which reads as NULs.
_HOLE = re.compile(rb"\n\0+")


class LineSplitter:
    r"""Cuts a stream of blocks into whole lines, holding the last partial line back.

    Lines longer than `longest` bytes are dropped in full and counted in `oversize`, in bounded
    memory. NULs at the beginning of a line are stripped. Lines end in `\n` and nothing else.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self.oversize = 0
        self._longest = longest
        self._held = bytearray()
        self._skipping = False

    @property
    def held(self) -> int:
        """How many bytes of a line without its end are held back."""
        return len(self._held)

    @property
    def skipping(self) -> bool:
        """Whether the stream is inside a line that is too long."""
        return self._skipping

    def skip_line(self) -> None:
        """Begin inside a line that is too long, which was counted before."""
        self._skipping = True

    def feed(self, block: bytes) -> bytes:
        """Take the stream's next bytes; return the lines that are whole now, or `b""`."""
        if self._skipping:
            block = self._after_skipped_line(block)
        end = block.rfind(b"\n") + 1
        if not end:
            self._hold(block)
            return b""
        if self._held:
            lines = b"".join((self._held, memoryview(block)[:end]))
            self._held.clear()
        else:
            lines = block[:end].lstrip(b"\0")
        if b"\0" in lines:  # looking for two bytes takes ten times as long
            lines = _HOLE.sub(b"\n", lines)
        self._hold(block[end:])
        return self._without_oversize(lines)

    def finish(self) -> bytes:
        """Return the held partial line with a newline added, or `b""`, and begin anew."""
        line = bytes(self._held) + b"\n" if self._held else b""
        self.reset()
        return line

    def reset(self) -> None:
        """Forget what is held: the stream begins anew."""
        self._held.clear()
        self._skipping = False

    def _after_skipped_line(self, block: bytes) -> bytes:
        end = block.find(b"\n") + 1
        self._skipping = not end
        return block[end:] if end else b""

    def _hold(self, partial: bytes) -> None:
        self._held += partial if self._held else partial.lstrip(b"\0")
        if len(self._held) > self._longest:
            self.oversize += 1
            self._held.clear()
            self._skipping = True

    def _without_oversize(self, lines: bytes) -> bytes:
        """Cut out lines that are too long, in steps of whole windows rather than lines."""
        window = self._longest + 1
        kept = []
        start = position = 0
        while len(lines) - position > window:
            newline = lines.rfind(b"\n", position, position + window)
            if newline >= 0:
                position = newline + 1
                continue
            self.oversize += 1
            kept.append(lines[start:position])
            start = position = lines.index(b"\n", position + window) + 1
        if not start:
            return lines
        kept.append(lines[start:])
        return b"".join(kept)
