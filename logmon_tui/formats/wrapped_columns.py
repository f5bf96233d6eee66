"""The columnar parser of formats in a wrapper: takes it off, and has the lines inside parsed."""

from collections.abc import Callable
from dataclasses import replace

from logmon_tui.formats.batching import tail_of
from logmon_tui.formats.columnar_parser import ColumnarParser
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.unparsed import KEPT_BYTES, UnparsedLine
from logmon_tui.formats.wrapping import WrappedFormat, unwrapped


class WrappedParser(ColumnarParser):
    """Parses chunks of a format in a wrapper; what it keeps are lines as they stand in the log."""

    def __init__(self, log_format: WrappedFormat) -> None:
        super().__init__(log_format)
        self._wrapper = log_format.wrapper
        self._inner = log_format.inner.columnar()

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline.

        Lines that are but the first parts of others are among the `others`.
        """
        return self._parse(chunk, self._inner.parse)

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return what `parse` does, by the line parser alone: slowly, one line at a time."""
        return self._parse(chunk, self._inner.parse_by_lines)

    def _parse(self, chunk: bytes, parse: Callable[[bytes], HitBatch]) -> HitBatch:
        inside, numbers = unwrapped(self._wrapper, chunk)
        batch = parse(inside)
        parts = 0 if numbers is None else chunk.count(b"\n") - len(numbers)
        batch = replace(
            batch,
            others=batch.others + parts,
            tail=tail_of(chunk),
            format_name=self.log_format.name,
        )
        if not batch.unparsed:
            return batch
        places = batch.unparsed_at
        if numbers is not None:
            places = tuple(numbers[place] for place in places)
        return _as_logged(replace(batch, unparsed_at=places), chunk)


def _as_logged(batch: HitBatch, chunk: bytes) -> HitBatch:
    """Return `batch` with the lines that are no hits as they stand in `chunk`."""
    lines = chunk.split(b"\n")
    newest = batch.unparsed_at[-len(batch.unparsed_lines) :]
    first = batch.first_unparsed
    return replace(
        batch,
        unparsed_lines=tuple(
            UnparsedLine(lines[place][:KEPT_BYTES], kept.reason)
            for place, kept in zip(newest, batch.unparsed_lines, strict=True)
        ),
        first_unparsed=first
        and UnparsedLine(lines[batch.unparsed_at[0]][:KEPT_BYTES], first.reason),
    )
