"""`logmon-tui formats`: lists the known formats, or shows how a log is parsed."""

import os
import select
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logmon_tui import units
from logmon_tui.cli import in_force, options
from logmon_tui.cli.choosing import resolve_inputs
from logmon_tui.cli.options import GroupedCommand
from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import UNKNOWN
from logmon_tui.formats.model.log_format import LogFormat

if TYPE_CHECKING:
    from logmon_tui.formats.detection import Recognition
    from logmon_tui.formats.inspection import Inspection, ShownHit

_EXAMPLES = """
logmon-tui formats                                       list the known formats
logmon-tui formats access.log                            which one this log has, and how it parses
logmon-tui formats --format '%h %t "%r" %>s' access.log  how it parses in another format
docker logs web | logmon-tui formats -                   the same of standard input
"""

_BYTES, _LINES = 4 * 1024 * 1024, 10_000
"""Maximum bytes and lines of a log that are inspected."""

_QUIET_SECONDS = 1.0
"""Seconds without input after which what has come by standard input is inspected."""

_EXAMPLES_OF_MEMBERS = 1_000
"""Maximum lines in which fields are looked for that no panel counts."""

MAX_NAMES = 30
"""Maximum names told of such fields."""

_NARROW, _WIDE = 80, 120
_MAX_REASONS, _MAX_RUNNERS_UP = 10, 5


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("log", required=False, type=click.Path(allow_dash=True, readable=False))
@options.log_format
@options.config
@click.pass_context
def formats(ctx: click.Context, /, log: str | None, **parameters: Any) -> None:
    """List the known formats, or show how LOG is parsed.

    It shows which lines are not, and why. Without --format, the format is recognised from the
    lines. At most the first 10,000 lines are inspected.
    """
    settings = in_force.settings_from(parameters)
    width = min(max(shutil.get_terminal_size((_WIDE, 24)).columns, _NARROW), _WIDE)
    found, _ = resolve_inputs(ctx, settings, () if log is None else (log,), live=False)
    lines = _list(found.known, width) if log is None else _inspection(log, found, width)
    click.echo("\n".join(lines))


def _list(known: Sequence[LogFormat], width: int) -> Iterator[str]:
    """Yield the formats by their families, each with an example line."""
    from logmon_tui.formats.wrapped.wrapped_format import WRAPPERS

    widest = max(len(preset.name) for preset in known)
    groups: dict[str, list[LogFormat]] = {}
    for preset in known:
        groups.setdefault(_family(preset), []).append(preset)
    for family, presets in groups.items():
        yield family
        for preset in presets:
            example = (preset.example or preset.definition).expandtabs(2)
            room = width - widest - 4
            yield f"  {preset.name:<{widest}}  {_both_ends(printable(example), room)}"
        yield ""
    wrappers = ", ".join(dict.fromkeys(wrapper.name for wrapper in WRAPPERS))
    yield from textwrap.wrap(f"Lines may stand in what others put around them: {wrappers}.", width)
    yield ""
    more = (
        "JSON of other programs is recognised if its names are the usual ones. --format takes an "
        "Apache LogFormat string or an nginx log_format string, too."
    )
    yield from textwrap.wrap(more, width)


def _family(preset: LogFormat) -> str:
    if preset.header_mark:
        return "Fields named by a header in the log"
    example = preset.example or preset.definition
    return "JSON, an object a line" if example.startswith("{") else "Fields one after the other"


def _inspection(log: str, formats: FormatSelector, width: int) -> Iterator[str]:
    """Yield lines on how a log is parsed. Raises SourceError if it is no access log."""
    from logmon_tui.formats.inspection import further_fields, inspected
    from logmon_tui.formats.parser import recognised_in

    name = "standard input" if log == STANDARD_INPUT else printable(log)
    chunk = _beginning(log)
    lines = chunk.removesuffix(b"\n").split(b"\n")
    given = formats.of(log)
    found = None if given else recognised_in(chunk, known=formats.known)
    log_format = found.format if found else given
    if log_format is None:
        raise SourceError(_unknown_format(name, chunk))
    yield f"{name}: {_format_name(log_format)}"
    yield from _evidence(found, width)
    inspection = inspected(log_format, lines[:_LINES])
    yield _cut(f"  {_counts(inspection)}", width)
    yield from _further(further_fields(log_format, lines[:_EXAMPLES_OF_MEMBERS]), width)
    for shown in inspection.shown:
        yield ""
        yield from _hit(shown, log_format.resolution, width)
    yield from _reasons(inspection, width)


