"""Limits of a report, as `--fail-if` takes them: read, and judged. Pure.

::

    limit    metric  operator  [sign]  number  [unit]
    operator > >= < <=

Without a sign the number limits the value of the present window: `5xx_share>2%`, `p95>500ms`. With
`+` or `-` it limits the change since the baseline: `rate<-50%` and `p95>+20%` by a part of the
baseline, `p95>+100ms` by an amount, and `5xx_share>+1%` by percentage points.
"""

import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from logmon_tui.errors import LimitError, meant
from logmon_tui.reports.change_words import change_text, value_text
from logmon_tui.snapshot import Window
from logmon_tui.snapshot.comparison import Change, Changes, Comparison
from logmon_tui.snapshot.totals import METRICS, Quantity, Total, total_of
from logmon_tui.snapshot.verdicts import LimitState, Verdict

MIN_HITS = 20
"""Hits that a share or a quantile needs, to say something."""

_FOUND_NEW = {"new_5xx_paths": "paths", "new_5xx_routes": "routes"}
"""Metrics that count the keys of a ranking with 5xx now and none in the baseline."""

_BLANKS = re.compile(r"\s*")
_METRIC = re.compile(r"\w+", re.ASCII)
_OPERATOR = re.compile(r">=|<=|>|<")
_SIGN = re.compile(r"[+-]")
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
_UNIT = re.compile(r"\S*")

_COMPARES: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class _Form(NamedTuple):
    """How a limit of a metric is written: the values of its units, and an example.

    Only if it is `signed` it may limit a change since the baseline.
    """

    like: str
    units: Mapping[str, int | Fraction]
    signed: bool = True


_PERCENT = "%"
_MULTIPLES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZES = {**_MULTIPLES, **{f"{unit}B": factor for unit, factor in _MULTIPLES.items()}}
_TIMES: Mapping[str, int | Fraction] = {
    "s": 1,
    "ms": Fraction(1, 10**3),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
}
_OF_QUANTITIES = {
    Quantity.COUNT: _Form(">1000 or >+20%", _MULTIPLES),
    Quantity.RATE: _Form(">50 or >+20%", _MULTIPLES),
    Quantity.BYTES: _Form(">5GB or >+20%", _SIZES),
    Quantity.BYTES_RATE: _Form(">5MB or >+20%", _SIZES),
    Quantity.SHARE: _Form(">2% or >+1%", {_PERCENT: Fraction(1, 100)}),
    Quantity.TIME: _Form(">500ms, >+100ms or >+20%", _TIMES),
}
FORMS = {
    **{name: _OF_QUANTITIES[metric.quantity] for name, metric in METRICS.items()},
    **dict.fromkeys(_FOUND_NEW, _Form(">0", {"": 1}, signed=False)),
}
"""The metrics that can be limited, by name."""


class Limit(NamedTuple):
    """One limit; `text` is how it was written.

    `metric` is a name of `METRICS`, or one of those that count new errors. With `growth`, `value`
    limits a change since the baseline, if `relative` as a part of the baseline.
    """

    text: str
    metric: str
    operator: str
    value: Fraction
    growth: bool = False
    relative: bool = False

    @property
    def needs_baseline(self) -> bool:
        """Whether the limit can be judged only against a baseline."""
        return self.growth or self.metric in _FOUND_NEW


def parse_limit(text: str) -> Limit:
    """Return the limit in `text`. Raises LimitError."""
    return _Parser(text).parsed()


