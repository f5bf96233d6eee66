"""The line parser of delimited formats: one regular expression matches the whole line."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from logmon_tui.formats.delimited.tokens import Token
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import UNKNOWN, Hit
from logmon_tui.formats.model.log_format import LineParser, bare

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from logmon_tui.formats.delimited.delimited_format import DelimitedFormat

T = TypeVar("T", int, "NDArray[np.int64]")


class DelimitedLineParser(LineParser):
    """Parses single lines of one format with one regular expression."""

    def __init__(self, log_format: "DelimitedFormat") -> None:
        self._format = log_format
        self._match = log_format.match
        self._is_message = re.compile(log_format.messages).match
        numbered = list(enumerate(log_format.tokens))
        self._numbers = [(at, each) for at, each in numbered if each.converter is not None]
        self._texts: dict[str, tuple[int, Token]] = {}
        for at, each in numbered:
            if each.field in TEXTS:
                self._texts.setdefault(TEXTS[each.field], (at, each))

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        found = self._match(bare(line))
        if found is None:
            return None
        values: dict[Field, int] = {}
        for at, each in self._numbers:
            value = _read(each, found[at + 1])
            if value is None:
                return None
            values[each.field] = self._merged(each.field, values.get(each.field), value)
        if self._format.times_are_parts:
            parts = values[Field.RESPONSE_TIME], values[Field.UPSTREAM_TIME]
            values[Field.RESPONSE_TIME] = UNKNOWN if UNKNOWN in parts else sum(parts)
        attributes: dict[str, Any] = {
            name: _transformed(each, found[at + 1]) for name, (at, each) in self._texts.items()
        }
        for kind, measure in MEASURES.items():
            if kind in values:
                attributes[measure.value] = values[kind]
        return Hit(second_of(values), values[Field.STATUS], values.get(Field.SIZE, 0), **attributes)

    def _merged(self, field: Field, before: int | None, value: int) -> int:
        """Return the value of a field that may occur before: the first one, or the sum of parts."""
        if before is None:
            return value
        if field is Field.RESPONSE_TIME and self._format.times_are_parts:
            return UNKNOWN if UNKNOWN in (before, value) else before + value
        return before

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line` is a message of the server."""
        return self._is_message(bare(line)) is not None

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` is no hit."""
        line = bare(line)
        if not line:
            return "empty line"
        return self._format.explain(line) or "no such time"


def _read(each: Token, text: bytes) -> int | None:
    if each.converter is None:
        return None
    if not text:  # the token is optional
        return UNKNOWN if each.field in MEASURES else 0
    return each.converter.read(text)


def _transformed(each: Token, text: bytes) -> bytes:
    return text if each.transform is None else each.transform(text)


def second_of(values: Mapping[Field, T]) -> T:
    """Return the UTC epoch second of a line, or of many, from the `values` of its fields."""
    time = values.get(Field.TIME)
    return values[Field.DATE] + values[Field.CLOCK] if time is None else time
