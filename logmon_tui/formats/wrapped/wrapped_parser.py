"""The columnar parser of wrapped formats: removes the wrapper and parses the inner lines."""

from msgspec.structs import replace

from logmon_tui.formats.model.batching import tail_of
from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.unparsed import KEPT_BYTES, UnparsedLine
from logmon_tui.formats.model.vocabulary import Vocabularies
from logmon_tui.formats.wrapped.unwrapping import Unwrapped, unwrapped, unwrapped_by_lines
from logmon_tui.formats.wrapped.wrapped_format import WrappedFormat


class WrappedParser(ColumnarParser):
    """Parses chunks of a wrapped format; the raw lines that it keeps include the wrapper."""

    def __init__(self, log_format: WrappedFormat) -> None:
        super().__init__(log_format)
        self._wrapper = log_format.wrapper
        self._inner = log_format.inner.columnar()

    def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline.

        A line that is only a part of an inner line counts among the `others`.
        """
        inside = unwrapped(self._wrapper, chunk)
        return self._as_logged(self._inner.parse(inside.chunk, vocabularies), inside, chunk)

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return the same batch as `parse`, by the line parser alone: slow, line by line."""
        inside = unwrapped_by_lines(self._wrapper, chunk)
        return self._as_logged(self._inner.parse_by_lines(inside.chunk), inside, chunk)

    def _as_logged(self, batch: HitBatch, inside: Unwrapped, chunk: bytes) -> HitBatch:
        """Return the batch of the inner lines with the raw lines of `chunk` in their place."""
        places, tolerated, lines = batch.unparsed_at, batch.tolerated_at, batch.lines
        if inside.numbers is not None:
            places, tolerated = inside.numbers[places], inside.numbers[tolerated]
            lines = None if lines is None else inside.numbers[lines]

        def logged(place: int, kept: UnparsedLine) -> UnparsedLine:
            return UnparsedLine(inside.line(place)[:KEPT_BYTES], kept.reason)

        newest = places[len(places) - len(batch.unparsed_lines) :].tolist()
        first = batch.first_unparsed
        return replace(
            batch,
            unparsed_lines=tuple(map(logged, newest, batch.unparsed_lines)),
            first_unparsed=first and logged(int(places[0]), first),
            unparsed_at=places,
            tolerated_at=tolerated,
            lines=lines,
            others=batch.others + inside.parts,
            tail=tail_of(chunk),
            format_name=self.log_format.name,
        )
