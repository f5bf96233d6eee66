"""The Parser that the pipeline uses: recognises the format, then parses by columns."""

from contextlib import suppress
from dataclasses import replace

from logmon_tui.formats.batching import Decided, batch_of, fields_of_hits
from logmon_tui.formats.columnar_parser import ColumnarParser
from logmon_tui.formats.detection import SAMPLE_LINES, recognise
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.log_format import LogFormat
from logmon_tui.formats.presets.clf import COMMON
from logmon_tui.formats.unparsed import KEPT_BYTES, KEPT_LINES, UnparsedLine

UNKNOWN = "no known log format"
FAILED = "the parser failed"


class Parser:
    """Parses the chunks of one log, in the given format or in the one its lines show.

    Without a given format, a chunk in which nothing parses is looked at anew, so that a log
    whose server was set to another format goes on being read.
    """

    def __init__(self, log_format: LogFormat | None = None) -> None:
        self._given = log_format is not None
        self._parser = log_format.columnar() if log_format else None

    @property
    def format_name(self) -> str:
        """The name of the format in use, empty while none was recognised."""
        return self._parser.log_format.name if self._parser else ""

    @property
    def columnar(self) -> ColumnarParser | None:
        """What parses the format in use, in any thread; None while no format was recognised."""
        return self._parser

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        batch = self._parser.parse(chunk) if self._parser else None
        return self.checked(chunk, batch, self._parser)

    def checked(
        self, chunk: bytes, batch: HitBatch | None, parsed_by: ColumnarParser | None
    ) -> HitBatch:
        """Return what `parse` does, given the `batch` that a former `columnar` made of `chunk`."""
        if parsed_by is not self._parser:
            return self.parse(chunk)
        if batch is not None and (self._given or len(batch) or not batch.unparsed):
            return batch
        found = _recognised_in(chunk)
        if found is None:
            return batch or unparsed_batch(chunk, UNKNOWN)
        self._parser = found.columnar()
        return self._parser.parse(chunk)

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return what can be saved of a `chunk` that `parse` failed on; never raises."""
        if self._parser is not None:
            with suppress(Exception):  # whatever it is, the lines must be counted
                return self._parser.parse_by_lines(chunk)
        return unparsed_batch(chunk, FAILED)


def _recognised_in(chunk: bytes) -> LogFormat | None:
    """Return the format of the first sample of lines that shows one."""
    lines = chunk.split(b"\n")
    samples = (lines[at : at + SAMPLE_LINES] for at in range(0, len(lines), SAMPLE_LINES))
    return next((found for found in map(recognise, samples) if found), None)


def unparsed_batch(chunk: bytes, reason: str) -> HitBatch:
    """Return a batch in which every line of `chunk` is no hit, for the same `reason`."""
    lines = chunk.removesuffix(b"\n").split(b"\n")
    kept = [UnparsedLine(line[:KEPT_BYTES], reason) for line in lines[-KEPT_LINES:]]
    if len(lines) > KEPT_LINES:
        kept.insert(0, UnparsedLine(lines[0][:KEPT_BYTES], reason))
    decided = Decided(unparsed=kept, count=len(lines))
    batch = batch_of([fields_of_hits([], [], COMMON)], decided, chunk, COMMON)
    return replace(batch, format_name="")
