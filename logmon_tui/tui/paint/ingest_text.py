"""The lines of the ingest panel: each a list of texts with the names of their inks. Pure."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from logmon_tui import units
from logmon_tui.metrics.lateness import LATEST
from logmon_tui.snapshot import Fleet, Ingest, Saving, TargetStatus
from logmon_tui.sources.base import SourceState, SourceStatus
from logmon_tui.tui.paint.cells import crop, crop_start, left, right, shown, width_of, wrapped
from logmon_tui.tui.paint.health import LOW_PARSED, oddities
from logmon_tui.tui.paint.server_text import (
    by_trouble,
    counted,
    is_incomplete,
    sign_of,
    troubles,
)

MIN_NAME_WIDTH = 20
MAX_LOGS = 20
"""Maximum logs that have a line each, those that are read worst first."""
MAX_HOSTS = 5
"""Maximum hosts whose problem is told; the panel of hosts has all of them."""
GAP = "   "
INDENT = "  "
DIM, WARNING = "panel--dim", "panel--warning"

Words = list[tuple[str, str]]
"""Pieces of a line: texts that are safe to paint, each with the component class of its ink."""


class Column(NamedTuple):
    """A column of a table; when room is short, columns of the highest `rank` go first."""

    title: str
    width: int
    rank: int


STATE = Column("state", 11, 0)
READ = Column("read", 18, 2)
ROTATED = Column("rotated", 7, 4)
TRUNCATED = Column("truncated", 9, 1)
OVERSIZE = Column("oversize", 8, 3)
COLUMNS = (STATE, READ, ROTATED, TRUNCATED, OVERSIZE)

KIND = Column("kind", 8, 3)
SENT = Column("sent", 7, 1)
UNSENT = Column("waiting", 7, 2)
DROPPED = Column("dropped", 8, 0)
TARGET_COLUMNS = (KIND, SENT, UNSENT, DROPPED)

_SIGNS = {
    SourceState.WAITING: ("◌", WARNING),
    SourceState.CATCHING_UP: ("⟳", "panel--header"),
    SourceState.LIVE: ("●", "alert--recovered"),
    SourceState.ENDED: ("■", "panel--strong"),
    SourceState.FAILED: ("✗", "alert--firing"),
}


def flowing(parts: Sequence[Words], width: int) -> Iterator[Words]:
    """Yield lines with as many parts as fit into `width` cells; no part is broken."""
    row: Words = []
    used = 0
    for part in parts:
        needed = sum(width_of(text) for text, _ in part)
        if row and used + len(GAP) + needed > width:
            yield row
            row, used = [], 0
        if row:
            row.append((GAP, ""))
            used += len(GAP)
        row += part
        used += needed
    yield row


def figures(ingest: Ingest) -> list[Words]:
    """Return the totals, one part for each."""
    low = ingest.parsed_share < LOW_PARSED
    parts = [
        _labelled("lines", units.count(ingest.hits + ingest.unparsed + ingest.others)),
        _labelled("parsed", f"{units.percent(ingest.parsed_share)} %", warn=low),
        _labelled("lag", f"{ingest.lag:.1f} s"),
    ]
    if ingest.evaluation_delay:
        parts.append(_labelled("alerts", f"{ingest.evaluation_delay:.1f} s later"))
    if ingest.late_for_alerts:
        parts.append(_labelled("late for alerts", units.count(ingest.late_for_alerts)))
    if ingest.lines_per_second:
        parts.append(_labelled("lines/s", units.count(ingest.lines_per_second)))
    parts.append(_labelled("format", ", ".join(map(shown, ingest.formats)) or "…"))
    if ingest.others:
        parts.append(_labelled("other lines", units.count(ingest.others)))
    if ingest.ignored:
        parts.append(_labelled("ignored", units.count(ingest.ignored)))
    for name, number in oddities(ingest):
        if number:
            parts.append(_labelled(name, units.count(number), warn=True))
        else:
            parts.append([(f"{name} 0", DIM)])
    rotations = units.count(ingest.rotations)
    return [*parts, [(f"rotations {rotations}", "" if ingest.rotations else DIM)]]


def too_late(ingest: Ingest) -> str:
    """Say by how much hits come later than alerts wait for them; empty if they do not."""
    late, delay = ingest.lateness, ingest.evaluation_delay
    if late <= delay:
        return ""
    more = " or more" if late > LATEST else ""
    waits = f"alerts wait {delay:.1f} s" if delay else "alerts do not wait"
    mend = f"evaluation-delay = {ceil(late) + 1} would judge all of them"
    return f"hits come {min(late, LATEST):.1f} s late{more}, {waits}: {mend}"


def slow_rows(why: str, width: int) -> Iterator[Words]:
    """Yield why the slow line parser reads all lines; nothing if the compiled scanner works."""
    if why:
        text = f"read by the line parser, slowly: {shown(why)}"
        yield [(crop(text, width), WARNING)]


def _labelled(label: str, value: str, *, warn: bool = False) -> Words:
    if warn:
        return [(f"! {label} {value}", WARNING)]
    return [(f"{label} ", DIM), (value, "panel--strong")]


def log_rows(sources: Sequence[SourceStatus], width: int) -> Iterator[Words]:
    """Yield a table of the logs, with each log's problem below it."""
    columns = _fitting(width, COLUMNS)
    name_width = max(0, width - len(INDENT) - _width_of_all(columns))
    titles = "".join(_cell(column, column.title) for column in columns)
    yield [(left(INDENT + "log", name_width + len(INDENT)) + titles, "panel--header")]
    shown_ones = sorted(sources, key=_is_well)[:MAX_LOGS] if len(sources) > MAX_LOGS else sources
    for source in shown_ones:
        sign, ink = _SIGNS[source.state]
        name = left(crop_start(shown(source.name), name_width), name_width)
        yield [(f"{sign} ", ink), (name, ""), *_log_cells(source, ink, columns)]
        if source.polling:
            yield [(crop(f"{INDENT}⟲ polling, for file events do not work here", width), WARNING)]
        yield from paragraph(source.message, "! ", WARNING, width)
    if others := len(sources) - len(shown_ones):
        yield [(f"{INDENT}and {others:,} more logs", DIM)]