def _further(names: Sequence[str], width: int) -> Iterator[str]:
    """Yield lines on the fields that own panels can count."""
    if names:
        told = ", ".join(map(printable, names[:MAX_NAMES]))
        more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
        text = f"further fields, for panels of your own: {told}{more}"
        yield from textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")


def _beginning(log: str) -> bytes:
    """Return whole lines from the beginning of a log. Raises SourceError if it cannot be read."""
    from logmon_tui.sources.chunks import read_beginning

    if log == STANDARD_INPUT:
        return _standard_input()
    return read_beginning(Path(log), _BYTES)


def _standard_input() -> bytes:
    """Return the input up to its end, or until none has come for `_QUIET_SECONDS`."""
    read = bytearray()
    while len(read) < _BYTES:
        if read and not select.select([0], [], [], _QUIET_SECONDS)[0]:
            break
        block = os.read(0, _BYTES)
        if not block:
            return bytes(read)
        read += block
    return bytes(read[: read.rfind(b"\n") + 1])


def _unknown_format(name: str, chunk: bytes) -> str:
    """Return a line that says what a log is if its format was not recognised."""
    from logmon_tui.formats.file_type import SAMPLE, not_access_log

    file_type = not_access_log(chunk[:SAMPLE])
    if file_type is not None:
        return f"{name} {file_type}"
    first = _cut(printable(chunk.partition(b"\n")[0]), _NARROW)
    return f"{name} is in no format that is known; name one by --format. It begins: {first}"


def _format_name(log_format: LogFormat) -> str:
    """Return the format's name, and its definition unless the name contains it."""
    name, definition = log_format.name, log_format.definition
    return name if definition in name else f"{name}, {printable(definition)}"


def _evidence(found: "Recognition | None", width: int) -> Iterator[str]:
    """Yield lines that say why the log has this format."""
    if found is None:
        yield "  as it was chosen"
        return
    yield f"  recognised: {found.hits} of {found.lines} sample lines are hits"
    if found.why:
        yield f"  told apart by its values: {found.why}"
    if found.runners_up:
        others = [f"{name} {hits}" for name, hits in found.runners_up[:_MAX_RUNNERS_UP]]
        yield _cut(f"  hits in other formats: {', '.join(others)}", width)


def _counts(inspection: "Inspection") -> str:
    unparsed = inspection.lines - inspection.hits - inspection.others
    text = f"of the first {inspection.lines:,} lines: {inspection.hits:,} hits"
    if inspection.others:
        text += f", {inspection.others:,} directives or messages"
    return f"{text}, {unparsed:,} not parsed"


def _hit(shown: "ShownHit", resolution: int, width: int) -> Iterator[str]:
    yield _cut(f"line {shown.number}  {printable(shown.line)}", width)
    widest = max(len(name) for name in shown.values)
    for name, value in shown.values.items():
        yield _cut(f"  {name:<{widest}}  {_value(name, value, resolution)}", width)


def _value(name: str, value: bytes | int, resolution: int) -> str:
    if isinstance(value, bytes):
        return printable(value)
    if name == Field.TIME:
        return f"{units.date_time(value)} UTC"
    if value == UNKNOWN:
        return "-"
    return units.seconds(value / 1e6, resolution / 1e6) if name in _TIMES else str(value)


_TIMES = {Field.RESPONSE_TIME.value, Field.UPSTREAM_TIME.value}


def _reasons(inspection: "Inspection", width: int) -> Iterator[str]:
    """Yield the reasons why lines were not parsed, each with its first line."""
    if inspection.reasons:
        yield ""
        yield "not parsed"
    for reason in inspection.reasons[:_MAX_REASONS]:
        yield _cut(f"  {reason.count:>6}  {printable(reason.text)}", width)
        yield _cut(f"          line {reason.number}  {printable(reason.line)}", width)
    left = inspection.reasons[_MAX_REASONS:]
    if left:
        yield f"  {sum(reason.count for reason in left):>6}  for {len(left)} other reasons"


def _both_ends(text: str, width: int) -> str:
    """Cut the middle out of a `text` that is too long: formats differ at both ends."""
    if len(text) <= width:
        return text
    behind = width // 3
    return f"{text[: width - behind - 1]}…{text[-behind:]}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
