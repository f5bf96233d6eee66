"""Makes values of a log safe to paint, and builds lines from styled pieces.

The functions of `fitting`, which fit text into cells, can be imported from here as well.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from logmon_tui.escape import printable, readable
from logmon_tui.fitting import (
    EIGHTHS_WIDE,
    ELLIPSIS,
    bar,
    crop,
    folded,
    left,
    right,
    width_of,
)

__all__ = [
    "EIGHTHS_HIGH",
    "EIGHTHS_WIDE",
    "ELLIPSIS",
    "LONGEST",
    "Piece",
    "bar",
    "crop",
    "crop_start",
    "ends",
    "folded",
    "left",
    "line",
    "on",
    "right",
    "shown",
    "shown_decoded",
    "sparkline",
    "width_of",
    "wrapped",
]

LONGEST = 1_000
"""Maximum bytes or characters of a value that are shown: values may be huge, terminals are not."""

EIGHTHS_HIGH = " ▁▂▃▄▅▆▇█"

Piece = tuple[str, Style]


def shown(value: bytes | str) -> str:
    """Return a value of the log as text that is safe to paint, never empty and never huge."""
    return _marked_if_cut(printable(value[:LONGEST]), value)


def shown_decoded(value: bytes) -> str:
    """Return a path or referrer, percent-decoded once, as text that is safe to paint."""
    return _marked_if_cut(readable(value[:LONGEST]), value)


def _marked_if_cut(text: str, value: bytes | str) -> str:
    return (text or "(empty)") + (ELLIPSIS if len(value) > LONGEST else "")


@lru_cache(maxsize=256)
def on(ink: Style, back: Style) -> Style:
    """Return `ink` on the background of `back`, always the same object: rich is slow to make it."""
    return ink + Style(bgcolor=back.bgcolor)


def crop_start(text: str, width: int) -> str:
    """Return `text` with its start cut off to fit `width` cells; paths differ at their ends."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[: max(0, width)]
    while width_of(text) > width - 1:
        text = text[1:]
    return ELLIPSIS + text


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` cells, broken between words.

    A word that is longer than a line gets its own line, cropped.
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return [crop(each, width) for each in lines]


def sparkline(values: Sequence[int], width: int) -> str:
    """Return the last `width` values as blocks: a space for 0, at least `▁` for any other.

    The tallest block leaves an eighth free, so that sparklines in adjacent rows do not touch.
    """
    values = values[-width:]
    top = max(values, default=0)
    blocks = (EIGHTHS_HIGH[max(1, round(v / top * 7))] if v else " " for v in values)
    return "".join(blocks).rjust(width)


def line(pieces: Iterable[Piece], width: int, base: Style) -> Strip:
    """Return the joined pieces as a line of exactly `width` cells."""
    segments = [Segment(text, style) for text, style in pieces if text]
    missing = width - sum(width_of(segment.text) for segment in segments)
    if missing < 0:
        return Strip(segments).adjust_cell_length(width, base)
    if missing:
        segments.append(Segment(" " * missing, base))
    return Strip(segments, width)


def ends(start: Sequence[Piece], end: Sequence[Piece], width: int, base: Style) -> Strip:
    """Return a line with `start` at the left and `end` at the right; `start` is cut if needed."""
    room = width - _cells(end)
    gap = room - _cells(start)
    if gap >= 0:
        return line([*start, (" " * gap, base), *end], width, base)
    if room < 0:
        return line(end, width, base)
    return Strip.join([line(start, room, base), line(end, width - room, base)])


def _cells(pieces: Sequence[Piece]) -> int:
    return sum(width_of(text) for text, _ in pieces)
