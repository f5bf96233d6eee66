"""Reads whole logs once for a report: several side by side, in the order of their times.

This module reads; ReportBuilder counts and judges.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.counter_keys import RuleColumns, columns_of
from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.config.settings import Settings
from logmon_tui.escape import printable
from logmon_tui.formats.clients import Locate
from logmon_tui.formats.detection import timestamp_reader
from logmon_tui.formats.file_type import SAMPLE, not_access_log
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.model.vocabulary import LANES
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.route_columns import routed
from logmon_tui.formats.routes import Routing
from logmon_tui.monitor.report_builder import ReportBuilder, counted_batch
from logmon_tui.monitor.selection import SelectedCounts, Selection, draws_charts
from logmon_tui.native.library import memory_kept
from logmon_tui.pipeline.in_turn import InTurn
from logmon_tui.pipeline.parse_ahead import MOST_AHEAD, parsed_ahead, threads_here
from logmon_tui.snapshot import Report
from logmon_tui.sources.again import Part
from logmon_tui.sources.chunks import CHUNK, read_chunks, read_descriptor, read_sibling
from logmon_tui.sources.compressed import is_compressed
from logmon_tui.sources.file_part import FilePart
from logmon_tui.sources.file_parts import LEAST, MOST, read_parts
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.listed import Sibling, file_at

if TYPE_CHECKING:
    from logmon_tui.pipeline.second_reading import ReadPart

_PEEK = 64 * 1024
"""Bytes read from the beginning of a log to find its first second."""

MOST_HITS = 68_000
"""Hits of a large part, about: its columns take their memory, however short its lines are."""

_TRIALS = 2 * LANES
"""Chunks that are a trial of words: in each lane two, after which it knows whether they repeat."""

_SMALL_PARTS = _TRIALS + 1
"""Parts that are small whether or not words repeat, which is not known yet."""

_LEAST = 128 * 1024
"""Minimum bytes of a chunk, however many logs are open: small chunks cost more a line."""


class _Wanted(msgspec.Struct, frozen=True):
    """How routes are made of paths, what the rules look at, and which hits are counted.

    `again` tells whether parts of the log may be read again.
    """

    routing: Routing
    rule_columns: RuleColumns
    selection: Selection
    again: bool = False


class _ChunkRead(msgspec.Struct, frozen=True):
    """A chunk of `size` bytes that was read.

    It has a `place` if it is in a file, and is a `part` unless its bytes were read as well.
    """

    size: int
    place: Part | None
    part: FilePart | None


class _ChunkParsed(msgspec.Struct, frozen=True):
    """What a chunk tells of later ones: whether they may be large, and the bytes a hit takes."""

    may_be_large: bool
    hit_bytes: int


class _WholeLog:
    """A log as one stream of batches, made of its `files`, oldest first.

    If several logs are read, `source` is the name that its hits get. `hits` counts the hits read
    so far.
    """

    def __init__(
        self,
        log: str,
        files: Sequence[Sibling],
        source: bytes | None,
        formats: FormatSelector,
        wanted: _Wanted,
    ) -> None:
        self.log = log
        self.files = files
        self.hits = 0
        self.splitter = LineSplitter()
        self.source = source
        self._wanted = wanted
        self._parser = Parser(formats.of(log), formats.known, formats.own)
        self._sample = b""
        self._chunks_read: deque[_ChunkRead] = deque()  # not parsed yet
        self._begun = 0  # chunks read
        self._parsed: list[_ChunkParsed] = []
        self._newest = 0  # second of the hits so far
        self.read_parts: list[ReadPart] = []

    def read(self, size: int) -> Iterator[tuple[HitBatch, SelectedCounts]]:
        """Yield the log's batches, each with its counts, from chunks of about `size` bytes.

        Raises SourceError when a file cannot be read.
        """
        chunks, threads = self._chunks(size), threads_here()
        # Several logs would each keep vocabularies of their own, which takes too much memory.
        alone = self.source is None
        for counted in parsed_ahead(chunks, self._parser, threads, self._count, keep_words=alone):
            self.hits += len(counted[0])
            parser = self._parser.columnar
            reads_files = parser is not None and parser.reads_files
            read = self._chunks_read.popleft()
            may_be_large = reads_files and counted[1].sums.of_words
            hit_bytes = read.size // max(1, len(counted[0]))
            self._parsed.append(_ChunkParsed(may_be_large, hit_bytes))
            self.splitter.oversize += read.part.oversize if read.part else 0
            if self._wanted.again:
                self._note_part(counted[0], read.place)
            yield counted

    def _note_part(self, batch: HitBatch, place: Part | None) -> None:
        """Note where the chunk of a batch is, so that it can be read again."""
        parser = self._parser.columnar
        if place is not None and parser is not None and len(batch):
            first, last = int(batch.seconds.min()), int(batch.seconds.max())
            if batch.unparsed and not batch.unparsed_after[0] and self._newest:
                first = min(first, self._newest)  # lines before its hits count as those before
            from logmon_tui.pipeline.second_reading import ReadPart  # only charts need it

            self.read_parts.append(ReadPart(place, self._newest, first, last, parser.log_format))
            self._newest = max(self._newest, last)

    def _count(self, batch: HitBatch) -> tuple[HitBatch, SelectedCounts]:
        batch = routed(batch, self._wanted.routing)
        batch = batch if self.source is None else batch.with_source(self.source)
        return counted_batch(batch, self._wanted.rule_columns, self._wanted.selection)

    def _chunks(self, size: int) -> Iterator[bytes | FilePart]:
        for chunk, place in self._placed(size):
            if isinstance(chunk, FilePart):
                self._chunks_read.append(_ChunkRead(chunk.end - chunk.start, place, chunk))
            else:  # as the first chunk is
                self._sample = self._sample or chunk[:SAMPLE]
                self._chunks_read.append(_ChunkRead(len(chunk), place, None))
            self._begun += 1
            yield chunk

    def _placed(self, size: int) -> Iterator[tuple[bytes | FilePart, Part | None]]:
        """Yield the chunks of all files, each with its place, if it is in a file."""
        if self.log == STANDARD_INPUT:
            yield from ((chunk, None) for chunk in read_descriptor(0, size, self.splitter))
        elif not self.files:
            chunks = read_chunks(Path(self.log), size, self.splitter)
            yield from ((chunk, None) for chunk in chunks)
        for number, file in enumerate(self.files):
            begin, start = self.splitter.fed, 0
            for chunk in self._of_file(file, size):
                end = self.splitter.fed - self.splitter.held - begin
                yield chunk, Part(number, start, end)
                start = end

    def _of_file(self, file: Sibling, size: int) -> Iterator[bytes | FilePart]:
        if self.source is not None:
            return read_sibling(file, size, self.splitter)
        return read_parts(file, self.splitter, self._parser.reads_files, size, self._most)

    def _most(self) -> int:
        """Return the maximum bytes of the next part.

        Where words do not repeat, large batches with their texts would take too much memory, and
        so would large chunks of a format that is read by chunks. What is read again for charts is
        chosen by its parts, so these must not be large either. The answer does not depend on how
        many threads parse: so the same log gives the same report.
        """
        known = self._begun - MOST_AHEAD
        if known < _SMALL_PARTS or self._wanted.again:
            return LEAST
        lately = self._parsed[known - _TRIALS : known + 1]
        if not all(each.may_be_large for each in lately):
            return LEAST
        return max(LEAST, min(MOST, MOST_HITS * lately[-1].hit_bytes))

    def wrong_file_type(self) -> str | None:
        """Return a line that says what the log is, if it is recognised and is no access log."""
        what = None if self.hits or self.splitter.oversize else not_access_log(self._sample)
        return what and f"{printable(self.log)} {what}"


def read_report(  # noqa: PLR0913 - the last ones are choices
    logs: Sequence[str],
    settings: Settings,
    formats: FormatSelector,
    since: int | None = None,
    until: int | None = None,
    *,
    locate: Locate | None = None,
    extra_rows: int = 0,
    seen: bool = False,
) -> Report:
    """Return the report of `logs`: paths, or `-` for standard input.

    It is about the hits that the settings choose, from the second `since` to that before `until`
    (epoch). `locate` tells where clients are; `extra_rows` and `seen` are as in ReportBuilder.
    Raises SourceError when a log cannot be read.
    """
    selection = Selection(settings, since, until)
    several = len(logs) > 1
    names: Sequence[bytes | None] = [None]
    if several:
        from logmon_tui.sources.names import short_names  # most reports are of one log

        names = short_names(logs)
    listed = list(_files_of(logs, formats, rotated=settings.with_rotated))
    # Naming the route of each hit takes time, so only rules and filters that ask for routes pay
    # for it. The report makes its own routes of the distinct paths.
    rule_columns = columns_of(settings.alert_rules())
    by_route = Dimension.ROUTE in rule_columns.used | selection.dimensions
    again = draws_charts(settings)
    wanted = _Wanted(settings.routing(routes=by_route), rule_columns, selection, again)
    whole = [
        _WholeLog(log, files, name, formats, wanted)
        for log, files, name in zip(logs, listed, names, strict=True)
    ]
    first = [_first_second(log, formats) if several else -inf for log in whole]
    builder = ReportBuilder(settings, first, selection, locate, extra_rows, seen=seen)
    with memory_kept():  # the report itself takes as much again as the chunks did
        _read_side_by_side(whole, builder)
    report = builder.finish(oversize=sum(log.splitter.oversize for log in whole))
    if again:
        from logmon_tui.pipeline.second_reading import LogRead, with_evidence

        reads = [LogRead(log.files, log.source, log.read_parts) for log in whole]
        report = with_evidence(report, reads, settings, wanted.routing)
    wrong = tuple(line for log in whole if (line := log.wrong_file_type()) is not None)
    return replace(report, ingest=replace(report.ingest, not_access_logs=wrong))


def last_second_of_logs(
    logs: Sequence[str], formats: FormatSelector, *, rotated: bool = False
) -> int | None:
    """Return the second of the newest hit at the ends of `logs`; None if none shows one.

    With `rotated`, a log that was just rotated and has no hit yet ends in its newest rotated file.
    Only ends are read, except of compressed files. Pipes are not read.
    """
    listed = zip(logs, _files_of(logs, formats, rotated=rotated), strict=True)
    found = [_newest_hit(log, files, formats) for log, files in listed if log != STANDARD_INPUT]
    return max((second for second in found if second is not None), default=None)


def have_rotated_files(logs: Sequence[str], formats: FormatSelector) -> bool:
    """Tell whether rotated files lie beside any of `logs`."""
    return any(len(files) > 1 for files in _files_of(logs, formats, rotated=True))


def _newest_hit(log: str, files: Sequence[Sibling], formats: FormatSelector) -> int | None:
    """Return the last second of a log made of `files`, oldest first; None if none shows one."""
    paths = (Path(log), *(Path(file.path) for file in reversed(files[:-1])))
    seconds = (_last_second(path, log, formats) for path in paths)
    return next((second for second in seconds if second is not None), None)


def _last_second(path: Path, log: str, formats: FormatSelector) -> int | None:
    from logmon_tui.sources.seek import last_second, last_second_of

    timestamp = timestamp_reader(formats.candidates(log))
    if not is_compressed(path):
        return last_second(path, timestamp)
    chunks = deque(read_chunks(path), maxlen=1)
    return last_second_of(chunks[0].splitlines(), timestamp) if chunks else None


def _read_side_by_side(logs: Sequence[_WholeLog], builder: ReportBuilder) -> None:
    """Read all logs, and have them counted in one thread while they are judged in this one."""
    with closing(InTurn(builder.count)) as counting:
        for number, (batch, counts) in _batches_of(logs, builder):
            if len(batch):
                counting.take(counts)
            builder.judge(batch, counts.all, number)
        counting.end_with(builder.settle)
        builder.judge_rest()


def _batches_of(
    logs: Sequence[_WholeLog], builder: ReportBuilder
) -> Iterator[tuple[int, tuple[HitBatch, SelectedCounts]]]:
    """Yield the batches of all logs, with the numbers of these, and end each log in `builder`.

    The next batch is always of the log furthest behind in time, so that few hits have to wait. A
    log is opened when reading reaches its first second. The more logs are open, the smaller the
    chunks.
    """
    unread = set(range(len(logs)))
    opened: dict[int, Iterator[tuple[HitBatch, SelectedCounts]]] = {}
    while unread:
        number = min(unread, key=lambda each: (builder.reached[each], each))
        if number not in opened:
            opened[number] = logs[number].read(max(_LEAST, CHUNK // (len(opened) + 1)))
        counted = next(opened[number], None)
        if counted is None:
            unread.remove(number)
            del opened[number]
            builder.end(number)
        else:
            yield number, counted


def _files_of(
    logs: Sequence[str], formats: FormatSelector, *, rotated: bool
) -> Iterator[list[Sibling]]:
    """Yield the files of each log, oldest first; none for a pipe or device.

    A rotated file that was itself given as a log belongs to no other log.
    """
    given = [[] if log == STANDARD_INPUT else file_at(Path(log)) for log in logs]
    named = {found.identity for files in given for found in files}
    for log, files in zip(logs, given, strict=True):
        first_second = partial(_first_hit, log=log, formats=formats)
        former: Sequence[Sibling] = ()
        if rotated and files:
            from logmon_tui.sources.rotated import rotated_files  # most reports are of one file

            former = rotated_files(Path(log), first_second, named)
        yield [*former, *files]


def _first_second(whole: _WholeLog, formats: FormatSelector) -> float:
    """Return a second before which a log has no hits; `-inf` for pipes: they are read only once."""
    first = (_first_hit(found, whole.log, formats) for found in whole.files[:1])
    return min(first, default=-inf)


def _first_hit(found: Sibling, log: str, formats: FormatSelector) -> float:
    """Return the earliest second at the beginning of a log's file, `-inf` if it shows none."""
    try:
        parser = Parser(formats.of(log), formats.known, formats.own)
        batch = parser.parse(next(read_sibling(found, _PEEK), b""))
    except Exception:  # noqa: BLE001 - reading the whole file reports what is wrong
        return -inf
    return int(batch.seconds.min()) if len(batch) else -inf
