"""The blocks of a window's text: headings, paragraphs, labelled values, columns. Pure."""

from collections.abc import Sequence
from itertools import zip_longest

from textual.content import Content

from logmon_tui.tui.paint.cells import crop, left, wrapped

DIM = "$foreground 62%"
TWO_COLUMNS = 92
"""Minimum width in cells at which facts and tables have two columns."""

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
    """Return the number of columns that fit into `width` cells, and the width of each."""
    columns = 2 if width >= TWO_COLUMNS else 1
    return columns, (width - (columns - 1) * _GAP) // columns


def beside(columns: Sequence[Sequence[Content]], room: int) -> list[Content]:
    """Return columns of lines, each `room` cells wide, side by side."""
    blank = Content(" " * room)
    gap = Content(" " * _GAP)
    return [gap.join(row) for row in zip_longest(*columns, fillvalue=blank)]


def facts(labelled: Sequence[tuple[str, str]], width: int) -> list[Content]:
    """Return labels with their values, one pair below the other; a long value is wrapped."""
    room = max(1, width - _LABEL - 1)
    return [
        Content.assemble((left("" if place else label, _LABEL + 1), DIM), left(line, room))
        for label, value in labelled
        for place, line in enumerate(wrapped(value, room))
    ]


def facts_beside(labelled: Sequence[tuple[str, str]], width: int) -> list[Content]:
    """Return labels with their values, in two columns if there is room."""
    columns, room = columns_in(width)
    size = -(-len(labelled) // columns)
    parts = [labelled[start : start + size] for start in range(0, len(labelled), size)]
    return beside([facts(part, room) for part in parts], room)
