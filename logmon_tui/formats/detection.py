"""Which format a log has, told by its lines."""

from collections.abc import Iterable, Sequence

from logmon_tui.formats.line_parser import LineParser
from logmon_tui.formats.log_format import PRESETS, LogFormat

SAMPLE_LINES = 100


def recognise(lines: Iterable[bytes], formats: Sequence[LogFormat] = PRESETS) -> LogFormat | None:
    """Return the format in which the most of `lines` are hits; None when none is in any.

    Equal counts go to the format that comes first in `formats`.
    """
    sample = list(lines)
    scores = [sum(_is_hit(parser, line) for line in sample) for parser in map(LineParser, formats)]
    best = max(scores, default=0)
    return formats[scores.index(best)] if best else None


def _is_hit(parser: LineParser, line: bytes) -> bool:
    return parser.parse(line) is not None
