"""The Parser that the pipeline uses: recognises the format, then parses by columns."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import overload

from logmon_tui.formats.delimited.variant_format import is_mixture, mixed
from logmon_tui.formats.detection import LIKELY, SAMPLE_LINES, Recognition, recognise
from logmon_tui.formats.model.batching import Decided, batch_of, fields_of_hits, first_and_newest
from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.joined import one_after_the_other
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.unparsed import KEPT_BYTES, UNKNOWN_FORMAT, UnparsedLine
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.presets.clf import COMMON

FAILED = "the parser failed"


class Parser:
    """Parses the chunks of one log, in the given format or in the one its lines show, of `known`.

    Without a given format, a chunk in which nothing parses is looked at anew, and so is what
    begins with many lines that do not, so that a log whose server was set to another format goes
    on being read. Headers among the lines are followed. Chunks may be parsed in threads: `ahead`
    gives what parses the next one, `checked` takes what came of them, in order.
    """

    def __init__(
        self, log_format: LogFormat | None = None, known: Sequence[LogFormat] = PRESETS
    ) -> None:
        self._known = known
        self._given = log_format is not None
        self._before: list[bytes] = []  # lines that help to recognise the format of the next chunk
        self._doubtful = False
        self._left: list[LogFormat] = []  # formats that were in use
        self._parser = log_format.columnar() if log_format else None
        self._ahead = self._parser

    @property
    def format_name(self) -> str:
        """The name of the format in use, empty while none was recognised."""
        return self._parser.log_format.name if self._parser else ""

    @property
    def columnar(self) -> ColumnarParser | None:
        """What parses the format in use; None while no format was recognised."""
        return self._parser

    def begin(self, preamble: bytes) -> None:
        """Take note of lines that stand before the first chunk, and were not read.

        Headers among them are in force, and recognition looks at them, too.
        """
        self._before = preamble.split(b"\n")
        self._parser = self._ahead = _followed(self._parser, preamble)

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        batch = self._looked_at(chunk, self._parser.parse(chunk) if self._parser else None)
        self._ahead = self._parser
        return batch

    def ahead(self, chunk: bytes) -> ColumnarParser | None:
        """Return what parses `chunk`, the next one, in any thread; None while nobody knows.

        It is a guess: what was given before may turn out to be the wrong format.
        """
        parser = self._ahead
        self._ahead = _followed(parser, chunk)
        return parser

    def checked(self, chunk: bytes, batch: HitBatch, parsed_by: ColumnarParser) -> HitBatch:
        """Return what `parse` does, given the `batch` that what `ahead` gave made of `chunk`."""
        if parsed_by is self._parser or (
            self._parser is not None and parsed_by.log_format == self._parser.log_format
        ):
            return self._looked_at(chunk, batch)
        return self.parse(chunk)

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return what can be saved of a `chunk` that `parse` failed on; never raises."""
        batch = None
        if self._parser is not None:
            with suppress(Exception):  # whatever it is, the lines must be counted
                batch = self._parser.parse_by_lines(chunk)
        self._parser = _followed(self._parser, chunk)
        return unparsed_batch(chunk, FAILED) if batch is None else batch

    def _looked_at(self, chunk: bytes, batch: HitBatch | None, changes: int = 0) -> HitBatch:
        """Return `batch`, or that of another format if `chunk` has one; follow its headers.

        The format has changed so many times before in the chunk that this one is the rest of.
        """
        nothing = batch is None or not (len(batch) or not batch.unparsed)
        parser = self._parser
        if not self._given and (nothing or self._doubtful):
            batch = self._recognised(chunk, batch)
        recognised = self._parser is not parser
        if self._parser is None:
            self._before = [*self._before, *self._headers(chunk)][-_MOST_HEADERS:]
        else:
            self._before = [*self._before, *_first_lines(chunk)] if self._doubtful else []
        if not self._given and batch is not None and len(batch) and changes < _MOST_CHANGES:
            changed = self._changed(chunk, batch, changes)
            if changed is not None:
                return changed
        self._parser = _followed(self._parser, chunk)
        if recognised:
            self._ahead = self._parser
        return unparsed_batch(chunk, UNKNOWN_FORMAT) if batch is None else batch

    def _back_and_forth(self, log_format: LogFormat) -> LogFormat:
        """Return `log_format`, which is to be used from now on.

        If the log had it before, lines of several formats come by turns: return their mixture.
        """
        if self._parser is None:
            return log_format
        now = self._parser.log_format
        if log_format in self._left or is_mixture(now):
            return mixed(now, log_format)
        self._left = [*self._left, now][-_MOST_CHANGES:]
        return log_format

    def _headers(self, chunk: bytes) -> list[bytes]:
        """Return the lines of `chunk` that may say how those that follow are to be read."""
        marks = {each.header_mark for each in self._known if each.header_mark}
        found = [mark for mark in marks if mark in chunk]
        if not found:
            return []
        return [line for line in chunk.split(b"\n") if any(mark in line for mark in found)]

    def _changed(self, chunk: bytes, batch: HitBatch, changes: int) -> HitBatch | None:
        """Return the batch of a `chunk` in which the format changes, None if it does not."""
        start = _first_run(batch.unparsed_at)
        if start is None or self._parser is None:
            return None
        later = chunk.split(b"\n", start)[-1]
        found = recognised_in(later, (), self._known)
        if found is None or found.format.name == self._parser.log_format.name:
            return None
        log_format = self._back_and_forth(found.format)
        if log_format == self._parser.log_format:  # lines of no format amid those of a mixture
            return None
        head = chunk[: len(chunk) - len(later)]
        batches = [self._parser.parse(head)] if head else []
        self._parser = log_format.columnar()
        batches.append(self._looked_at(later, self._parser.parse(later), changes + 1))
        self._ahead = self._parser
        return one_after_the_other(batches, [part.count(b"\n") for part in (head, later)], chunk)

    def _recognised(self, chunk: bytes, batch: HitBatch | None) -> HitBatch | None:
        """Return the batch of `chunk` in the format that it shows, else `batch`."""
        # What stood before may be of another format than what came since.
        for before in (self._before, []) if self._before else ([],):
            found = recognised_in(chunk, before, self._known)
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
"""So many lines on end that do not parse may be of another format."""

