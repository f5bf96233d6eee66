"""The paths not found of a text report, each with the referrer that most often led to it."""

from collections.abc import Iterator

import click

from logmon_tui.escape import readable
from logmon_tui.fitting import crop, right
from logmon_tui.snapshot import NotFound
from logmon_tui.units import count

_HITS = 7
_GAP = 2


def not_found_lines(found: NotFound, *, top: int, width: int | None, colour: bool) -> Iterator[str]:
    """Yield the lines of the first `top` paths (0: all), each cut to the width; none if none."""
    rows = found.rows[:top] if top else found.rows
    if not rows:
        return
    title = "Not found (404), from the page that most often led there"
    room = None if width is None else width - _HITS - _GAP
    title = _cut(title, room)
    yield _line("hits", click.style(title, bold=True) if colour else title)
    for row in rows:
        yield _line(count(row.hits), _cut(readable(row.path), room))
        if row.referrer is not None:
            yield _line(f"{count(row.referrer_hits)} ←", _cut(readable(row.referrer), room))
    if found.distinct > len(rows):
        yield _line("", f"… and {count(found.distinct - len(rows))} more")


def _cut(text: str, room: int | None) -> str:
    return text if room is None else crop(text, max(1, room))


def _line(number: str, text: str) -> str:
    return f"{right(number, _HITS)}{'':{_GAP}}{text}"
