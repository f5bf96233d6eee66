"""Text in windows by blocks: headings, paragraphs, labelled values, columns. Pure."""

from collections.abc import Sequence
from itertools import zip_longest

from textual.content import Content

from logmon_tui.tui.paint.cells import crop, left, wrapped

DIM = "$foreground 62%"
TWO_COLUMNS = 92
"""From this width on, facts and tables stand beside each other."""

_GAP = 4
_LABEL = 12
_HEADING = "bold $text-accent"


def heading(text: str, width: int) -> Content:
    """Return the heading of a block."""
    return Content.styled(crop(text, width), _HEADING)


def paragraph(text: str, width: int, style: str) -> list[Content]:
    """Return `text` broken into lines between words."""
    return [Content.styled(line, style) for line in wrapped(text, width)]


def columns_in(width: int) -> tuple[int, int]:
    """Return how many columns there is room for, and how wide each is."""
    columns = 2 if width >= TWO_COLUMNS else 1
    return columns, (width - (columns - 1) * _GAP) // columns


def beside(columns: Sequence[Sequence[Content]], room: int) -> list[Content]:
    """Return columns of lines, each `room` cells wide, next to each other."""
    blank = Content(" " * room)
    gap = Content(" " * _GAP)
    return [gap.join(row) for row in zip_longest(*columns, fillvalue=blank)]


def facts(labelled: Sequence[tuple[str, str]], width: int) -> list[Content]:
    """Return labels with their values, one below the other; long values take several lines."""
    room = max(1, width - _LABEL - 1)
    return [
        Content.assemble((left("" if place else label, _LABEL + 1), DIM), left(line, room))
        for label, value in labelled
        for place, line in enumerate(wrapped(value, room))
    ]


def facts_beside(labelled: Sequence[tuple[str, str]], width: int) -> list[Content]:
    """Return the same in two columns, where there is room."""
    columns, room = columns_in(width)
    size = -(-len(labelled) // columns)
    parts = [labelled[start : start + size] for start in range(0, len(labelled), size)]
    return beside([facts(part, room) for part in parts], room)