class _Parser:
    """Reads one limit from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._like = ""

    def parsed(self) -> Limit:
        name = self._metric()
        form = FORMS[name]
        self._like = f"such as {name}{form.like}"
        compares = self._required(_OPERATOR, "> or <")
        signed_at = self._skip_blanks()
        sign = self._next(_SIGN)
        if sign and not form.signed:
            raise self._error(f"{name} takes no sign, {self._like}", signed_at)
        value = Fraction(self._required(_NUMBER, "a number")) * (-1 if sign == "-" else 1)
        unit_at = self._skip_blanks()
        unit = self._next(_UNIT)
        if self._skip_blanks() < len(self._text):
            raise self._error("nothing may follow; repeat --fail-if for more limits", self._at)
        relative = unit == _PERCENT and form.signed and _PERCENT not in form.units
        if relative and not sign:
            raise self._error(f"a growth needs its sign, {self._like}", signed_at)
        if not relative and unit not in form.units:
            what = f"{unit} is no unit of {name}" if unit else f"{name} needs a unit"
            raise self._error(f"{what}, {self._like}", unit_at)
        factor = Fraction(1, 100) if relative else form.units[unit]
        return Limit(self._text, name, compares, value * factor, bool(sign), relative)

    def _metric(self) -> str:
        start = self._skip_blanks()
        name = self._next(_METRIC)
        if name in FORMS:
            return name
        longer = [each for each in FORMS if name and each.startswith(name.lower())]
        near = f"; did you mean {longer[0]}?" if longer else meant(name.lower(), FORMS)
        known = f"; known are {', '.join(FORMS)}"
        problem = f"{name} is no metric" if name else "a metric is missing"
        raise self._error(f"{problem}{near or known}", start)

    def _required(self, pattern: re.Pattern[str], what: str) -> str:
        self._skip_blanks()
        found = self._next(pattern)
        if not found:
            raise self._error(f"{what} must follow, {self._like}", self._at)
        return found

    def _next(self, pattern: re.Pattern[str]) -> str:
        """Return what `pattern` finds here, and move behind it; "" if it finds nothing."""
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[0] if found else ""

    def _skip_blanks(self) -> int:
        """Move behind blanks; return the place reached."""
        self._next(_BLANKS)
        return self._at

    def _error(self, problem: str, position: int) -> LimitError:
        return LimitError(problem, self._text, position)


def judged(
    limit: Limit, present: Window, comparison: Comparison | None, min_hits: int = MIN_HITS
) -> Verdict:
    """Return how the `present` window stands to a limit, given its `comparison` with a baseline.

    Shares and quantiles of fewer than `min_hits` hits are not judged, and nothing is judged
    against a baseline of fewer hits.
    """
    baseline = None if comparison is None else comparison.baseline
    lacks = _lacks(limit, present, baseline, min_hits)
    if limit.metric in _FOUND_NEW:
        if lacks or comparison is None:
            return Verdict(limit.text, LimitState.UNKNOWN, None, None, lacks)
        return _of_new(limit, comparison)
    total = total_of(METRICS[limit.metric], baseline or Window(), present)
    values = _number(total.baseline if baseline else None), _number(total.present)
    if lacks:
        return Verdict(limit.text, LimitState.UNKNOWN, *values, lacks)
    measured = total.present
    if limit.growth:
        measured = total.growth if limit.relative else total.change
    if measured is None:
        return Verdict(limit.text, LimitState.UNKNOWN, *values, _missing(total, present))
    message = _message(total) if limit.growth else _present(total)
    return Verdict(limit.text, _state(limit, measured), *values, message)


def _of_new(limit: Limit, comparison: Comparison) -> Verdict:
    """Return how many keys fail anew, and whether those that are not known could change that."""
    ranking = _FOUND_NEW[limit.metric]
    changes = comparison.changes.get(ranking, Changes())
    number, more = newly_failing(changes), perhaps_failing(changes, comparison.present)
    plural = ranking if number != 1 else ranking[:-1]
    message = f"{number:,} {plural} with 5xx that had none in the baseline"
    state = _state(limit, number)
    if state is not _state(limit, number + more):
        state = LimitState.UNKNOWN
        message += f", and perhaps {more:,} more: too many {ranking} to know all"
    return Verdict(limit.text, state, 0.0, float(number), message)


def _state(limit: Limit, measured: Fraction | int) -> LimitState:
    crossed = _COMPARES[limit.operator](measured, limit.value)
    return LimitState.CROSSED if crossed else LimitState.KEPT


def _lacks(limit: Limit, present: Window, baseline: Window | None, min_hits: int) -> str:
    """Return which window has too few hits for a limit to be judged, in words; "" if none."""
    if limit.needs_baseline and (baseline is None or baseline.hits < min_hits):
        return _too_few("the baseline", 0 if baseline is None else baseline.hits, min_hits)
    metric = METRICS.get(limit.metric)
    of_hits = metric is not None and metric.quantity in {Quantity.SHARE, Quantity.TIME}
    if of_hits and present.hits < min_hits:
        return _too_few("the present", present.hits, min_hits)
    return ""


def _too_few(which: str, hits: int, min_hits: int) -> str:
    return f"{which} has {hits:,} hit{'' if hits == 1 else 's'}, fewer than {min_hits:,}"


def _missing(total: Total, present: Window) -> str:
    """Say why a metric has no value, or no growth, although there are hits enough."""
    if total.metric.quantity is Quantity.TIME and total.expected != 0:
        which = "the present" if present.response_times is None else "the baseline"
        return f"{which} has no response times"
    return "was 0 in the baseline, so there is no growth"


def _message(total: Total) -> str:
    was, now = (value_text(total.metric, each) for each in (total.expected, total.present))
    changed = change_text(total)
    return f"was {was}, is {now}{f' ({changed})' if changed else ''}"


def _present(total: Total) -> str:
    return f"is {value_text(total.metric, total.present)}"


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def newly_failing(changes: Changes) -> int:
    """Return how many keys certainly have 5xx now and had none in the baseline."""
    return sum(
        bool(change.errors)
        if change.baseline is None
        else change.baseline.errors is not None and change.baseline.errors.server == 0
        for change in changes.rows
        if _fails(change)
    )


def perhaps_failing(changes: Changes, present: Window) -> int:
    """Return how many keys at most have 5xx now, and none in the baseline, without being known.

    Of keys without a row, each 5xx may be of another one.
    """
    rows = (change.present for change in changes.rows)
    known = sum(row.errors.server for row in rows if row is not None and row.errors is not None)
    uncertain = sum(
        not change.errors if change.baseline is None else change.baseline.errors is None
        for change in changes.rows
        if _fails(change)
    )
    return max(0, present.by_class[5] - known) + uncertain


def _fails(change: Change) -> bool:
    row = change.present
    return row is not None and row.errors is not None and row.errors.server > 0
