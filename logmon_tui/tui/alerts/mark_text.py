"""The text of a mark's window, as lines of a given width. Pure."""

from collections.abc import Callable, Iterator

from textual.content import Content

from logmon_tui import units
from logmon_tui.alerts.model.mark import AROUND, NEAR, Mark
from logmon_tui.snapshot import AroundMark, MarkSide, Snapshot
from logmon_tui.tui.alerts.incident_text import MARK_SIGN, name_of, sign_of
from logmon_tui.tui.paint.blocks import DIM, heading, paragraph
from logmon_tui.tui.paint.cells import crop, left, right, shown

ABSENT, NOT_KEPT = "–", "not kept"
MAX_INCIDENTS = 10
"""Maximum incidents that are named, the first ones to fire."""
_COLUMNS, _NARROW = (8, 11, 11, 10), (6, 9, 9, 8)
"""Cells of a label, of a figure before and after, and of the change; where room is, and else."""

_Measure = Callable[[MarkSide], float | None]


def mark_lines(mark: Mark, snapshot: Snapshot, width: int) -> list[Content]:
    """Return what the traffic was before and after a mark, in lines of at most `width` cells."""
    when = f"{units.date_time(mark.second)} UTC"
    lines = [
        *paragraph(f"{MARK_SIGN} {shown(mark.text)}", width, "bold $text-primary"),
        *paragraph(when, width, DIM),
        Content(""),
    ]
    around = snapshot.around
    if around is None or around.mark != mark:
        why = "No hit was read yet." if snapshot.log_time is None else "Summing up …"
        return [*lines, *paragraph(why, width, DIM)]
    lines += _table(around, width)
    lines += [Content(""), *paragraph(_extent(around, snapshot.log_time), width, DIM)]
    return [*lines, *_incidents(mark, snapshot, width)]


def _table(around: AroundMark, width: int) -> Iterator[Content]:
    columns = _COLUMNS if width >= sum(_COLUMNS) else _NARROW
    label_width = min(columns[0], width)
    heads = zip(("", "before", "after", "change"), columns, strict=True)
    yield Content.styled(crop("".join(right(*each) for each in heads), width), DIM)
    before, after = around.before, around.after
    for label, measure, text in _ROWS:
        values = measure(before), measure(after)
        texts = (
            _text(value, text, label, side) for value, side in zip(values, around[1:], strict=True)
        )
        cells = zip((*texts, _change(*values)), columns[1:], strict=True)
        figures = "".join(right(*each) for each in cells)
        yield Content.assemble(
            (left(label, label_width), DIM), crop(figures, max(0, width - label_width))
        )


def _text(value: float | None, text: Callable[[float], str], label: str, side: MarkSide) -> str:
    if value is not None:
        return text(value)
    return NOT_KEPT if label.startswith("p") and not side.times_kept else ABSENT


def _quantile(name: str) -> _Measure:
    return lambda side: None if side.times is None else side.times.quantiles[name]


def _share(status_class: int) -> _Measure:
    return lambda side: side.class_share(status_class)


_ROWS: tuple[tuple[str, _Measure, Callable[[float], str]], ...] = (
    ("req/s", lambda side: side.rate, units.rate),
    ("4xx %", _share(4), units.percent),
    ("5xx %", _share(5), units.percent),
    ("p50", _quantile("p50"), units.seconds),
    ("p95", _quantile("p95"), units.seconds),
)


def _change(before: float | None, after: float | None) -> str:
    """Return by what a value changed: in percent, or how many times it is from the double on."""
    if before is None or after is None:
        return ""
    if before == after:
        return "="
    if not before:
        return "new"
    ratio = after / before
    if ratio >= 2:
        return f"× {units.plain(ratio)}"
    return f"{ratio - 1:+.0%}".replace("-", "−").replace("%", " %")


def _extent(around: AroundMark, log_time: float | None) -> str:
    """Say how much of the time before and after is known by `log_time`, and of which hits."""
    parts = []
    goes_on = log_time is not None and log_time < around.mark.second + AROUND
    for name, side in (("before", around.before), ("after", around.after)):
        known = units.window(side.seconds) if side.seconds else "nothing"
        so_far = " so far" if name == "after" and goes_on else ""
        parts.append(f"{known} {name}{so_far}")
    text = f"All hits; known: {', '.join(parts)}."
    if not (around.before.times_kept and around.after.times_kept):
        text += " Response times of so long ago are no longer kept."
    return text


def _incidents(mark: Mark, snapshot: Snapshot, width: int) -> list[Content]:
    """Return the incidents that follow the mark, the first to fire first."""
    found = [each for each in snapshot.alerts.incidents if each.mark == mark]
    title = heading(f"Alerts within {units.window(NEAR)} after it", width)
    if not found:
        return [Content(""), title, *paragraph("none", width, DIM)]
    found.sort(key=lambda each: each.triggered_at)
    rows = [
        f"{sign_of(each)} {units.clock(each.triggered_at)}  {name_of(each)}"
        for each in found[:MAX_INCIDENTS]
    ]
    if len(found) > MAX_INCIDENTS:
        rows.append(f"and {len(found) - MAX_INCIDENTS:,} more")
    return [Content(""), title, *(Content(crop(row, width)) for row in rows)]