def _is_well(source: SourceStatus) -> bool:
    return source.state is SourceState.LIVE and not source.message


def host_rows(fleet: Fleet, width: int) -> Iterator[Words]:
    """Yield how the hosts are that write the logs, what was lost of them, and the worst problems.

    There are a few lines however many hosts there are; none if all logs are of this machine.
    """
    if not fleet.servers:
        return
    lost = sum(server.lost for server in fleet.servers)
    left_out = sum(server.left_out for server in fleet.servers)
    parts: list[Words] = [[(f"{INDENT}{counted(fleet)}", WARNING if is_incomplete(fleet) else "")]]
    parts += [[(each, "")] for each in troubles(fleet)]
    if lost:
        parts.append(_labelled("lines lost", units.count(lost), warn=True))
    if left_out:
        parts.append(_labelled("lines left out", units.count(left_out)))
    yield from flowing(parts, width)
    told = sorted((server for server in fleet.servers if server.message), key=by_trouble)
    for server in told[:MAX_HOSTS]:
        name = server.name.decode("utf-8", "surrogateescape")
        yield from paragraph(f"{name}: {server.message}", f"{sign_of(server)[0]} ", WARNING, width)
    if len(told) > MAX_HOSTS:
        yield [(f"{INDENT}and {len(told) - MAX_HOSTS:,} more hosts with a problem: H", DIM)]


def _fitting(width: int, known: Sequence[Column]) -> list[Column]:
    columns = list(known)
    while len(columns) > 1 and width - _width_of_all(columns) < MIN_NAME_WIDTH:
        columns.remove(max(columns, key=lambda column: column.rank))
    return columns


def _width_of_all(columns: Sequence[Column]) -> int:
    return sum(column.width + 2 for column in columns)


def _cell(column: Column, text: str) -> str:
    return INDENT + (left if column in {STATE, KIND} else right)(text, column.width)


