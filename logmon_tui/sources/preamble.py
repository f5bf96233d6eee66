"""The lines before the place where reading begins: a header, and lines that show the format."""

from logmon_tui.formats.model.log_format import BYTE_ORDER_MARK
from logmon_tui.formats.w3c.w3c_format import MARK
from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS
from logmon_tui.sources.seek import Read

_NEWEST, _LINES = 32 * 1024, 100
"""Maximum bytes and lines returned from just before the place."""

_HEAD = 4 * 1024
"""Bytes at the beginning of the log that are searched for a header."""

_BLOCK = 1024 * 1024
_FURTHEST = 64 * _BLOCK
"""Maximum bytes searched backwards for a header; then the one at the log's beginning is used."""

_TRIES = 1000
"""Maximum marks of headers checked in a block: requests can have the mark logged."""

_MAX_WRAPPERS = 2
"""Maximum wrappers around a header line."""


def lines_before(read: Read, offset: int) -> bytes:
    """Return whole lines of an open log from before `offset`, the start of a line.

    First the header in force, if the log has headers; then enough of the last lines to recognise a
    format. Reads a few blocks; raises what `read` does.
    """
    start = max(0, offset - _NEWEST)
    block = read(offset - start, start)
    lines = block.split(b"\n")
    newest = lines[1 if start else 0 : -1][-_LINES:]
    header = _header(read, offset)
    return b"".join(line + b"\n" for line in [*header, *newest])


def _header(read: Read, offset: int) -> list[bytes]:
    """Return the last header line before `offset`, with its wrappers; empty if there is none."""
    head = read(min(_HEAD, offset), 0).removeprefix(BYTE_ORDER_MARK)
    if not head.startswith(b"#") and _last_header(head) is None:
        return []
    end = offset
    while end > max(0, offset - _FURTHEST):
        start = max(0, end - _BLOCK)
        # A header may cross the boundary between two blocks.
        block = read(min(end + _HEAD, offset) - start, start)
        # A line that began before this block belongs to the previous block.
        found = _last_header(block, block.find(b"\n") + 1 if start else 0)
        if found is not None:
            return [found]
        end = start
    found = _last_header(head)
    return [] if found is None else [found]


def _last_header(block: bytes, begun: int = 0) -> bytes | None:
    """Return the last whole line from `begun` on that is a header; None if there is none."""
    mark = len(block)
    for _ in range(_TRIES):
        mark = block.rfind(MARK, begun, mark)
        if mark < 0:
            break
        start = max(block.rfind(b"\n", begun, mark) + 1, begun)
        end = block.find(b"\n", mark)
        line = block[start:end].removeprefix(BYTE_ORDER_MARK)
        if end >= 0 and _is_header(line):
            return line
    return None


def _is_header(line: bytes, wrappers: int = _MAX_WRAPPERS) -> bool:
    """Tell whether `line` is a header, bare or in at most `wrappers` wrappers."""
    if line.startswith(MARK):
        return True
    if not wrappers:
        return False
    inside = (wrapper.unwrap(line) for wrapper in WRAPPERS)
    return any(text is not None and _is_header(text, wrappers - 1) for text in inside)
