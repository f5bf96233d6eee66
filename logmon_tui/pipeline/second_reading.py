"""Reads the time around some incidents of a report once more, to find out why they fired.

Only files can be read again, pipes cannot. What is read is bounded, and chosen by what was noted
of each chunk when it was read first. `SecondLook` makes evidence of it.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import TAIL_LINES, Dimension, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.newest_lines import MAX_LINES, NewestLines
from logmon_tui.formats.route_columns import routed
from logmon_tui.formats.routes import Routing
from logmon_tui.metrics.unparsed_times import UnparsedPlaces, UnparsedTimes
from logmon_tui.monitor.second_look import Look, SecondLook, looks_of
from logmon_tui.monitor.selection import Ignoring
from logmon_tui.snapshot import Report
from logmon_tui.sources.again import FileAgain, Part
from logmon_tui.sources.listed import Sibling

MAX_BYTES = 64 * 1024 * 1024
"""Maximum bytes that are parsed again. Incidents for whose windows they do not suffice go without
evidence; the most telling ones come first."""


class ReadPart(NamedTuple):
    """A chunk that was read: its place, the first and the last second of its lines, its format.

    `before` is the newest second of the log's hits before it, 0 if there were none.
    """

    part: Part
    before: int
    first: int
    last: int
    log_format: LogFormat


class LogRead(NamedTuple):
    """A log that was read: its files and its parts, in order.

    If several logs were read, `source` is the name that its hits get.
    """

    files: Sequence[Sibling]
    source: bytes | None
    parts: Sequence[ReadPart]


def with_evidence(
    report: Report, logs: Sequence[LogRead], settings: Settings, routing: Routing
) -> Report:
    """Return a report with why its most telling incidents fired, as far as logs can be read again.

    What cannot be read any more is left out.
    """
    wanted = _affordable(looks_of(report, settings), logs)
    if not wanted:
        return report
    look = SecondLook(report, wanted, settings)
    ignoring = Ignoring(settings)
    lines = NewestLines(routing)
    with ExitStack() as stack:
        opened = [
            _LogAgain(
                log,
                [stack.enter_context(closing(FileAgain(file))) for file in log.files],
                routing,
                look.dimensions | ignoring.judged_dimensions,
                look.take_unparsed,
            )
            for log in logs
        ]
        found = {}
        for place, each in enumerate(look.looks):
            earliest = min(later.begin for later in look.looks[place:])
            for log in opened:
                log.forget(earliest)
            if _read_around(each, opened, look, lines, ignoring):
                explained = look.explained(lines.parsed())
                found[explained.id] = explained
            else:
                look.give_up()  # a part of the hits would explain something else
    return replace(report, incidents=tuple(found.get(each.id, each) for each in report.incidents))


def _read_around(
    wanted: Look,
    logs: Sequence["_LogAgain"],
    look: SecondLook,
    lines: NewestLines,
    ignoring: Ignoring,
) -> bool:
    """Hand `look` the hits of an incident; tell whether all of them could be read."""
    try:
        for log in logs:
            for hits in log.read(wanted.begin, wanted.end, lines, MAX_LINES // len(logs)):
                look.take(ignoring.judged(hits))
    except (OSError, EOFError):
        return False
    return True


def _affordable(looks: Sequence[Look], logs: Sequence[LogRead]) -> list[Look]:
    """Return those of `looks` that have something to read, and no more than `MAX_BYTES` in all."""
    taken: set[tuple[int, int]] = set()
    size, chosen = 0, []
    for look in looks:
        needed = {
            (number, place)
            for number, log in enumerate(logs)
            for place in _overlapping(log.parts, look.begin, look.end)
        }
        more = sum(_length(logs[number].parts[place].part) for number, place in needed - taken)
        if needed and size + more <= MAX_BYTES:
            taken |= needed
            size += more
            chosen.append(look)
    return chosen


def _overlapping(parts: Sequence[ReadPart], begin: int, end: int) -> Iterator[int]:
    """Yield the numbers of the parts with hits between two seconds, both of them included."""
    return (number for number, each in enumerate(parts) if each.first <= end and each.last >= begin)


def _length(part: Part) -> int:
    return part.end - part.start


class _Loaded:
    """A part that was parsed again, whose hits are handed over up to one second after another.

    `lines` are those of the part.
    """

    def __init__(self, hits: HitBatch, lines: list[bytes], log_format: LogFormat) -> None:
        self._hits = hits
        self._lines = lines
        self._log_format = log_format
        self._reached: int | None = None
        self._noted = 0  # lines
        self.last = int(hits.seconds.max())

    def hits_up_to(self, second: int) -> HitBatch:
        """Return the hits up to `second` that were not returned before."""
        rows: NDArray[np.bool_] = self._hits.seconds <= second
        if self._reached is not None:
            rows &= self._hits.seconds > self._reached
        self._reached = second
        return self._hits if rows.all() else self._hits.select(np.flatnonzero(rows))

    def note_lines(self, second: int, newest: NewestLines, source: bytes | None, most: int) -> None:
        """Add to `newest` the lines of hits up to `second` that were not added, `most` at most."""
        rows = np.flatnonzero(self._hits.seconds <= second)
        if self._hits.lines is None or not len(rows):
            return
        end = int(self._hits.lines[rows[-1]]) + 1
        for start in range(max(self._noted, end - most), end, TAIL_LINES):
            lines = self._lines[start : min(end, start + TAIL_LINES)]
            newest.note(self._log_format, lines, source)
        self._noted = max(self._noted, end)


class _LogAgain:
    """A log that is read once more around incidents, in the order of their triggers.

    Its hits have the `dimensions` alone. `note_unparsed` is told of seconds, and how many unparsed
    lines each of them has.
    """

    def __init__(
        self,
        log: LogRead,
        files: Sequence[FileAgain],
        routing: Routing,
        dimensions: Container[Dimension],
        note_unparsed: Callable[[int, int], None],
    ) -> None:
        self._dimensions = dimensions
        self._note_unparsed = note_unparsed
        self._log = log
        self._files = files
        self._routing = routing
        self._loaded: dict[int, _Loaded | None] = {}

    def read(self, begin: int, end: int, newest: NewestLines, most: int) -> Iterator[HitBatch]:
        """Yield the hits from `begin` to `end` that were not yielded before, and maybe others.

        None of them is later than `end`. Up to `most` of their lines are added to `newest`.
        Raises OSError, or EOFError, if a file cannot be read as before.
        """
        for number in _overlapping(self._log.parts, begin, end):
            if number not in self._loaded:
                self._loaded[number] = self._load(self._log.parts[number])
            loaded = self._loaded[number]
            if loaded is not None:
                yield loaded.hits_up_to(end)
                loaded.note_lines(end, newest, self._log.source, most)
                if loaded.last <= end:
                    self._loaded[number] = None  # read to its end

    def forget(self, before: int) -> None:
        """Drop the parts of which all is before a second; nobody will ask for them again."""
        for number, loaded in self._loaded.items():
            if loaded is not None and loaded.last < before:
                self._loaded[number] = None

    def _load(self, read: ReadPart) -> _Loaded | None:
        """Read and parse a part again; None if it has no hits any more."""
        text = self._files[read.part.file].lines_of(read.part)
        columnar = read.log_format.columnar()
        try:
            batch = columnar.parse(text)
        except Exception:  # noqa: BLE001 - it was parsed line by line at first, too
            batch = columnar.parse_by_lines(text)
        if not len(batch):
            return None
        unparsed = UnparsedTimes()
        unparsed.observe(read.before)
        unparsed.add_among(UnparsedPlaces.of(batch), batch.seconds)
        for second, lines in unparsed.taken():
            self._note_unparsed(second, lines)
        batch = routed(batch, self._routing)
        if self._log.source is not None:
            batch = batch.with_source(self._log.source)
        columns = {each: batch.columns[each] for each in batch.columns if each in self._dimensions}
        return _Loaded(replace(batch, columns=columns), text.split(b"\n"), read.log_format)
