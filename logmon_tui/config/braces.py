"""Expands braces as shells do: `web{1..3}` and `{web,db}1`. Pure, and bounded."""

from collections.abc import Iterator
from itertools import product

from logmon_tui.late_patterns import late_pattern

MAX_WORDS = 1_000
"""Maximum words that braces of one text may stand for."""

_BRACES = late_pattern(r"\{([^{}]*)\}")
_RANGE = late_pattern(r"(\d{1,9})\.\.(\d{1,9})")


def expanded(text: str) -> list[str]:
    """Return the words that `text` stands for, in the order in which a shell names them.

    `{1..9}` counts up or down, `{01..12}` with leading zeros, and `{a,b}` lists. Braces with
    neither stay as they are, and braces in braces are none. Raises ValueError for too many words.
    """
    pieces: list[tuple[str, ...]] = []
    words = 1
    for piece in _pieces(text):
        words *= len(piece)
        if words > MAX_WORDS:
            raise ValueError(f"its braces stand for more than {MAX_WORDS:,} logs")
        pieces.append(piece)
    return ["".join(chosen) for chosen in product(*pieces)]


def _pieces(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the texts between braces, and what each pair of braces stands for."""
    end = 0
    for found in _BRACES().finditer(text):
        yield (text[end : found.start()],)
        yield _inside(found[1]) or (found[0],)
        end = found.end()
    yield (text[end:],)


def _inside(text: str) -> tuple[str, ...]:
    if (numbers := _RANGE().fullmatch(text)) is not None:
        first, last = int(numbers[1]), int(numbers[2])
        if abs(last - first) >= MAX_WORDS:
            raise ValueError(f"its braces stand for more than {MAX_WORDS:,} logs")
        step = 1 if last >= first else -1
        padded = any(len(each) > 1 and each.startswith("0") for each in numbers.groups())
        width = max(map(len, numbers.groups())) if padded else 0
        return tuple(str(each).zfill(width) for each in range(first, last + step, step))
    return tuple(text.split(",")) if "," in text else ()
