"""JsonFormat: one JSON object a line, with the names under which its fields stand, as data.

What a line says is told here by decoding it whole; `json_columns.py` gives the same answer faster.
"""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from logmon_tui.errors import FormatError
from logmon_tui.formats.json.json_converters import (
    read_amount,
    read_span,
    read_status,
    read_time,
    text_of,
)
from logmon_tui.formats.model.converters import Unit
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import NONE, UNKNOWN, Hit, finest
from logmon_tui.formats.model.log_format import LineParser, LogFormat, bare
from logmon_tui.formats.model.transforms import Transform

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser

Path: TypeAlias = tuple[str, ...]
"""The names that lead to a value, from the outermost object inwards."""


@dataclass(frozen=True, slots=True)
class Member:
    """Where a field stands: at the first of `paths` at which there is anything but null.

    `unit` is that of a time that is a bare number.
    """

    field: Field
    paths: tuple[Path, ...]
    transform: Transform | None = None
    unit: Unit = Unit.SECONDS

    def value(self, content: dict[str, Any]) -> Any:
        """Return the field's value in a line, None if it has none."""
        found = (_at(content, path) for path in self.paths)
        return next((value for value in found if value is not None), None)


def _at(content: Any, path: Path) -> Any:
    for name in path:
        if type(content) is not dict:
            return None
        content = content.get(name)
    return content


def member(
    name: Field,
    *paths: str | Path,
    transform: Transform | None = None,
    unit: Unit = Unit.SECONDS,
) -> Member:
    """Return a member; a path may be written as `request.uri`."""
    parted = (tuple(path.split(".")) if isinstance(path, str) else path for path in paths)
    return Member(name, tuple(parted), transform, unit)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line must have to tell a hit: this `text` at that `path`."""

    path: Path
    text: str


@dataclass(frozen=True)
class JsonFormat(LogFormat):
    """The members that are the fields of a hit.

    A line without a `mark` tells none, if there is one. Where a status may be missing, it is
    `unsent`: 0.
    """

    name: str
    definition: str
    members: tuple[Member, ...]
    mark: Mark | None = field(default=None, kw_only=True)
    unsent: bool = field(default=False, kw_only=True)
    example: str = field(default="", kw_only=True)

    @classmethod
    def of(
        cls,
        name: str,
        *members: Member,
        mark: Mark | None = None,
        unsent: bool = False,
        definition: str = "",
        example: str = "",
    ) -> "JsonFormat":
        """Make a format of these members.

        Raises FormatError when the time, the request or the status is missing, which hits
        cannot do without, or when a value is said to be an object elsewhere.
        """
        _check(name, members)
        told = definition or name
        return cls(name, told, tuple(members), mark=mark, unsent=unsent, example=example)

    @cached_property
    def fields(self) -> frozenset[Field]:
        """What a line of this format tells."""
        return frozenset(each.field for each in self.members)

    @cached_property
    def by_field(self) -> dict[Field, Member]:
        """The members by what they mean."""
        return {each.field: each for each in self.members}

    @cached_property
    def resolution(self) -> int:
        """The microseconds between two response times as they are written; 0 if not known."""
        times = (self.by_field.get(field) for field in (Field.RESPONSE_TIME, Field.UPSTREAM_TIME))
        units = (each.unit for each in times if each is not None)
        return finest(*(unit.microseconds for unit in units if unit is not Unit.SECONDS))

    @property
    def asked(self) -> Member:
        """The member without which nothing was asked for."""
        return self.by_field.get(Field.REQUEST) or self.by_field[Field.TARGET]

    def line_parser(self) -> "JsonLineParser":
        """Return a parser of single lines."""
        return JsonLineParser(self)

    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks."""
        from logmon_tui.formats.json.json_parser import JsonParser

        return JsonParser(self)


_NEEDED: tuple[tuple[str, tuple[tuple[Field, ...], ...]], ...] = (
    ("time", ((Field.TIME,),)),
    ("request, nor method and target", ((Field.REQUEST,), (Field.METHOD, Field.TARGET))),
    ("status", ((Field.STATUS,),)),
)


def _check(name: str, members: Sequence[Member]) -> None:
    fields = {each.field for each in members}
    for needed, ways in _NEEDED:
        if not any(fields.issuperset(way) for way in ways):
            raise FormatError(
                f"format {name!r} has no {needed}; say under which name it stands in the JSON"
            )
    paths = {path for each in members for path in each.paths}
    inner = {path[:length] for path in paths for length in range(1, len(path))}
    both = sorted(".".join(path) for path in paths & inner)
    if both:
        message = f"format {name!r}: {both[0]!r} is named as a value, and as an object with values"
        raise FormatError(f"{message}; leave one of both out")


