"""Which format a log has, told by its lines."""

from collections.abc import Callable, Iterable, Sequence

from logmon_tui.formats.log_format import LineParser, LogFormat
from logmon_tui.formats.presets import PRESETS

SAMPLE_LINES = 100


def recognise(lines: Iterable[bytes], formats: Sequence[LogFormat] = PRESETS) -> LogFormat | None:
    """Return the format in which the most of `lines` are hits; None when none is in any.

    Equal counts go to the format that comes first in `formats`.
    """
    sample = list(lines)
    parsers = [each.line_parser() for each in formats]
    scores = [sum(_is_hit(parser, line) for line in sample) for parser in parsers]
    best = max(scores, default=0)
    return formats[scores.index(best)] if best else None


def _is_hit(parser: LineParser, line: bytes) -> bool:
    return parser.parse(line) is not None


def timestamp_reader(formats: Iterable[LogFormat]) -> Callable[[bytes], int | None]:
    """Return a function that gives a line's UTC epoch second in the first format it fits."""
    parsers = [log_format.line_parser() for log_format in formats]

    def timestamp(line: bytes) -> int | None:
        hits = (parser.parse(line) for parser in parsers)
        return next((hit.second for hit in hits if hit is not None), None)

    return timestamp
