"""W3C extended logs (www.w3.org/TR/WD-logfile.html): a `#Fields:` line names the fields.

A new `#Fields:` line may come at any place, after a change of the server's settings. Times are UTC.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar

import msgspec
from msgspec.structs import replace

from logmon_tui.errors import FormatError
from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token, token
from logmon_tui.formats.delimited.variant_format import VariantFormat
from logmon_tui.formats.model.converters import Clock, Code, Duration, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import NO_RESOLUTION, Hit
from logmon_tui.formats.model.log_format import BYTE_ORDER_MARK, LineParser, LogFormat
from logmon_tui.formats.model.transforms import Transform

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser

MARK = b"#Fields:"
_MAX_FIELDS = 200
_MAX_PARTS = 100
"""Maximum parts of a chunk with different fields; the lines after them count as unparsed."""

_MAX_DIRECTIVES = 4 * 1024
"""Maximum bytes of the directives before a header."""

_FIELD_NAMES: dict[Field, tuple[str, ...]] = {
    Field.DATE: ("date",),
    Field.CLOCK: ("time",),
    Field.TIME: ("timestamp", "timestamp(ms)"),
    Field.HOST: ("c-ip", "c-dns"),
    Field.USER: ("cs-username",),
    Field.METHOD: ("cs-method",),
    Field.TARGET: ("cs-uri-stem", "cs-uri"),
    Field.STATUS: ("sc-status",),
    Field.SIZE: ("sc-bytes", "bytes"),
    Field.BYTES_IN: ("cs-bytes",),
    Field.RESPONSE_TIME: ("time-taken",),
    Field.UPSTREAM_TIME: ("origin-lbl", "origin-fbl"),
    Field.REFERRER: ("cs(referer)",),
    Field.USER_AGENT: ("cs(user-agent)",),
    Field.VIRTUAL_HOST: ("x-host-header", "cs-host", "cs(host)"),
    Field.TLS: ("ssl-protocol",),
}
"""The names of each field in lower case; if a log has several of them, the first one counts."""


class Dialect(msgspec.Struct, frozen=True):
    """How a kind of server writes W3C logs.

    `separator` stands between fields. `agent` decodes user agents. `times` are the converters of
    `time-taken`, one for each way of writing it. At least one field name begins with `own_prefix`,
    and none with `foreign_prefix`.
    """

    separator: bytes
    agent: Transform
    times: tuple[Duration, ...]
    own_prefix: str = ""
    foreign_prefix: str = " "

    def fits(self, names: Sequence[str]) -> bool:
        """Tell whether a log with fields of these names is of this dialect."""
        own = any(name.startswith(self.own_prefix) for name in names)
        return own and not any(name.startswith(self.foreign_prefix) for name in names)


_EDGE = "x-edge-"

IIS = Dialect(
    b" ",
    Transform.PLUS_AS_SPACE,
    # IIS writes whole milliseconds. The draft, and so Tomcat, has seconds with a fraction.
    (Duration(Unit.MILLISECONDS, whole=True), Duration(Unit.SECONDS)),
    foreign_prefix=_EDGE,
)
"""learn.microsoft.com/windows/win32/http/w3c-logging."""

CLOUDFRONT = Dialect(b"\t", Transform.PERCENT_DECODED, (Duration(Unit.SECONDS),), own_prefix=_EDGE)
"""docs.aws.amazon.com/AmazonCloudFront: standard logs, separated by tabs."""

Names = tuple[str, ...]


class W3cFormat(LogFormat, frozen=True):
    """Lines with the fields `names` of the last header; `names` is empty before the first one.

    `own` are the names of further fields that are read.
    """

    dialect: Dialect
    names: Names = ()
    own: Names = ()
    header_mark: ClassVar[bytes] = MARK

    @property
    def problem(self) -> str:
        """Why no line can be a hit under this header; empty if lines can be hits."""
        return "" if isinstance(self._lines, VariantFormat) else self._lines

    @property
    def delimited(self) -> VariantFormat | None:
        """The delimited format of the lines under this header, None if they cannot be hits."""
        return self._lines if isinstance(self._lines, VariantFormat) else None

    @cached_property
    def _lines(self) -> VariantFormat | str:
        return _line_format(self.name, self.dialect, self.names, self.own)

    @property
    def fields(self) -> frozenset[Field]:
        """The fields that a line under this header has."""
        lines = self.delimited
        return lines.fields if lines else frozenset((Field.METHOD, Field.TARGET))

    @property
    def extra(self) -> Names:
        """The names of the fields under this header that are skipped."""
        lines = self.delimited
        return lines.extra if lines else ()

    def capturing(self, names: Sequence[str]) -> "W3cFormat":
        """Return the format that reads the columns called `names` as `OWN_FIELDS`."""
        own = tuple(names)
        return self if own == self.own else replace(self, own=own)

    @property
    def resolution(self) -> int:
        """The precision of response times in microseconds, 0 if not known."""
        lines = self.delimited
        return lines.resolution if lines else NO_RESOLUTION

    def line_parser(self) -> LineParser:
        """Return a parser of single lines under this header."""
        lines = self.delimited
        return lines.line_parser() if lines else _NoFields(self.problem)

    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks, which parses each part of a chunk under its own header."""
        from logmon_tui.formats.w3c.w3c_parser import W3cParser

        return W3cParser(self)

    def following(self, chunk: bytes) -> "W3cFormat":
        """Return the format of the lines after `chunk`: that of the last header in it."""
        last = max(_header_starts(chunk), default=None)
        return self if last is None else self._under(chunk, last)

    def parts(self, chunk: bytes) -> Iterator[tuple["W3cFormat", bytes]]:
        """Split `chunk` where the fields change; yield each part with its format."""
        log_format, begun, count = self, 0, 0
        for start in _header_starts(chunk):
            following = log_format._under(chunk, start)
            if following.names != log_format.names:
                before = chunk[begun:start]
                if not _are_directives(before):  # directives fit into any part
                    yield log_format, before
                    begun, count = start, count + 1
                log_format = following
            if count == _MAX_PARTS:  # no settings change so often
                log_format = replace(self, names=())
                break
        if begun < len(chunk):
            yield log_format, chunk[begun:]

    def _under(self, chunk: bytes, start: int) -> "W3cFormat":
        """Return the format under the header that begins at `start`."""
        end = chunk.find(b"\n", start)
        line = chunk[start:end] if end >= 0 else chunk[start:]
        names = _names(line)
        return self if names == self.names else replace(self, names=names)


