"""ColumnarParser: a chunk of whole lines → HitBatch, all lines at once.

Each family of formats has its own way of doing that, with one rule: a line counts only if what is
found is what the line parser would find. Every line that is not so plain (with an escaped quote,
cut, or no hit at all) is left to the line parser itself. An odd line costs speed, never a hit.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from logmon_tui.formats.model.batching import Decided, batch_of, fields_of_hits, first_and_newest
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.vocabulary import Vocabularies


class ColumnarParser(ABC):
    """Parses chunks of one format. It keeps nothing, so several threads may share one.

    A caller may keep the vocabularies of a log's fields: then each text is worked on once. Only one
    thread at a time may use those.
    """

    def __init__(self, log_format: LogFormat) -> None:
        self.log_format = log_format
        self._lines = log_format.line_parser()

    @abstractmethod
    def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return what `parse` does, by the line parser alone: slowly, one line at a time."""
        lines = chunk.removesuffix(b"\n").split(b"\n")
        decided = self._decide(range(len(lines)), lines.__getitem__)
        nothing = fields_of_hits([], [], self.log_format)
        return batch_of([nothing], decided, chunk, self.log_format)

    def _decide(self, numbers: Iterable[int], line: Callable[[int], bytes]) -> Decided:
        """Ask the line parser about the lines of these numbers."""
        hits, lines, strangers, others = [], [], [], 0
        for number in numbers:
            text = line(number)
            hit = self._lines.parse(text)
            if hit is not None:
                hits.append(hit)
                lines.append(number)
            elif self._lines.is_other(text):
                others += 1
            else:
                strangers.append(number)
        kept = first_and_newest(strangers)
        unparsed = [self._lines.unparsed(line(number)) for number in kept]
        return Decided(hits, lines, unparsed, strangers, others)
