"""Parser: recognises the format of a log and parses its chunks into batches."""

from collections.abc import Sequence
from contextlib import suppress
from typing import overload

import numpy as np
from msgspec.structs import replace

from logmon_tui.formats.detection import LIKELY, SAMPLE_LINES, Recognition, recognise
from logmon_tui.formats.model.batching import LineResults, batch_of, fields_of_hits, tail_of
from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.unparsed import (
    KEPT_BYTES,
    UNKNOWN_FORMAT,
    UnparsedLine,
    first_and_newest,
)
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMMON

FAILED = "the parser failed"
"""The reason given for lines on which the columnar parser raised an error."""


class Parser:
    """Parses the chunks of one log in a given format, or in the one of `known` that it recognises.

    Without a given format, it recognises the format again when nothing in a chunk parses, or when
    several lines in a row do not parse. So it follows a log whose server changes its format.
    Headers among the lines change the format as well. `own` are the names of further fields that
    are read.

    Chunks may be parsed in other threads: `ahead` returns the parser for the next chunk, and
    `checked` takes the resulting batches in order.
    """

    def __init__(
        self,
        log_format: LogFormat | None = None,
        known: Sequence[LogFormat] = PRESETS,
        own: Sequence[str] = (),
    ) -> None:
        self._known = known
        self._own = own
        self._given = log_format is not None
        self._before: list[bytes] = []  # earlier lines, for recognition in the next chunk
        self._doubtful = False
        self._previous: list[LogFormat] = []  # formats that were in use before
        self._hits_since = 0  # misfits were last taken for another format, in vain
        self._hits_between = 0  # until they are again
        self._parser = log_format.capturing(own).tolerant().columnar() if log_format else None
        self._ahead = self._parser
        self.changes = 0
        """How often the format changed, which `ahead` may not have foreseen."""

    @property
    def format_name(self) -> str:
        """The name of the format in use, empty until one is recognised."""
        return self._parser.log_format.name if self._parser else ""

    @property
    def columnar(self) -> ColumnarParser | None:
        """The parser of the format in use, None until one is recognised."""
        return self._parser

    def begin(self, preamble: bytes) -> None:
        """Pass the lines before the first chunk, which themselves are not parsed.

        Headers among them apply to the first chunk, and recognition examines them as well.
        """
        self._before = preamble.split(b"\n")
        self._parser = self._ahead = _followed(self._parser, preamble)

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        batch = self._corrected(chunk, self._parser.parse(chunk) if self._parser else None)
        self._ahead = self._parser
        return batch

    def ahead(self, chunk: bytes) -> ColumnarParser | None:
        """Return a parser for the next `chunk`, for use in any thread; None until one is known.

        It is a guess: an earlier chunk, still being parsed, may turn out to change the format.
        """
        parser = self._ahead
        self._ahead = _followed(parser, chunk)
        return parser

    def reads_files(self) -> bool:
        """Tell whether `ahead_of_file` would return a parser."""
        return self._ahead is not None and self._ahead.reads_files

    def ahead_of_file(self) -> ColumnarParser | None:
        """Return such a parser for lines of a file; None where they must be read as a chunk."""
        return self._ahead if self.reads_files() else None

    def checked(self, chunk: bytes, batch: HitBatch, parsed_by: ColumnarParser) -> HitBatch:
        """Return what `parse` would, given the `batch` that the parser from `ahead` made."""
        if self._is_current(parsed_by):
            return self._corrected(chunk, batch)
        return self.parse(chunk)

    def _is_current(self, parser: ColumnarParser) -> bool:
        now = self._parser
        return parser is now or (now is not None and parser.log_format == now.log_format)

    def settles(self, batch: HitBatch, parsed_by: ColumnarParser) -> bool:
        """Note a batch if `checked` would return it as it is, whatever its chunk was; tell whether.

        Nothing speaks for another format then. `parsed_by` is a parser from `ahead_of_file` that
        read the lines in the file, so no header of other fields stands in the chunk.
        """
        if not self._is_current(parsed_by):
            return False
        usual = len(batch) > 0 and _first_misfits(batch) is None
        settled = self._given or (usual and not self._doubtful)
        if settled:
            self._hits_since += len(batch)
        return settled

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Parse line by line a `chunk` on which `parse` raised an error. Never raises."""
        batch = None
        if self._parser is not None:
            with suppress(Exception):  # the lines must be counted in any case
                batch = self._parser.parse_by_lines(chunk)
        self._parser = _followed(self._parser, chunk)
        return unparsed_batch(chunk, FAILED) if batch is None else batch

    def _corrected(self, chunk: bytes, batch: HitBatch | None, changes: int = 0) -> HitBatch:
        """Return `batch`, or a better one if `chunk` is in another format; then apply its headers.

        `chunk` may be the rest of a longer one in which the format changed `changes` times.
        """
        nothing = batch is None or not (len(batch) or not batch.unparsed)
        parser = self._parser
        if not self._given and (nothing or self._doubtful):
            batch = self._recognised(chunk, batch)
        if self._parser is None:
            self._before = [*self._before, *self._headers(chunk)][-_MAX_HEADERS:]
        else:
            self._before = [*self._before, *_first_lines(chunk)] if self._doubtful else []
        if not self._given and batch is not None and len(batch) and changes < _MAX_CHANGES:
            changed = self._changed(chunk, batch, changes)
            if changed is not None:
                return changed
        self._parser = _followed(self._parser, chunk)
        if self._parser is not parser:  # `ahead` knows no headers of chunks that are read in a file
            self._ahead = self._parser
            self.changes += parser is not None
        return unparsed_batch(chunk, UNKNOWN_FORMAT) if batch is None else batch

    def _back_and_forth(self, log_format: LogFormat) -> LogFormat:
        """Return the format to use now that lines are in `log_format`.

        If the log had this format before, its lines alternate between formats: return their
        mixture.
        """
        if self._parser is None:
            return log_format
        now = self._parser.log_format
        from logmon_tui.formats.delimited.variant_format import is_mixture, mixed

        if log_format in self._previous or is_mixture(now):
            return mixed(now, log_format)
        self._previous = [*self._previous, now][-_MAX_CHANGES:]
        return log_format

    def _recognised_in(self, chunk: bytes, before: Sequence[bytes] = ()) -> Recognition | None:
        """Recognise the format of `chunk`; it then reads the user's own fields, and tolerantly."""
        found = recognised_in(chunk, before, self._known, thorough=False)
        return found and replace(found, format=found.format.capturing(self._own).tolerant())

    def _headers(self, chunk: bytes) -> list[bytes]:
        """Return the lines of `chunk` that may be headers."""
        marks = {each.header_mark for each in self._known if each.header_mark}
        found = [mark for mark in marks if mark in chunk]
        if not found:
            return []
        return [line for line in chunk.split(b"\n") if any(mark in line for mark in found)]

    def _is_worth_a_look(self, batch: HitBatch) -> bool:
        """Tell whether misfits of a batch may show another format.

        To recognise none takes as long as to parse thousands of lines, and a client can send what
        only a tolerant format reads all the time. Such lines are hits in any case, so they may wait
        until the last look is long ago: longer after each that was in vain.
        """
        return batch.unparsed > 0 or self._hits_since >= self._hits_between

    def _changed(self, chunk: bytes, batch: HitBatch, changes: int) -> HitBatch | None:
        """Return the batch of a `chunk` in which the format changes, None if it does not change."""
        self._hits_since += len(batch)
        start = _first_misfits(batch)
        if start is None or self._parser is None or not self._is_worth_a_look(batch):
            return None
        later = chunk.split(b"\n", start)[-1]
        found = self._recognised_in(later)
        if found is None or found.format.name == self._parser.log_format.name:
            self._hits_since = 0
            self._hits_between = min(max(_LEAST_BETWEEN, 2 * self._hits_between), _MOST_BETWEEN)
            return None
        log_format = self._back_and_forth(found.format)
        if log_format == self._parser.log_format:  # unparsable lines within a mixture
            return None
        head = chunk[: len(chunk) - len(later)]
        batches = [self._parser.parse(head)] if head else []
        self._parser = log_format.columnar()
        batches.append(self._corrected(later, self._parser.parse(later), changes + 1))
        self._ahead = self._parser
        self._hits_between = 0
        self.changes += 1
        return HitBatch.concat(batches, [part.count(b"\n") for part in (head, later) if part])

    def _recognised(self, chunk: bytes, batch: HitBatch | None) -> HitBatch | None:
        """Return the batch of `chunk` in the format recognised in it, or else `batch`."""
        # The earlier lines may have another format than the chunk: try without them as well.
        for before in (self._before, []) if self._before else ([],):
            found = self._recognised_in(chunk, before)
            if found is None:
                continue
            self._doubtful = found.doubtful
            if self._parser is None or not batch or self._parser.log_format != found.format:
                log_format = found.format if batch else self._back_and_forth(found.format)
                self._parser = _followed(log_format.columnar(), b"\n".join(before))
                batch = self._parser.parse(chunk)
            if len(batch):
                break
        return batch


