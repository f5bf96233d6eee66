"""From the bytes that a remote shell prints to its replies. Pure.

A reply is everything up to a line that only this program could know: a word made for the request.
So contents of any kind can stand in a reply, of a length that nobody knows before it is there.
"""

import re
from typing import NamedTuple


class ReplyError(Exception):
    """What came is no reply; the text says why."""


class ReplyReader:
    """Collects the reply that ends with the line `end`, at most `limit` bytes."""

    def __init__(self, end: bytes, limit: int) -> None:
        self._end = end + b"\n"
        self._limit = limit + len(self._end)
        self._bytes = bytearray()

    def feed(self, block: bytes) -> bytes | None:
        """Accept the next bytes; return the reply once it is whole, else None.

        Raises ReplyError if more has come than was asked for, or something follows the reply.
        """
        searched = max(0, len(self._bytes) - len(self._end))
        self._bytes += block
        place = self._bytes.find(self._end, searched)
        if place >= 0 and place + len(self._end) < len(self._bytes):
            raise ReplyError("something follows its answer")
        if len(self._bytes) > self._limit:
            raise ReplyError("it says more than it was asked")
        return bytes(self._bytes[:place]) if place >= 0 else None


class RemoteFile(NamedTuple):
    """A file as it was told: `problem` says why there is none that can be read."""

    inode: int = 0
    size: int = 0
    problem: str = ""


_FILE = re.compile(rb"(\d{1,20}) (\S{1,40}) (\d{1,20})")
_LISTED = rb"(?m)^ *(\d{1,20}) +(-\S{1,40})(?: +\d+){3} +(\d{1,20}) [^\n/]{1,40} %b([^\n/]*)$"
_MISSING = "No such file or directory"
NOT_REGULAR = "is no regular file"
_LONGEST_PROBLEM = 200


def told(line: bytes) -> RemoteFile:
    """Return the file that a line tells. Raises ReplyError for any other line."""
    if line.startswith(b"! "):
        return RemoteFile(problem=line[2:][:_LONGEST_PROBLEM].decode("utf-8", "replace"))
    found = _FILE.fullmatch(line)
    if found is None:
        raise ReplyError("its ls answers in no known form")
    if not found[2].startswith(b"-"):
        return RemoteFile(problem=NOT_REGULAR)
    return RemoteFile(int(found[1]), int(found[3]))


def is_missing(file: RemoteFile) -> bool:
    """Tell whether there is no file at the path."""
    return file.problem == _MISSING


def with_contents(reply: bytes) -> tuple[RemoteFile, bytes]:
    """Return the file that a reply tells, and what follows. Raises ReplyError."""
    line, _, contents = reply.partition(b"\n")
    return told(line), contents


class Listed(NamedTuple):
    """A regular file beside the log; `ending` follows what its name and the log's begin with."""

    ending: str
    inode: int
    size: int


def listed(lines: bytes, stem: bytes) -> list[Listed]:
    """Return the files of a listing whose paths begin with `stem`, in the listing's order.

    A line in another form tells no file.
    """
    pattern = re.compile(_LISTED % re.escape(stem))
    return [
        Listed(found[4].decode("utf-8", "surrogateescape"), int(found[1]), int(found[3]))
        for found in pattern.finditer(lines)
    ]