_MOST_CHANGES = 4
"""Each change in a chunk costs a look at all that follows it."""

_MOST_HEADERS = 4


def _first_run(numbers: Sequence[int]) -> int | None:
    """Return the first of the ascending `numbers` from which on `_RUN` follow each other."""
    runs = zip(numbers, numbers[_RUN - 1 :], strict=False)
    return next((first for first, last in runs if last - first == _RUN - 1), None)


def _first_lines(chunk: bytes) -> list[bytes]:
    return chunk.split(b"\n", SAMPLE_LINES)[:SAMPLE_LINES]


@overload
def _followed(parser: ColumnarParser, chunk: bytes) -> ColumnarParser: ...
@overload
def _followed(parser: ColumnarParser | None, chunk: bytes) -> ColumnarParser | None: ...
def _followed(parser: ColumnarParser | None, chunk: bytes) -> ColumnarParser | None:
    """Return what parses the lines that come after `chunk`, which `parser` parses."""
    if parser is None:
        return None
    log_format = parser.log_format.following(chunk)
    return parser if log_format is parser.log_format else log_format.columnar()


_MOST_LIKELY = 300


def recognised_in(
    chunk: bytes, before: Sequence[bytes] = (), known: Sequence[LogFormat] = PRESETS
) -> Recognition | None:
    """Return the one of `known` formats of the first lines, or of the first sample of likely ones.

    Of the lines `before` the chunk, headers are in force.
    """
    lines = chunk.split(b"\n")
    found = recognise([*before, *lines[:SAMPLE_LINES]], known)
    if found is None:
        likely = list(islice(filter(LIKELY.search, lines[SAMPLE_LINES:]), _MOST_LIKELY))
        samples = (likely[at : at + SAMPLE_LINES] for at in range(0, len(likely), SAMPLE_LINES))
        recognitions = (recognise(sample, known) for sample in samples)
        found = next((each for each in recognitions if each), None)
    return found


def unparsed_batch(chunk: bytes, reason: str) -> HitBatch:
    """Return a batch in which every line of `chunk` is no hit, for the same `reason`."""
    lines = chunk.removesuffix(b"\n").split(b"\n")
    kept = [UnparsedLine(line[:KEPT_BYTES], reason) for line in first_and_newest(lines)]
    decided = Decided(unparsed=kept, unparsed_at=range(len(lines)))
    batch = batch_of([fields_of_hits([], [], COMMON)], decided, chunk, COMMON)
    return replace(batch, format_name="")