_RUN = 5
"""Misfits in a row after which the rest of a chunk may have another format."""

_LEAST_BETWEEN, _MOST_BETWEEN = 50, 5_000
"""Hits until misfits that are hits all the same are looked at again, after that was in vain once,
and many times.
"""

_MAX_CHANGES = 4
"""Maximum changes of format within a chunk: each one costs another parse of the rest."""

_MAX_HEADERS = 4
"""Maximum header lines remembered while no format is recognised."""


def _first_misfits(batch: HitBatch) -> int | None:
    """Return the number of the first of `_RUN` consecutive misfits; None if there is no such run.

    A misfit is a line that is unparsed, or a hit only because the format is tolerant.
    """
    misfits = np.sort(np.concatenate([batch.unparsed_at, batch.tolerated_at]))
    firsts, lasts = misfits[: 1 - _RUN], misfits[_RUN - 1 :]
    runs = firsts[lasts - firsts == _RUN - 1]
    return int(runs[0]) if len(runs) else None


def _first_lines(chunk: bytes) -> list[bytes]:
    return chunk.split(b"\n", SAMPLE_LINES)[:SAMPLE_LINES]


@overload
def _followed(parser: ColumnarParser, chunk: bytes) -> ColumnarParser: ...
@overload
def _followed(parser: ColumnarParser | None, chunk: bytes) -> ColumnarParser | None: ...
def _followed(parser: ColumnarParser | None, chunk: bytes) -> ColumnarParser | None:
    """Return the parser for the lines after `chunk`, of which `parser` parses the lines."""
    if parser is None:
        return None
    log_format = parser.log_format.following(chunk)
    return parser if log_format is parser.log_format else log_format.columnar()


