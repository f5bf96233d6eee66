"""What stands in a log before the place where reading begins: how the rest is to be read."""

import os

from logmon_tui.formats.log_format import BYTE_ORDER_MARK
from logmon_tui.formats.w3c import MARK

_NEWEST, _LINES = 32 * 1024, 100
_HEAD = 4 * 1024
_BLOCK = 1024 * 1024
_FURTHEST = 64 * _BLOCK
"""So far back a header is looked for; beyond that, the one at the beginning is taken."""


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
    """Return the last header before `offset`, if there is one."""
    head = os.pread(descriptor, min(_HEAD, offset), 0).removeprefix(BYTE_ORDER_MARK)
    if not head.startswith(b"#"):
        return []
    end = offset
    while end > max(0, offset - _FURTHEST):
        start = max(0, end - _BLOCK)
        # A header may reach over the end of the block before it.
        block = os.pread(descriptor, min(end + _HEAD, offset) - start, start)
        found = block.rfind(b"\n" + MARK)
        if found >= 0:
            return [block[found + 1 :].partition(b"\n")[0]]
        end = start
    return [line for line in head.split(b"\n")[:-1] if line.startswith(MARK)][:1]