def _header_starts(chunk: bytes) -> Iterator[int]:
    """Yield the offsets of the headers in `chunk`."""
    for mark in (MARK, BYTE_ORDER_MARK + MARK):
        if chunk.startswith(mark):
            yield len(mark) - len(MARK)
    if b"#" not in chunk:  # as most have none, and a single byte is found ten times as fast
        return
    start = chunk.find(b"\n" + MARK)
    while start >= 0:
        yield start + 1
        start = chunk.find(b"\n" + MARK, start + 1)


def _are_directives(lines: bytes) -> bool:
    """Tell whether `lines` are only a few directives, which usually precede a header."""
    if len(lines) > _MAX_DIRECTIVES:
        return False
    return all(
        line.removeprefix(BYTE_ORDER_MARK).startswith(b"#") for line in lines.split(b"\n")[:-1]
    )


def _names(line: bytes) -> Names:
    """Return the names of a header's fields in lower case."""
    words = line.removeprefix(MARK).split()[: _MAX_FIELDS + 1]
    return tuple(word.decode("latin-1").lower() for word in words) or ("-",)


@lru_cache(maxsize=256)
def _line_format(name: str, dialect: Dialect, names: Names, own: Names = ()) -> VariantFormat | str:
    """Return the format of lines with these fields, or why there is none."""
    if not names:
        return "no #Fields line before it"
    if len(names) > _MAX_FIELDS or not dialect.fits(names):
        return f"the fields before it are not those of {name}"
    try:
        variants = [
            DelimitedFormat.of(name, *_items(dialect, names, time_taken), messages=b"#")
            for time_taken in (dialect.times if "time-taken" in names else dialect.times[:1])
        ]
    except FormatError:
        return "the #Fields line before it lacks a time, a method, a path or a status"
    return VariantFormat.of(name, *variants).capturing(own)


def _items(dialect: Dialect, names: Names, time_taken: Duration) -> Iterator[bytes | Token]:
    meanings: dict[int, Field] = {}
    for field, known in _FIELD_NAMES.items():
        found = next((each for each in known if each in names), None)
        if found is not None:
            meanings[names.index(found)] = field
    for number in range(len(names)):
        if number:
            yield dialect.separator
        each = _token(dialect, meanings.get(number, Field.OTHER), time_taken)
        yield each.changed(name=names[number])


def _token(dialect: Dialect, field: Field, time_taken: Duration) -> Token:
    if field is Field.TIME:
        return token(field, Clock.EPOCH)
    if field is Field.STATUS:
        return token(field, Code.OR_NONE)
    if field is Field.RESPONSE_TIME:
        return token(field, time_taken)
    if field is Field.UPSTREAM_TIME:
        return token(field, Duration(Unit.SECONDS))
    return token(field, transform=dialect.agent if field is Field.USER_AGENT else None)


class _NoFields(LineParser):
    """Parses lines without a usable header: none of them is a hit."""

    def __init__(self, problem: str) -> None:
        self._problem = problem

    def parse(self, line: bytes) -> Hit | None:  # noqa: ARG002 - no line is a hit
        return None

    def is_other(self, line: bytes) -> bool:
        return line.removeprefix(BYTE_ORDER_MARK).startswith(b"#")

    def reason(self, line: bytes) -> str:
        return self._problem if line else "empty line"
