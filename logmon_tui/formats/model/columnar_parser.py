"""ColumnarParser: parses all lines of a chunk at once into a HitBatch.

Each family of formats has its own subclass. One rule holds for all of them: the columnar parser
accepts a line only if it finds exactly what the line parser would find. It leaves every unusual
line (with an escaped quote, cut, or no hit at all) to the line parser. So an unusual line costs
time, but never a hit.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from logmon_tui.formats.model.batching import LineResults, batch_of, fields_of_hits, tail_of
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.unparsed import first_and_newest
from logmon_tui.formats.model.vocabulary import Vocabularies
from logmon_tui.native.file_lines import FileLines


class ColumnarParser(ABC):
    """Parses chunks of one format. It keeps no state, so several threads may share it.

    A caller may pass the same vocabularies for all chunks of a log. The parser then processes each
    distinct text once a log, not once a chunk. Only one thread at a time may use a vocabulary.
    """

    def __init__(self, log_format: LogFormat) -> None:
        self.log_format = log_format
        self._lines = log_format.line_parser()
        strict = log_format.strict()
        self._strict_lines = self._lines if strict is log_format else strict.line_parser()

    @abstractmethod
    def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""

    @property
    def reads_files(self) -> bool:
        """Whether `parse_file` is of use."""
        return False

    def parse_file(
        self,
        lines: FileLines,  # noqa: ARG002 - some formats override it
        vocabularies: Vocabularies | None = None,  # noqa: ARG002
    ) -> HitBatch | None:
        """Return the same batch of lines of a file, but for its tail, in less time.

        None where the lines must be read as a chunk. Raises OSError when they cannot be read.
        """
        return None

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return the same batch as `parse`, by the line parser alone: slow, line by line."""
        lines = chunk.removesuffix(b"\n").split(b"\n")
        results = self._parse_lines(range(len(lines)), lines.__getitem__)
        nothing = fields_of_hits([], [], self.log_format)
        return batch_of([nothing], results, tail_of(chunk), self.log_format)

    def _parse_lines(self, numbers: Iterable[int], line: Callable[[int], bytes]) -> LineResults:
        """Parse the lines with these numbers by the line parser."""
        hits, lines, unparsed_at, tolerated_at, others = [], [], [], [], 0
        for number in numbers:
            text = line(number)
            hit = self._strict_lines.parse(text)
            if hit is None and self._lines is not self._strict_lines:
                hit = self._lines.parse(text)
                if hit is not None:
                    tolerated_at.append(number)
            if hit is not None:
                hits.append(hit)
                lines.append(number)
            elif self._lines.is_other(text):
                others += 1
            else:
                unparsed_at.append(number)
        kept = first_and_newest(unparsed_at)
        unparsed = [self._lines.unparsed(line(number)) for number in kept]
        return LineResults(hits, lines, unparsed, unparsed_at, tolerated_at, others)
