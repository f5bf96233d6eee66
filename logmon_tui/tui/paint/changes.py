"""How a change against a baseline shows: its words, and whether it is more than chance. Pure."""

from datetime import UTC, datetime
from math import sqrt
from typing import NamedTuple

from logmon_tui import units
from logmon_tui.snapshot import Baseline, CountRow, Known, Snapshot
from logmon_tui.snapshot.comparison import Change
from logmon_tui.tui.paint.time_view import DAY

WIDTH = 7
"""Cells of the text of any change."""

NEW, GONE = "NEW", "GONE"
SAME = "="
UNSEEN = "?"
"""Stands for the change of a key that was not among the top keys, as it may have been there."""

_SAME = 0.005
_NOTABLE = 0.1
"""Changes by less than this part of the former hits never stand out."""

_DEVIATIONS = 3
"""Standard deviations by which hits must differ to stand out: one of 370 does so by chance."""

_TIMES = 10
"""From this ratio on a growth is told as a multiple."""


class ChangeText(NamedTuple):
    """A change as it is drawn: its text, and the ink that its direction has, if it stands out."""

    text: str
    ink: str


NOTHING = ChangeText("", "")


class Lengths(NamedTuple):
    """The seconds of the baseline, and of what is compared with it."""

    then: int
    now: int


def change_text(change: Change, lengths: Lengths) -> ChangeText:
    """Return how the change of a key shows; what is not certain of it is not told."""
    hits, former = _hits(change.present), _hits(change.baseline)
    if change.baseline is None and change.present is None:
        return NOTHING
    if change.hidden is None or (change.hidden and not change.rate):
        return ChangeText(UNSEEN, "panel--dim")
    if change.hidden:
        return _bounded(change, lengths, change.hidden)
    if change.baseline is None or change.present is None:
        text = NEW if change.baseline is None else GONE
        return ChangeText(text, _ink(former, hits, lengths))
    return rates_text(former, hits, lengths)


def rates_text(former: int, hits: int, lengths: Lengths) -> ChangeText:
    """Return how hits show that were `former` in the baseline; both are known."""
    if not former or not hits:
        text = NEW if hits else GONE if former else ""
        return ChangeText(text, _ink(former, hits, lengths))
    return ChangeText(ratio_text(_ratio(former, hits, lengths)), _ink(former, hits, lengths))


def ratio_text(ratio: float) -> str:
    """Return a growth by its ratio: `+38 %`, `×12`, `−40 %`, `=`."""
    if ratio >= _TIMES:
        return f"×{units.plain(round(ratio))}"
    if abs(ratio - 1) < _SAME:
        return SAME
    # Something is left, so it is not all gone.
    percent = max(1, round(abs(ratio - 1) * 100)) if ratio > 1 else min(99, _fall(ratio))
    return f"{'+' if ratio > 1 else '−'}{percent} %"


def _fall(ratio: float) -> int:
    return max(1, round((1 - ratio) * 100))


def _bounded(change: Change, lengths: Lengths, hidden: int) -> ChangeText:
    """Return how a key shows that may have had `hidden` hits in the window without its row."""
    if change.baseline is None:
        sign, former, hits = "≥", hidden, _hits(change.present)
    else:
        sign, former, hits = "≤", change.baseline.hits, hidden
    text = ratio_text(_ratio(former, hits, lengths))
    if text == SAME:
        return ChangeText(UNSEEN, "panel--dim")
    return ChangeText(sign + text, _ink(former, hits, lengths))


def _ratio(former: int, hits: int, lengths: Lengths) -> float:
    return (hits * lengths.then) / (former * lengths.now)


def _ink(former: int, hits: int, lengths: Lengths) -> str:
    """Return the ink of a rise or fall that is larger than chance makes it, else a dim one."""
    rise = hits * lengths.then - former * lengths.now
    # The variance of a number of independent hits is that number.
    deviation = sqrt(hits * lengths.then**2 + former * lengths.now**2)
    if abs(rise) < max(_DEVIATIONS * deviation, _NOTABLE * former * lengths.now):
        return "panel--dim"
    return "change--rise" if rise > 0 else "change--fall"


def _hits(row: CountRow | None) -> int:
    return 0 if row is None else row.hits


def then_text(change: Change, seconds: int) -> str:
    """Return what a key was in the baseline of so many seconds: `then 98.2/s · 5xx 0.1 %`."""
    row = change.baseline
    if row is None:
        if change.hidden is None:
            return "then not among the top keys"
        if not change.hidden:
            return "then no hits"
        return f"then at most {units.rate(change.hidden / seconds)}/s: not among the top keys"
    parts = [f"then {units.rate(row.hits / seconds)}/s"]
    if row.errors is not None and row.hits:
        parts.append(f"5xx {units.percent(row.errors.server / row.hits)} %")
    if row.times is not None:
        parts.append(f"p95 {units.seconds(row.times.p95, row.times.resolution)}")
    return " · ".join(parts)


def is_known(baseline: Baseline | None) -> bool:
    """Tell whether anything is known of what is compared with."""
    return baseline is not None and baseline.known is not Known.NOTHING


def compared_with(snapshot: Snapshot) -> str:
    """Return with which time `snapshot` is compared: `yesterday 03:12`, `the 10 s before`."""
    baseline = snapshot.baseline
    if baseline is None:
        return ""
    window = baseline.window
    if not baseline.offset and baseline.known is Known.HITS:
        return f"the {units.window(window.seconds)} before"
    began = window.end - window.seconds + 1
    time = _minute(window.end)
    if baseline.known is not Known.HITS and window.seconds > 60:
        time = f"{_minute(began)}–{_minute(window.end + 1)}"
    return f"{_day(baseline.offset, window.end, snapshot)} {time}"


def _day(offset: int, second: int, snapshot: Snapshot) -> str:
    if not offset:
        return "the time before,"
    date = datetime.fromtimestamp(second, UTC).strftime("%a %d %b")
    if snapshot.moment is not None:
        return date
    return "yesterday" if offset == DAY else f"last week, {date}"


def _minute(second: int) -> str:
    return units.clock(second)[:5]
