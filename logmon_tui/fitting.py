"""Text measured in terminal cells: cropped, padded, wrapped, and told apart when cut. Pure.

Wide characters take two cells, so nothing here counts with `len` unless the text is ASCII.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, takewhile
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"
EIGHTHS_WIDE = " ▏▎▍▌▋▊▉█"

_GOES_ON = set("0123456789=")
"""What ends a word that tells little without the next one."""
_LONGEST_FIGURE = 20
_ROUNDS = 5
"""So often names that look alike are cut in another way before they are numbered."""


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


def folded(text: str, first: int, others: int) -> list[str]:
    """Return all of `text` in rows, broken anywhere: `first` cells wide, then `others` each."""
    rows: list[str] = []
    begin, used, room = 0, 0, max(2, first)
    for place, character in enumerate(text):
        cells = width_of(character)
        if used + cells > room:
            rows.append(text[begin:place])
            begin, used, room = place, 0, max(2, others)
        used += cells
    return [*rows, text[begin:]]


class Word(NamedTuple):
    """What no line end may break: its text, how it is printed (styled), the blanks before it."""

    text: str
    printed: str
    gap: int = 1


def words_of(text: str) -> Iterator[Word]:
    """Yield the words of a text without styles; a number and its unit, or `x = 5`, are one."""
    held = ""
    for word in text.split():
        joined = f"{held} {word}"
        belongs = held[-1:] in _GOES_ON or word == "="
        if held and belongs and width_of(joined) <= _LONGEST_FIGURE:
            held = joined
        else:
            yield from _plain(held)
            held = word
    yield from _plain(held)


def _plain(text: str) -> Iterator[Word]:
    if text:
        yield Word(text, text)


def flowed(words: Iterable[Word], width: int | None, *, start: str, hanging: int) -> list[str]:
    """Return the words in lines of at most `width` cells; None: in one line.

    The first line begins with `start`, each other one with `hanging` blanks. A word wider than a
    line is broken, for nothing else keeps all of it.
    """
    lines, used, empty = [start], width_of(start), True
    for word in words:
        gap = 0 if empty else word.gap
        if width is not None and used + gap + width_of(word.text) > width:
            if not empty:
                lines.append(" " * hanging)
                used, gap = hanging, 0
            if used + width_of(word.text) > width:
                first, *rows = folded(word.text, width - used, width - hanging)
                lines[-1] += first
                lines += [" " * hanging + row for row in rows]
                used, empty = width_of(lines[-1]), False
                continue
        lines[-1] += " " * gap + word.printed
        used, empty = used + gap + width_of(word.text), False
    return lines


def wrapped_text(text: str, width: int | None, *, hanging: int = 0) -> list[str]:
    """Return `text` in lines of at most `width` cells, broken between words; None: as it stands.

    The first line is indented as `text` is, each other one by `hanging` blanks.
    """
    if width is None or width_of(text) <= width:
        return [text]
    start = " " * (len(text) - len(text.lstrip(" ")))
    return flowed(words_of(text), width, start=start, hanging=hanging)


def common_length(one: str, other: str) -> int:
    """Return with how many of the same characters two texts begin."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def distinct(names: Sequence[str], width: int) -> list[str]:
    """Return the names in at most `width` cells, cut such that those that differ look different.

    A name loses its end. Names that would look alike then lose their middle, or else all but
    their beginning and what tells them apart; what still looks alike is numbered.
    """
    shown = {name: crop(name, width) for name in names}
    for round_ in range(_ROUNDS):
        for alike in _alike(shown):
            for name in alike:
                shown[name] = _another_cut(name, alike, width, round_)
    taken = set(shown.values())
    for alike in _alike(shown):
        for name in alike:
            if width_of(name) > width:
                numbered = (_numbered(name, number, width) for number in count(1))
                shown[name] = next(text for text in numbered if text not in taken)
                taken.add(shown[name])
    return [shown[name] for name in names]


def _alike(shown: dict[str, str]) -> list[list[str]]:
    """Return the groups of names that are shown in the same way."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, text in shown.items():
        groups[text].append(name)
    return [group for group in groups.values() if len(group) > 1]


def _another_cut(name: str, alike: Sequence[str], width: int, round_: int) -> str:
    """Return a name that is too long, cut so that it may differ from those it is `alike` to."""
    if width_of(name) <= width:
        return name
    if round_ == 0:
        head = (width - 1) // 2
        return _begin(name, head) + ELLIPSIS + _end(name, width - 1 - head)
    head = width // (2 + round_)
    begin = _begin(name, head)
    same = common_length(min(alike), max(alike))
    rest = name[max(len(begin), same - 1) :]
    return begin + ELLIPSIS + crop(rest, width - 1 - width_of(begin))


def _numbered(name: str, number: int, width: int) -> str:
    mark = f"{ELLIPSIS}{number}"
    return _begin(name, width - len(mark)) + mark


def _begin(text: str, width: int) -> str:
    """Return the first characters of `text` that take at most `width` cells."""
    if text.isascii():
        return text[: max(0, width)]
    return text[: sum(1 for _ in takewhile(lambda used: used <= width, _used(text)))]


def _end(text: str, width: int) -> str:
    """Return the last characters of `text` that take at most `width` cells."""
    return text[len(text) - len(_begin(text[::-1], width)) :]


def _used(text: str) -> Iterator[int]:
    """Yield the cells that the first, the first two … characters take."""
    used = 0
    for character in text:
        used += cell_len(character)
        yield used
