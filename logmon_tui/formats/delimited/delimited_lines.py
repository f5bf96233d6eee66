"""The line parser of delimited formats: one regular expression matches the whole line."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import UNKNOWN, Hit
from logmon_tui.formats.model.log_format import LineParser, bare

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from logmon_tui.formats.delimited.delimited_format import DelimitedFormat

T = TypeVar("T", int, "NDArray[np.int64]")


_BLANK = Hit(0, 0, 0)


class DelimitedLineParser(LineParser):
    """Parses single lines of one format with one regular expression."""

    def __init__(self, log_format: "DelimitedFormat") -> None:
        self._format = log_format
        self._match = log_format.match
        # All that is known before is looked up here: a client may send lines that only this reads.
        groups = list(enumerate(log_format.tokens, start=1))
        self._numbers = [
            (group, each.field, each.converter.read, UNKNOWN if each.field in MEASURES else 0)
            for group, each in groups
            if each.converter is not None
        ]
        first = {each.field: (group, each) for group, each in reversed(groups)}
        self._texts = [
            (group, Hit._fields.index(TEXTS[field]), each.transform)
            for field, (group, each) in first.items()
            if field in TEXTS
        ]
        self._measures = [
            (field, Hit._fields.index(MEASURES[field])) for field in first if field in MEASURES
        ]

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        found = self._match(bare(line))
        if found is None:
            return None
        values: dict[Field, int] = {}
        for group, field, read, absent in self._numbers:
            text = found[group]
            value = read(text) if text else absent
            if value is None:
                return None
            if field in values:
                value = self._merged(field, values[field], value)
            values[field] = value
        if self._format.times_are_parts:
            parts = values[Field.RESPONSE_TIME], values[Field.UPSTREAM_TIME]
            values[Field.RESPONSE_TIME] = UNKNOWN if UNKNOWN in parts else sum(parts)
        hit: list[int | bytes] = [*_BLANK]
        hit[:3] = second_of(values), values[Field.STATUS], values.get(Field.SIZE, 0)
        for group, place, transform in self._texts:
            text = found[group]
            hit[place] = text if transform is None else transform(text)
        for field, place in self._measures:
            hit[place] = values[field]
        return Hit._make(hit)

    def _merged(self, field: Field, before: int, value: int) -> int:
        """Return the value of a field that occurs again: the first one, or the sum of parts."""
        if field is Field.RESPONSE_TIME and self._format.times_are_parts:
            return UNKNOWN if UNKNOWN in (before, value) else before + value
        return before

    @cached_property
    def _is_message(self) -> Callable[[bytes], re.Match[bytes] | None]:
        """Compiled on first use: most logs have nothing but hits."""
        return re.compile(self._format.messages).match

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line` is a message of the server."""
        return self._is_message(bare(line)) is not None

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` is no hit."""
        line = bare(line)
        if not line:
            return "empty line"
        return self._format.explain(line) or "no such time"


def second_of(values: Mapping[Field, T]) -> T:
    """Return the UTC epoch second of a line, or of many, from the `values` of its fields."""
    time = values.get(Field.TIME)
    return values[Field.DATE] + values[Field.CLOCK] if time is None else time
