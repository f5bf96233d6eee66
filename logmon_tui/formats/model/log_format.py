"""LogFormat: what the lines of a log look like. Each family of formats is a subclass elsewhere.

Formats are data and cheap to make; the parsers that they give out import numpy.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import NO_RESOLUTION, Hit
from logmon_tui.formats.model.unparsed import KEPT_BYTES, UnparsedLine

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class LineParser(ABC):
    """Parses single lines of one format: the reference.

    What it says of a line is what the line means; the columnar parser is held to it on arbitrary
    bytes and leaves to it every line that it is not sure of.
    """

    @abstractmethod
    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""

    @abstractmethod
    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` is no hit."""

    def is_other(self, line: bytes) -> bool:  # noqa: ARG002 - formats that know such lines look
        """Tell whether `line`, which is no hit, is in order: a directive, or another message."""
        return False

    def unparsed(self, line: bytes) -> UnparsedLine:
        """Return what is kept of a `line` that is no hit."""
        return UnparsedLine(line[:KEPT_BYTES], self.reason(line))


class LogFormat(ABC):
    """What the lines of a log look like.

    `name` is what a preset is called; `definition` tells the format as `--format` takes it, as far
    as that can be told in a line. `fields` are those that its hits have. `example` is a line as a
    reader would meet it, empty where there is none to show. `header_mark` is how lines begin that
    say how those that follow are to be read; empty if there are none.
    """

    name: str
    definition: str
    example: str
    header_mark: ClassVar[bytes] = b""

    @property
    @abstractmethod
    def fields(self) -> frozenset[Field]:
        """What a line of this format tells."""

    @property
    def resolution(self) -> int:
        """The microseconds between two response times as they are written; 0 if not known."""
        return NO_RESOLUTION

    @abstractmethod
    def line_parser(self) -> LineParser:
        """Return a parser of single lines."""

    @abstractmethod
    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks, which several threads may share."""

    def following(self, chunk: bytes) -> "LogFormat":  # noqa: ARG002 - formats with headers look
        """Return the format of what comes after `chunk`: another one if a header in it says so."""
        return self


def bare(line: bytes) -> bytes:
    """Return `line` without the byte order mark and the carriage return that belong to no field."""
    return line.removeprefix(BYTE_ORDER_MARK).removesuffix(b"\r")
