"""Text measured in terminal cells: cropping, padding, bars, and lines made of styled pieces.

Wide characters take two cells, so nothing here counts with `len` unless the text is ASCII.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from logmon_tui.escape import printable, readable

ELLIPSIS = "…"
LONGEST = 1_000
"""So much of a value is shown, in bytes or characters: no terminal is wider, lines may be huge."""

EIGHTHS_WIDE = " ▏▎▍▌▋▊▉█"
EIGHTHS_HIGH = " ▁▂▃▄▅▆▇█"

Piece = tuple[str, Style]


def shown(value: bytes | str) -> str:
    """Return what the log says as text that is safe to paint, never empty and never huge."""
    return _whole_or_begun(printable(value[:LONGEST]), value)


def shown_decoded(value: bytes) -> str:
    """Return a path or referrer in the same way, percent-decoded once."""
    return _whole_or_begun(readable(value[:LONGEST]), value)


def _whole_or_begun(text: str, value: bytes | str) -> str:
    return (text or "(empty)") + (ELLIPSIS if len(value) > LONGEST else "")


def width_of(text: str) -> int:
    """Return how many cells `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def crop(text: str, width: int) -> str:
    """Return `text`, ended by an ellipsis if it takes more than `width` cells."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[:width]
    if text.isascii():
        return text[: width - 1] + ELLIPSIS
    return set_cell_size(text, width - 1) + ELLIPSIS


def crop_start(text: str, width: int) -> str:
    """Return the end of `text`, which is what tells one path from another."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[: max(0, width)]
    while width_of(text) > width - 1:
        text = text[1:]
    return ELLIPSIS + text


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` cells, broken between words.

    A word that is longer gets a line of its own, cropped.
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return [crop(each, width) for each in lines]


def folded(text: str, first: int, others: int) -> list[str]:
    """Return all of `text` in rows, broken anywhere: `first` cells wide, then `others` each."""
    rows: list[str] = []
    while width_of(text) > (room := max(2, others if rows else first)):
        count = min(room, len(text))
        while width_of(text[:count]) > room:
            count -= 1
        rows.append(text[:count])
        text = text[count:]
    return [*rows, text]


def left(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, at the left."""
    text = crop(text, width)
    return text + " " * (width - width_of(text))


def right(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, at the right."""
    text = crop(text, width)
    return " " * (width - width_of(text)) + text


def bar(share: float, width: int) -> str:
    """Return a bar that fills `share` of `width` cells to an eighth of a cell.

    Whatever is more than nothing shows at least the thinnest bar.
    """
    share = min(1.0, max(0.0, share))
    eighths = round(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return "█" * full + (EIGHTHS_WIDE[rest] if rest else "")


def sparkline(values: Sequence[int], width: int) -> str:
    """Return the last `width` values as blocks; nothing is a space, anything at least `▁`.

    The tallest block leaves an eighth free, so that lines above each other do not run together.
    """
    values = values[-width:]
    top = max(values, default=0)
    blocks = (EIGHTHS_HIGH[max(1, round(v / top * 7))] if v else " " for v in values)
    return "".join(blocks).rjust(width)


def line(pieces: Iterable[Piece], width: int, base: Style) -> Strip:
    """Return the pieces one after the other as a line of exactly `width` cells."""
    segments = [Segment(text, style) for text, style in pieces if text]
    missing = width - sum(width_of(segment.text) for segment in segments)
    if missing < 0:
        return Strip(segments).adjust_cell_length(width, base)
    if missing:
        segments.append(Segment(" " * missing, base))
    return Strip(segments, width)


def ends(start: Sequence[Piece], end: Sequence[Piece], width: int, base: Style) -> Strip:
    """Return a line with `start` at the left and `end` at the right; `end` is kept whole."""
    room = width - _cells(end)
    gap = room - _cells(start)
    if gap >= 0:
        return line([*start, (" " * gap, base), *end], width, base)
    if room < 0:
        return line(end, width, base)
    return Strip.join([line(start, room, base), line(end, width - room, base)])


def _cells(pieces: Sequence[Piece]) -> int:
    return sum(width_of(text) for text, _ in pieces)
