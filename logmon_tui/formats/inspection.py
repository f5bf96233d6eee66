"""Shows how the first lines of a log are parsed in a format, and why lines are no hits."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from logmon_tui.formats.json.json_format import JsonFormat
from logmon_tui.formats.json.json_names import further_members
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.values import path_of, section_of, split_request
from logmon_tui.formats.wrapped.wrapped_format import WrappedFormat, unwrapped_lines

SHOWN_HITS = 2
"""Maximum hits shown in detail."""

_PLACE = re.compile(r"column \d+")


class ShownHit(NamedTuple):
    """A hit on the line `number` (from 1), with its values by the names of the fields.

    The time is a UTC epoch second; measures are microseconds and bytes.
    """

    number: int
    line: bytes
    values: dict[str, bytes | int]


@dataclass(slots=True)
class Reason:
    """Why `count` lines are no hits; the first of them is `line`, with the `number` (from 1)."""

    text: str
    number: int
    line: bytes
    count: int = 0


@dataclass(slots=True)
class Inspection:
    """The result for `lines` lines: `hits`, `others` (legitimate but no hits), and unparsed ones.

    `shown` are the first hits; `reasons` say why lines did not parse, most frequent first.
    """

    lines: int = 0
    hits: int = 0
    others: int = 0
    shown: list[ShownHit] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)


def further_fields(log_format: LogFormat, lines: Sequence[bytes]) -> list[str]:
    """Return the names of the fields that own panels can count: no other panel does."""
    if isinstance(log_format, WrappedFormat):
        inside, _ = unwrapped_lines(log_format.wrapper, lines)
        return further_fields(log_format.inner, inside)
    if isinstance(log_format, JsonFormat):
        return further_members(log_format, lines)
    return list(log_format.following(b"\n".join([*lines, b""])).extra)


def inspected(log_format: LogFormat, lines: Sequence[bytes]) -> Inspection:
    """Return how `lines` (without their newlines) are parsed in `log_format`."""
    if isinstance(log_format, WrappedFormat):
        inside, numbers = unwrapped_lines(log_format.wrapper, lines)
        found = inspected(log_format.inner, inside)
        _show_as_logged(found, lines, numbers)
        return found
    log_format = log_format.tolerant()
    found = Inspection(len(lines))
    reasons: dict[str, Reason] = {}
    parser = log_format.line_parser()
    for number, line in enumerate(lines, start=1):
        following = log_format.following(line + b"\n")
        if following is not log_format:
            log_format, parser = following, following.line_parser()
        hit = parser.parse(line)
        if hit is not None:
            found.hits += 1
            if len(found.shown) < SHOWN_HITS:
                values = dict(_values(hit, log_format.fields))
                found.shown.append(ShownHit(number, line, values))
        elif parser.is_other(line):
            found.others += 1
        else:
            text = parser.reason(line)
            kind = _PLACE.sub("column", text)  # the column does not matter
            reasons.setdefault(kind, Reason(text, number, line)).count += 1
    found.reasons = sorted(reasons.values(), key=lambda reason: -reason.count)
    return found


def _show_as_logged(found: Inspection, lines: Sequence[bytes], numbers: Sequence[int]) -> None:
    """Replace inner lines in `found` by the raw `lines` of the log, wrapper included.

    Inner line i ends on the raw line `numbers[i]`. Raw lines that do not end an inner line count
    among the others.
    """

    def logged(number: int) -> tuple[int, bytes]:
        place = numbers[number - 1]
        return place + 1, lines[place]

    found.others += len(lines) - found.lines
    found.lines = len(lines)
    found.shown = [ShownHit(*logged(hit.number), hit.values) for hit in found.shown]
    for reason in found.reasons:
        reason.number, reason.line = logged(reason.number)


def _values(hit: Hit, fields: frozenset[Field]) -> Iterator[tuple[str, bytes | int]]:
    """Yield the values of a hit by name, in the order in which people read them."""
    yield "time", hit.second
    for kind, name in TEXTS.items():
        if kind in fields:
            yield kind.value, getattr(hit, name)
            if kind in _SECTIONS:
                yield "section", _SECTIONS[kind](hit)
    yield Field.STATUS.value, hit.status
    if Field.SIZE in fields:
        yield Field.SIZE.value, hit.size
    for kind, measure in MEASURES.items():
        if kind in fields:
            yield kind.value, getattr(hit, measure)


_SECTIONS = {
    Field.REQUEST: lambda hit: split_request(hit.request).section,
    Field.TARGET: lambda hit: section_of(path_of(hit.target)),
}