NOT_DECODED = (ValueError, RecursionError)
"""What decoding a line may raise; msgspec's own errors and those of Unicode are ValueErrors."""

_LONGEST_INTEGER = 40
_ESCAPES = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)


def decoded(line: bytes) -> Any:
    r"""Return what a line of JSON says. Raises one of `NOT_DECODED` when it is none.

    Not all that writes JSON keeps to it, so what is clear all the same is taken: bytes that are no
    UTF-8, `\x1f` for a byte (as Apache and nginx escape), lone surrogates, control characters,
    `NaN` and numbers of any size.
    """
    with suppress(*NOT_DECODED):
        return msgspec.json.decode(line)
    if rb"\x" in line:
        line = _ESCAPES.sub(_unescaped, line)
    text = line.decode("utf-8", "surrogateescape")
    return json.loads(text, strict=False, parse_int=_integer)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return found[0]
    code = int(found[1], 16)
    # As the decoder below writes a byte that is no UTF-8.
    return b"\\u%04x" % (code if code < 0x80 else 0xDC00 + code)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


class JsonLineParser(LineParser):
    """Parses single lines of one format."""

    def __init__(self, log_format: JsonFormat) -> None:
        self._format = log_format
        members = log_format.by_field
        self._texts = {name: members[kind] for kind, name in TEXTS.items() if kind in members}
        self._measures = {
            measure.value: members[kind] for kind, measure in MEASURES.items() if kind in members
        }

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        try:
            content = decoded(bare(line))
        except NOT_DECODED:
            return None
        if type(content) is not dict or self._lacks(content):
            return None
        values = {kind: each.value(content) for kind, each in self._format.by_field.items()}
        second, status = read_time(values[Field.TIME]), self._status(values[Field.STATUS])
        if second is None or status is None:
            return None
        told: dict[str, Any] = {
            name: _text(each, values[each.field]) for name, each in self._texts.items()
        }
        for name, each in self._measures.items():
            told[name] = _measure(each, values[each.field])
        return Hit(second, status, read_amount(values.get(Field.SIZE), 0), **told)

    def _status(self, value: Any) -> int | None:
        return 0 if value is None and self._format.unsent else read_status(value)

    def _lacks(self, content: dict[str, Any]) -> str:
        """Say what `content` lacks of what every hit has, apart from its time; "" if nothing."""
        mark, asked = self._format.mark, self._format.asked
        if mark is not None and _at(content, mark.path) != mark.text:
            return f"{'.'.join(mark.path)} is not {mark.text!r}"
        if text_of(asked.value(content)) is None:
            return _missing("request", asked)
        status = self._format.by_field[Field.STATUS]
        if status.value(content) is None and not self._format.unsent:
            return _missing("status", status)
        return ""

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line` is another message of the program: a time without a request.

        One that has only a request, or only a status, is none: its format may be told wrongly.
        """
        try:
            content = decoded(bare(line))
        except NOT_DECODED:
            return False
        if type(content) is not dict or not self._is_message(content):
            return False
        return read_time(self._format.by_field[Field.TIME].value(content)) is not None

    def _is_message(self, content: dict[str, Any]) -> bool:
        mark, members = self._format.mark, self._format.by_field
        if mark is not None and _at(content, mark.path) != mark.text:
            return True
        asked = text_of(self._format.asked.value(content)) is not None
        return not asked and members[Field.STATUS].value(content) is None

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` is no hit."""
        line = bare(line)
        if not line:
            return "empty line"
        try:
            content = decoded(line)
        except RecursionError:
            return "nested too deeply"
        except json.JSONDecodeError as error:
            return f"JSON is malformed at column {error.colno}: {error.msg}"
        return self._why(content)

    def _why(self, content: Any) -> str:
        if type(content) is not dict:
            return "JSON, but no object"
        time = self._format.by_field[Field.TIME]
        if time.value(content) is None:
            return _missing("time", time)
        if read_time(time.value(content)) is None:
            return _unreadable("time", time)
        return self._lacks(content) or _unreadable("status", self._format.by_field[Field.STATUS])


def _missing(what: str, each: Member) -> str:
    return f"no {what}: {' or '.join('.'.join(path) for path in each.paths)}"


def _measure(each: Member, value: Any) -> int:
    if each.field is Field.BYTES_IN:
        return read_amount(value, UNKNOWN)
    return read_span(value, each.unit)


def _text(each: Member, value: Any) -> bytes:
    text = text_of(value) or NONE
    return text if each.transform is None else each.transform(text)


def _unreadable(what: str, each: Member) -> str:
    return f"{'.'.join(each.paths[0])} is no {what} that is known"