_MAX_LIKELY = 300
"""Maximum likely lines after the first sample of which all are examined."""


def recognised_in(
    chunk: bytes,
    before: Sequence[bytes] = (),
    known: Sequence[LogFormat] = PRESETS,
    *,
    thorough: bool = True,
) -> Recognition | None:
    """Recognise a format of `known` in the first lines of `chunk`, else in its likely lines.

    Of these the first are tried, and then some from all over the chunk: one client may have sent
    the first. Headers among the lines `before` apply to the chunk. `thorough` is as in `recognise`.
    """
    found = recognise([*before, *_first_lines(chunk)], known, thorough=thorough)
    if found is None:  # only now, as it takes more memory than the chunk
        likely = list(filter(LIKELY().search, chunk.split(b"\n")[SAMPLE_LINES:]))
        samples = [
            likely[at : at + SAMPLE_LINES]
            for at in range(0, min(len(likely), _MAX_LIKELY), SAMPLE_LINES)
        ]
        spread = likely[_MAX_LIKELY:]
        if spread:
            samples.append(spread[:: -(-len(spread) // SAMPLE_LINES)])
        recognitions = (recognise(sample, known, thorough=thorough) for sample in samples)
        found = next((each for each in recognitions if each), None)
    return found


def unparsed_batch(chunk: bytes, reason: str) -> HitBatch:
    """Return a batch in which every line of `chunk` is unparsed for the same `reason`."""
    lines = chunk.removesuffix(b"\n").split(b"\n")
    kept = [UnparsedLine(line[:KEPT_BYTES], reason) for line in first_and_newest(lines)]
    results = LineResults(unparsed=kept, unparsed_at=range(len(lines)))
    batch = batch_of([fields_of_hits([], [], COMMON)], results, tail_of(chunk), COMMON)
    return replace(batch, format_name="")
