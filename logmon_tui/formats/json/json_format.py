"""JsonFormat: a format with one JSON object a line, and the line parser for it.

The line parser decodes the whole line. `json_parser.py` gives the same results faster.
"""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec.structs import replace

from logmon_tui.errors import FormatError
from logmon_tui.formats.json.json_converters import (
    read_amount,
    read_duration,
    read_status,
    read_time,
    text_of,
)
from logmon_tui.formats.json.json_decoding import NOT_DECODED, decoded
from logmon_tui.formats.model.converters import Unit
from logmon_tui.formats.model.field import MEASURES, OWN_FIELDS, TEXTS, Field
from logmon_tui.formats.model.hit import NONE, UNKNOWN, Hit, finest
from logmon_tui.formats.model.log_format import LineParser, LogFormat, bare
from logmon_tui.formats.model.transforms import Transform

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser

Path: TypeAlias = tuple[str, ...]
"""The keys that lead to a value, from the outermost object inwards."""

TRANSFORMS = {
    Field.HOST: Transform.WITHOUT_PORT,
    Field.VIRTUAL_HOST: Transform.WITHOUT_PORT,
    Field.TLS: Transform.TLS_VERSION,
}
"""What is done to the texts of programs of which only the keys are known."""


class Member(msgspec.Struct, frozen=True):
    """Where a field stands in the JSON object: at the first of `paths` whose value is not null.

    `unit` is the unit of a duration that is a bare number.
    """

    field: Field
    paths: tuple[Path, ...]
    transform: Transform | None = None
    unit: Unit = Unit.SECONDS

    def value(self, content: dict[str, Any]) -> Any:
        """Return the value of the field in a decoded line, None if it is missing."""
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
    """Return a member; a path may be given as a text such as `request.uri`."""
    split = (tuple(path.split(".")) if isinstance(path, str) else path for path in paths)
    return Member(name, tuple(split), transform, unit)


class Mark(msgspec.Struct, frozen=True):
    """Identifies the lines that are hits: they have this `text` at this `path`."""

    path: Path
    text: str


class JsonFormat(LogFormat, frozen=True):
    """The members that hold the fields of a hit.

    If there is a `mark`, a line without it is no hit. If `status_optional`, a line without a status
    is a hit with the status 0.
    """

    members: tuple[Member, ...]
    mark: Mark | None = None
    status_optional: bool = False

    @classmethod
    def of(
        cls,
        name: str,
        *members: Member,
        mark: Mark | None = None,
        status_optional: bool = False,
        definition: str = "",
        example: str = "",
    ) -> "JsonFormat":
        """Build a format from its members.

        Raises FormatError when the time, the request or the status is missing, because every hit
        needs them, or when one path names a value and another path names a member within it.
        """
        _check(members)
        return cls(
            name,
            definition or name,
            example,
            tuple(members),
            mark=mark,
            status_optional=status_optional,
        )

    @cached_property
    def fields(self) -> frozenset[Field]:
        """The fields that a line of this format has."""
        return frozenset(each.field for each in self.members)

    @property
    def extra(self) -> tuple[str, ...]:
        """Nothing: only the lines show which other members there are."""
        return ()

    def capturing(self, names: Sequence[str]) -> "JsonFormat":
        """Return the format that reads the members called `names` as `OWN_FIELDS`.

        A name leads to a member by points, as in `request.uri`. A line without it has `-`.
        """
        members = list(self.members)
        for field_, name in zip(OWN_FIELDS, names, strict=False):
            added = [*members, member(field_, name)]
            if field_ not in self.fields and not _inside_each_other(added):
                members = added
        return replace(self, members=tuple(members)) if len(members) > len(self.members) else self

    @cached_property
    def by_field(self) -> dict[Field, Member]:
        """The members by their fields."""
        return {each.field: each for each in self.members}

    @cached_property
    def resolution(self) -> int:
        """The precision of response times in microseconds, 0 if not known."""
        times = (self.by_field.get(field) for field in (Field.RESPONSE_TIME, Field.UPSTREAM_TIME))
        units = (each.unit for each in times if each is not None)
        return finest(*(unit.microseconds for unit in units if unit is not Unit.SECONDS))

    @property
    def request_member(self) -> Member:
        """The member that holds the request line, or else its target: every hit has it."""
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


def _check(members: Sequence[Member]) -> None:
    fields = {each.field for each in members}
    for needed, ways in _NEEDED:
        if not any(fields.issuperset(way) for way in ways):
            message = f"the format has no {needed}"
            raise FormatError(f"{message}; say under which name it stands in the JSON")
    both = _inside_each_other(members)
    if both:
        message = f"{both[0]!r} is named as a value, and as an object with values"
        raise FormatError(f"{message}; leave one of both out")


def _inside_each_other(members: Sequence[Member]) -> list[str]:
    """Return the names of what is both a value and an object with values, by `members`."""
    paths = {path for each in members for path in each.paths}
    inner = {path[:length] for path in paths for length in range(1, len(path))}
    return sorted(".".join(path) for path in paths & inner)


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
        line = bare(line)
        if not line.lstrip().startswith(b"{"):  # to fail at decoding takes ten times as long
            return None
        try:
            content = decoded(line)
        except NOT_DECODED:
            return None
        if type(content) is not dict or self._lacks(content):
            return None
        values = {kind: each.value(content) for kind, each in self._format.by_field.items()}
        second, status = read_time(values[Field.TIME]), self._status(values[Field.STATUS])
        if second is None or status is None:
            return None
        attributes: dict[str, Any] = {
            name: _text(each, values[each.field]) for name, each in self._texts.items()
        }
        for name, each in self._measures.items():
            attributes[name] = _measure(each, values[each.field])
        return Hit(second, status, read_amount(values.get(Field.SIZE), 0), **attributes)

    def _status(self, value: Any) -> int | None:
        return 0 if value is None and self._format.status_optional else read_status(value)

    def _lacks(self, content: dict[str, Any]) -> str:
        """Say what `content` lacks that every hit has, except the time; "" if it lacks nothing."""
        mark, request = self._format.mark, self._format.request_member
        if mark is not None and _at(content, mark.path) != mark.text:
            return f"{'.'.join(mark.path)} is not {mark.text!r}"
        if text_of(request.value(content)) is None:
            return _missing("request", request)
        status = self._format.by_field[Field.STATUS]
        if status.value(content) is None and not self._format.status_optional:
            return _missing("status", status)
        return ""

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line` is another message of the program: a time without a request.

        A line with only a request or only a status is no such message: more likely, the format
        names the wrong keys.
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
        has_request = text_of(self._format.request_member.value(content)) is not None
        return not has_request and members[Field.STATUS].value(content) is None

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
    return read_duration(value, each.unit)


def _text(each: Member, value: Any) -> bytes:
    text = text_of(value) or NONE
    return text if each.transform is None else each.transform(text)


def _unreadable(what: str, each: Member) -> str:
    return f"{'.'.join(each.paths[0])} is no {what} that is known"
