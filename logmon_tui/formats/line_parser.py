"""The line parser: one line at a time, by one expression. It is the reference.

What this parser says of a line is what the line means; the columnar parser is held to it on
arbitrary bytes and leaves to it every line that it is not sure of.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from logmon_tui.formats.log_format import Field, LogFormat
from logmon_tui.formats.unparsed import KEPT_BYTES, UnparsedLine
from logmon_tui.formats.values import NONE, local_second, zone_offset

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Hit(NamedTuple):
    """One parsed line; fields that the format does not have are `-`."""

    second: int
    status: int
    size: int
    host: bytes
    user: bytes
    request: bytes
    referrer: bytes
    user_agent: bytes


class LineParser:
    """Parses single lines of one format."""

    def __init__(self, log_format: LogFormat) -> None:
        self._format = log_format
        self._match = log_format.line_pattern.match
        groups = log_format.groups
        self._time = groups[Field.TIME]
        self._status = groups[Field.STATUS]
        self._size = groups.get(Field.SIZE)
        texts = (Field.HOST, Field.USER, Field.REQUEST, Field.REFERRER, Field.USER_AGENT)
        self._texts = tuple(groups.get(field) for field in texts)

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        found = self._match(_bare(line))
        if found is None:
            return None
        second = _second(found[self._time], found[self._time + 1])
        if second is None:
            return None
        size = found[self._size] if self._size else NONE
        texts = (found[group] if group else NONE for group in self._texts)
        return Hit(second, int(found[self._status]), 0 if size == NONE else int(size), *texts)

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` is no hit."""
        line = _bare(line)
        if not line:
            return "empty line"
        return self._format.explain(line) or "no such time"

    def unparsed(self, line: bytes) -> UnparsedLine:
        """Return what is kept of a `line` that is no hit."""
        return UnparsedLine(line[:KEPT_BYTES], self.reason(line))


def timestamp_reader(formats: Iterable[LogFormat]) -> Callable[[bytes], int | None]:
    """Return a function that gives a line's UTC epoch second in the first format it fits."""
    parsers = [LineParser(log_format) for log_format in formats]

    def timestamp(line: bytes) -> int | None:
        hits = (parser.parse(line) for parser in parsers)
        return next((hit.second for hit in hits if hit is not None), None)

    return timestamp


def _bare(line: bytes) -> bytes:
    return line.removeprefix(_BYTE_ORDER_MARK).removesuffix(b"\r")


def _second(stamp: bytes, zone: bytes) -> int | None:
    local, offset = local_second(stamp), zone_offset(zone)
    return None if local is None or offset is None else local - offset
