"""Fits figures into one line, leaving out the less important ones. Pure."""

from typing import NamedTuple

from logmon_tui.tui.paint.cells import Piece, width_of


class Part(NamedTuple):
    """A text that is never cut; when room is short, parts of the highest `rank` go first.

    Neighbours of the same `group` have a space between them instead of a bar.
    """

    rank: int
    pieces: tuple[Piece, ...]
    group: str = ""

    @property
    def width(self) -> int:
        """Width in cells."""
        return sum(width_of(text) for text, _ in self.pieces)


def fitted(parts: list[Part], width: int, bar_piece: Piece) -> list[Piece]:
    """Return the pieces of the parts that fit into `width` cells, with bars between the parts."""
    all_parts, parts = parts, list(parts)
    bar_width = width_of(bar_piece[0])

    def joined(index: int) -> bool:
        before, part = parts[index - 1], parts[index]
        neighbours = all_parts[all_parts.index(part) - 1] is before
        return neighbours and part.group != "" and part.group == before.group

    def needed() -> int:
        gaps = sum(1 if joined(index) else bar_width for index in range(1, len(parts)))
        return sum(part.width for part in parts) + gaps

    while len(parts) > 1 and needed() > width:
        parts.remove(max(parts, key=lambda part: part.rank))
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        if index:
            pieces.append((" ", bar_piece[1]) if joined(index) else bar_piece)
        pieces += part.pieces
    return pieces