def _log_cells(source: SourceStatus, state_ink: str, columns: Sequence[Column]) -> Words:
    sizes = f"{units.spoken_size(source.position)} of {units.spoken_size(source.size)}"
    read = sizes if source.size else "·"
    cells = {
        STATE: (source.state.value, state_ink),
        READ: (read, DIM if source.position == source.size else ""),
        ROTATED: _counted(source.rotations, ""),
        TRUNCATED: _counted(source.truncations, WARNING),
        OVERSIZE: _counted(source.oversize, WARNING),
    }
    return [(_cell(column, cells[column][0]), cells[column][1]) for column in columns]


def _counted(count: int, ink: str) -> tuple[str, str]:
    sign = "! " if ink == WARNING else ""
    return (f"{sign}{units.count(count)}", ink) if count else ("·", DIM)


def paragraph(text: str, sign: str, ink: str, width: int) -> Iterator[Words]:
    """Yield `text` in full, indented, after `sign`; nothing if there is no text."""
    rows = wrapped(sign + shown(text), width - len(INDENT)) if text else []
    return ([(INDENT + row, ink)] for row in rows)


def saving_rows(saving: Saving, width: int, now: float) -> Iterator[Words]:
    """Yield the status of the saved state; `now` is wall time in epoch seconds."""
    yield from paragraph(saving.problem, "! ", WARNING, width)
    if saving.file and (saving.saved_at is not None or not saving.problem):
        yield _file_row(saving, width, now)
    elif not saving.problem:
        yield [(INDENT + "the state is not saved", DIM)]
    yield from paragraph(saving.note, "", DIM, width)


def _file_row(saving: Saving, width: int, now: float) -> Words:
    when = "not saved yet" if saving.saved_at is None else f"saved {_ago(now - saving.saved_at)}"
    well = saving.saved_at is not None and not saving.problem
    text = f"state {when}{GAP}"
    file = crop_start(shown(saving.file), width - len(INDENT) - len(text))
    return [
        ("✓ " if well else INDENT, "alert--recovered"),
        (text, "" if well else DIM),
        (file, DIM),
    ]


def _ago(seconds: float) -> str:
    return f"{units.duration(seconds)} ago" if seconds >= 1 else "just now"


def target_rows(targets: Sequence[TargetStatus], width: int) -> Iterator[Words]:
    """Yield a table of the notification targets, with each target's problem below it."""
    if not targets:
        return
    columns = _fitting(width, TARGET_COLUMNS)
    name_width = max(0, width - len(INDENT) - _width_of_all(columns))
    titles = "".join(_cell(column, column.title) for column in columns)
    yield [(left(INDENT + "target", name_width + len(INDENT)) + titles, "panel--header")]
    for target in targets:
        sign = ("✗ ", "alert--firing") if target.problem else ("● ", "alert--recovered")
        cells = {
            KIND: (target.kind, ""),
            SENT: _counted(target.sent, ""),
            UNSENT: _counted(target.waiting, ""),
            DROPPED: _counted(target.dropped, WARNING),
        }
        name = left(crop(shown(target.name), name_width), name_width)
        yield [
            sign,
            (name, ""),
            *((_cell(each, cells[each][0]), cells[each][1]) for each in columns),
        ]
        yield from paragraph(target.problem, "! ", WARNING, width)


def unparsed_rows(ingest: Ingest, width: int) -> Iterator[Words]:
    """Yield the newest unparsed lines, newest first, each below its reason."""
    lines = ingest.unparsed_lines
    if not lines:
        yield [(INDENT + "no unparsed lines" + " are kept" * bool(ingest.unparsed), DIM)]
        return
    kept = units.count(ingest.unparsed - ingest.oversize)
    dropped = f", and {units.count(ingest.oversize)} too long to keep" if ingest.oversize else ""
    title = f"unparsed lines, newest first ({len(lines)} of {kept}{dropped})"
    yield [(crop(INDENT + title, width), "panel--header")]
    reason = ""
    for unparsed in reversed(lines):
        if unparsed.reason != reason:
            reason = unparsed.reason
            yield [(crop(f"! {shown(reason)}", width), WARNING)]
        yield [(INDENT + crop(shown(unparsed.line), width - len(INDENT)), "")]
