"""What stands in a log before the place where reading begins: how the rest is to be read."""

import os

from logmon_tui.formats.model.log_format import BYTE_ORDER_MARK
from logmon_tui.formats.w3c.w3c_format import MARK
from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS

_NEWEST, _LINES = 32 * 1024, 100
_HEAD = 4 * 1024
_BLOCK = 1024 * 1024
_FURTHEST = 64 * _BLOCK
"""So far back a header is looked for; beyond that, the one at the beginning is taken."""
_TRIES = 1000
"""Requests can have the mark of headers logged; so often it is looked at in a block."""
_MOST_WRAPPERS = 2


def lines_before(descriptor: int, offset: int) -> bytes:
    """Return whole lines that stand before `offset`, the start of a line, in an open log.

    First the header in force, if the log has headers; then the newest, as many as tell a format.
    Reads a few blocks; raises OSError.
    """
    start = max(0, offset - _NEWEST)
    block = os.pread(descriptor, offset - start, start)
    lines = block.split(b"\n")
    newest = lines[1 if start else 0 : -1][-_LINES:]
    header = _header(descriptor, offset)
    return b"".join(line + b"\n" for line in [*header, *newest])


def _header(descriptor: int, offset: int) -> list[bytes]:
    """Return the last header before `offset`, as it stands in the log, if there is one."""
    head = os.pread(descriptor, min(_HEAD, offset), 0).removeprefix(BYTE_ORDER_MARK)
    if not head.startswith(b"#") and _last_header(head) is None:
        return []
    end = offset
    while end > max(0, offset - _FURTHEST):
        start = max(0, end - _BLOCK)
        # A header may reach over the end of the block before it.
        block = os.pread(descriptor, min(end + _HEAD, offset) - start, start)
        # The line that the block begins within is one of the block before it.
        found = _last_header(block, block.find(b"\n") + 1 if start else 0)
        if found is not None:
            return [found]
        end = start
    found = _last_header(head)
    return [] if found is None else [found]


def _last_header(block: bytes, begun: int = 0) -> bytes | None:
    """Return the last whole line, of those from `begun` on, that is a header."""
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


def _is_header(line: bytes, wrappers: int = _MOST_WRAPPERS) -> bool:
    """Tell whether `line` is a header, in so many wrappers or as it stands."""
    if line.startswith(MARK):
        return True
    if not wrappers:
        return False
    inside = (wrapper.unwrap(line) for wrapper in WRAPPERS)
    return any(text is not None and _is_header(text, wrappers - 1) for text in inside)
