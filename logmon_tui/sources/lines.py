"""LineSplitter: from blocks of bytes to whole lines. Pure: reads no files."""

from logmon_tui.late_patterns import late_pattern

BLOCK = 256 * 1024
"""Bytes read from the system at once: memory stays small even while a giant line is skipped."""

CHUNK = 4 * 1024 * 1024
"""Approximate bytes of a backlog handed over at once. Between chunks the screen's commands run."""

LIVE_CHUNK = 16 * 1024 * 1024
"""Maximum bytes of a live log handed over at once: large chunks cost less a line.

A smaller chunk means that everything written so far has been read.
"""

LONGEST_LINE = 1024 * 1024
"""Maximum bytes of a line without its newline; longer lines are dropped."""

# A writer that keeps its old offset after a truncation leaves a hole, which reads as NULs.
_HOLE = late_pattern(rb"\n\0+")


class LineSplitter:
    r"""Cuts a stream of blocks into whole lines, holding the last partial line back.

    Lines longer than `longest` bytes are dropped in full and counted in `oversize`, in bounded
    memory. NULs at the beginning of a line are stripped. Lines end in `\n` and nothing else.
    `fed` counts the bytes of all blocks.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self.oversize = 0
        self.fed = 0
        self._longest = longest
        self._held = bytearray()
        self._skipping = False

    @property
    def held(self) -> int:
        """Bytes of the unfinished line that is held back."""
        return len(self._held)

    @property
    def skipping(self) -> bool:
        """Whether the stream is inside a line that is too long."""
        return self._skipping

    @property
    def is_between(self) -> bool:
        """Whether the stream is between two lines."""
        return not self._held and not self._skipping

    def skip_line(self) -> None:
        """Begin inside a line that is too long and was counted before."""
        self._skipping = True

    def feed(self, block: bytes) -> bytes:
        """Accept the stream's next bytes; return the lines they complete, or `b""`."""
        self.fed += len(block)
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
        if b"\0" in lines:  # searching for the pattern itself takes ten times as long
            lines = _HOLE().sub(b"\n", lines)
        self._hold(block[end:])
        return self._without_oversize(lines)

    def pass_over(self, length: int) -> None:
        """Note that the next `length` bytes, whole lines, are split elsewhere."""
        self.fed += length

    def finish(self) -> bytes:
        """Return the unfinished line with a newline added, or `b""`, and begin anew."""
        line = bytes(self._held) + b"\n" if self._held else b""
        self.reset()
        return line

    def reset(self) -> None:
        """Discard the unfinished line: the stream begins anew."""
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
        """Remove lines that are too long; step by windows, which is faster than line by line."""
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
