"""Fits text into terminal cells: crops, pads and wraps it, and keeps cut names distinct. Pure.

Wide characters take two cells, so `len` measures only ASCII text.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import count, takewhile

import msgspec

ELLIPSIS = "…"
EIGHTHS_WIDE = " ▏▎▍▌▋▊▉█"

_OWN_SIGNS = frozenset(map(chr, range(32, 127))) | set(f"{ELLIPSIS}{EIGHTHS_WIDE}→←✓✗·×≤▲µ")
"""Characters of one cell, of which nearly all texts are made that no log tells."""

_BINDS_NEXT = set("0123456789=")
"""Last characters of words that stay on a line with the next word, as a number with its unit."""

_MAX_FIGURE_WIDTH = 20
"""Maximum cells of a number and its unit that are kept on one line."""

_ROUNDS = 5
"""Maximum attempts to make equal-looking names distinct by other cuts, before numbering them."""


def width_of(text: str) -> int:
    """Return the number of cells that `text` takes."""
    if text.isascii() or _OWN_SIGNS.issuperset(text):
        return len(text)
    from rich.cells import cell_len  # most reports have no need of it

    return cell_len(text)


def is_narrow(text: str) -> bool:
    """Tell whether each character of `text` takes one cell."""
    return text.isascii() or all(map(_takes_one_cell, set(text) - _OWN_SIGNS))


@lru_cache(maxsize=1_024)
def _takes_one_cell(char: str) -> bool:
    return width_of(char) == 1


def crop(text: str, width: int) -> str:
    """Return `text` in at most `width` cells; a cut text ends with an ellipsis."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[:width]
    if text.isascii():
        return text[: width - 1] + ELLIPSIS
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1) + ELLIPSIS


def left(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, aligned left."""
    text = crop(text, width)
    return text + " " * (width - width_of(text))


def right(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, aligned right."""
    text = crop(text, width)
    return " " * (width - width_of(text)) + text


def bar(share: float, width: int) -> str:
    """Return a bar that fills `share` of `width` cells, to an eighth of a cell.

    Any share above 0 shows at least the thinnest bar.
    """
    share = min(1.0, max(0.0, share))
    eighths = round(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return "█" * full + (EIGHTHS_WIDE[rest] if rest else "")


def folded(text: str, first: int, others: int) -> list[str]:
    """Break `text` anywhere into rows: the first of `first` cells, the others of `others` cells."""
    rows: list[str] = []
    begin, used, room = 0, 0, max(2, first)
    for place, character in enumerate(text):
        cells = width_of(character)
        if used + cells > room:
            rows.append(text[begin:place])
            begin, used, room = place, 0, max(2, others)
        used += cells
    return [*rows, text[begin:]]


class Word(msgspec.Struct, frozen=True):
    """A unit that is never broken: its text, its styled form, and the blanks before it."""

    text: str
    printed: str
    gap: int = 1


def words_of(text: str) -> Iterator[Word]:
    """Yield the words of an unstyled text; a number with its unit, or `x = 5`, is one word."""
    held = ""
    for word in text.split():
        joined = f"{held} {word}"
        belongs = held[-1:] in _BINDS_NEXT or word == "="
        if held and belongs and width_of(joined) <= _MAX_FIGURE_WIDTH:
            held = joined
        else:
            yield from _plain(held)
            held = word
    yield from _plain(held)


def _plain(text: str) -> Iterator[Word]:
    if text:
        yield Word(text, text)


def flowed(words: Iterable[Word], width: int | None, *, start: str, hanging: int) -> list[str]:
    """Return the words in lines of at most `width` cells, or in one line if `width` is None.

    The first line begins with `start`, the others with `hanging` blanks. A word that is wider than
    a line is broken, so that nothing is lost.
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
    """Break `text` between words into lines of at most `width` cells; None leaves it unchanged.

    The first line keeps the indentation of `text`; the others have `hanging` blanks.
    """
    if width is None or width_of(text) <= width:
        return [text]
    start = " " * (len(text) - len(text.lstrip(" ")))
    return flowed(words_of(text), width, start=start, hanging=hanging)


def common_length(one: str, other: str) -> int:
    """Return the length of the common beginning of two texts."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def distinct(names: Sequence[str], width: int) -> list[str]:
    """Return the names cut to `width` cells in such a way that different names look different.

    Usually a name loses its end. Names that would then look alike lose their middle instead, or
    everything but their beginning and the part that differs. Names that still look alike are
    numbered.
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
    """Return the groups of names that look alike."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, text in shown.items():
        groups[text].append(name)
    return [group for group in groups.values() if len(group) > 1]


def _another_cut(name: str, alike: Sequence[str], width: int, round_: int) -> str:
    """Cut a name that is too long in the way of this round, to differ from the `alike` names."""
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
    """Yield the cells of the first character, of the first two, and so on."""
    used = 0
    for character in text:
        used += width_of(character)
        yield used
