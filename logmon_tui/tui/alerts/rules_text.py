"""Lines about rules: which are about to fire, and how often another threshold would fire. Pure."""

from collections.abc import Sequence

from logmon_tui import units
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.state import State
from logmon_tui.alerts.rules.objectives import PREFIX
from logmon_tui.alerts.rules.text import objective_text
from logmon_tui.snapshot import RuleStatus, WhatIf
from logmon_tui.tui.paint.cells import shown, width_of

PENDING_SIGN = "◔"
NO_DATA_SIGN = "◌"
HELD_SIGN = "⊘"
LEARNING_SIGN = "◍"
OBJECTIVE_SIGN = "◎"
LACKING_SIGN = "≈"


def rules_line(rules: Sequence[RuleStatus]) -> str:
    """Return the rules held back, about to fire, without data, learning, and lacking subjects.

    Of each the number of its subjects is told.

    The line is empty if there are none. That an objective has no hits is told by `objectives_line`.
    """
    pending = [_pending(rule) for rule in rules if rule.pending or rule.state is State.PENDING]
    no_data = [
        _no_data(rule)
        for rule in rules
        if rule.state is State.NO_DATA and not rule.rule.startswith(PREFIX)
    ]
    held = [f"{shown(rule.title)} ({rule.held:,})" for rule in rules if rule.held]
    parts = []
    if held:
        parts.append(f"{HELD_SIGN} held back: {', '.join(held)}")
    if pending:
        parts.append(f"{PENDING_SIGN} pending: {', '.join(pending)}")
    if no_data:
        parts.append(f"{NO_DATA_SIGN} no data: {', '.join(no_data)}")
    learning = [_learning(rule) for rule in rules if rule.learns_until is not None]
    if learning:
        parts.append(f"{LEARNING_SIGN} learning: {', '.join(learning)}")
    if lacking := [_lacking(rule) for rule in rules if _is_lacking(rule)]:
        parts.append(f"{LACKING_SIGN} not all counted: {', '.join(lacking)}")
    return "  ".join(parts)


def _no_data(rule: RuleStatus) -> str:
    """Return the title of a rule, and why it has no data if it tells: `2 of 3 days recorded`."""
    why = rule.basis if rule.unit is Unit.DEVIATIONS else ""
    return f"{shown(rule.title)} ({why})" if why else shown(rule.title)


def _learning(rule: RuleStatus) -> str:
    return f"{shown(rule.title)} (until {units.date_time(rule.learns_until or 0)} UTC)"


def _is_lacking(rule: RuleStatus) -> bool:
    return bool(rule.left_out or rule.lost or rule.forgotten)


def _lacking(rule: RuleStatus) -> str:
    """Return the title of a rule with what it lacks: `12 without room, at most 3 hits missing`."""
    what = "B" if rule.unit is Unit.BYTES_RATE else "hit" if rule.lost == 1 else "hits"
    lost = f"at most {rule.lost:,} {what} missing" if rule.lost else ""
    left_out = f"{rule.left_out:,} without room" if rule.left_out else ""
    forgotten = f"{rule.forgotten:,} forgotten in a day" if rule.forgotten else ""
    return f"{shown(rule.title)} ({', '.join(filter(None, (left_out, lost, forgotten)))})"


def objectives_line(objectives: Sequence[ObjectiveStatus]) -> str:
    """Return how the objectives stand over the last 30 days; empty if there are none."""
    if not objectives:
        return ""
    return f"{OBJECTIVE_SIGN} {', '.join(shown(objective_text(each)) for each in objectives)}"


def _pending(rule: RuleStatus) -> str:
    return f"{shown(rule.title)} ({rule.pending:,})" if rule.pending > 1 else shown(rule.title)


def what_if_line(what_if: WhatIf, now: float | None, width: int) -> str:
    """Return how often the traffic alert would have fired; shortened if over `width` cells.

    `now` is log time in epoch seconds, None if unknown.
    """
    rate = units.plain(what_if.threshold)
    span = _rounded(max(0.0, (now or what_if.since) - what_if.since))
    lasting = _rounded(what_if.firing_seconds)
    fire, fired = "fire", "fired"
    if what_if.critical_only:
        fire, fired = "be critical", "been critical"
    if not what_if.times:
        long = f"with {rate} req/s it would not have {fired} in the last {span}"
        short = f"at {rate}: would not {fire} in {span}"
    else:
        times = "once" if what_if.times == 1 else f"{what_if.times:,} times"
        in_all = "" if what_if.times == 1 else " in all"
        spell = f"{times}, for {lasting}{in_all}"
        long = f"with {rate} req/s it would have {fired} {spell}, in the last {span}"
        short = f"at {rate}: would {fire} {what_if.times:,}×, {lasting} in {span}"
    return long if width_of(long) <= width else short


def _rounded(seconds: float) -> str:
    """Return a span of time in one unit: `48 s`, `14 m`, `6 h`, `3 d`."""
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * unit or seconds == unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"
