"""LogFormat: the description of the lines of a log. Each family of formats is a subclass.

A format is data and cheap to make. Only the parsers that it makes import numpy.
"""

from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import msgspec

from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import NO_RESOLUTION, Hit
from logmon_tui.formats.model.unparsed import KEPT_BYTES, UnparsedLine

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class LineParser(ABC):
    """Parses single lines of one format. It is the reference for the columnar parser.

    Tests hold the columnar parser to the same results on arbitrary bytes. The columnar parser
    leaves every line that it is not sure of to this one.
    """

    @abstractmethod
    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""

    @abstractmethod
    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` is no hit."""

    def is_other(self, line: bytes) -> bool:  # noqa: ARG002 - some formats override it
        """Tell whether `line`, which is no hit, is legitimate: a directive or an error message."""
        return False

    def unparsed(self, line: bytes) -> UnparsedLine:
        """Return the beginning of an unparsed `line`, and why it is no hit."""
        return UnparsedLine(line[:KEPT_BYTES], self.reason(line))


class _AbstractStruct(msgspec.StructMeta, ABCMeta):
    """The type of Structs with abstract methods."""


class LogFormat(msgspec.Struct, frozen=True, dict=True, metaclass=_AbstractStruct):
    """The description of the lines of a log.

    `name` is the name that `--format` takes. `definition` is the format string, or a short
    description if there is none. `example` is a typical line, or empty. `header_mark` is the
    beginning of header lines, which define the fields of the lines after them; it is empty in a
    format without headers.
    """

    name: str
    definition: str
    example: str
    header_mark: ClassVar[bytes] = b""

    @property
    @abstractmethod
    def fields(self) -> frozenset[Field]:
        """The fields that a line of this format has."""

    @property
    @abstractmethod
    def extra(self) -> tuple[str, ...]:
        """The names of further fields that `capturing` finds, as far as they are known."""

    @abstractmethod
    def capturing(self, names: Sequence[str]) -> "LogFormat":
        """Return the format that reads the fields called `names` as `OWN_FIELDS`, in that order.

        A name is that of a server's variable, column or JSON member. Names of nothing in this
        format, or of what it reads as another field anyway, change nothing.
        """

    def tolerant(self) -> "LogFormat":
        """Return the format that also reads lines in which a client's text is unusual.

        Recognition needs strict formats, to tell similar ones apart. Once a log's format is known,
        no client may hide its hits by what it sends as its name or its address.
        """
        return self

    def strict(self) -> "LogFormat":
        """Return the format of which this one is the tolerant form, as recognition uses it."""
        return self

    @property
    def resolution(self) -> int:
        """The precision of response times in microseconds, 0 if not known."""
        return NO_RESOLUTION

    @abstractmethod
    def line_parser(self) -> LineParser:
        """Return a parser of single lines."""

    @abstractmethod
    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks, which several threads may share."""

    def following(self, chunk: bytes) -> "LogFormat":  # noqa: ARG002 - some formats override it
        """Return the format of the lines after `chunk`: another one if a header in it says so."""
        return self


def bare(line: bytes) -> bytes:
    """Return `line` without a byte order mark and a carriage return: they belong to no field."""
    return line.removeprefix(BYTE_ORDER_MARK).removesuffix(b"\r")
