"""The history of alerts for people: a line for each incident, or everything about one.

All text from a log or a user passes through `printable`. Names come last in a line, so that a long
one can use the remaining width.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import click

from logmon_tui.alerts.history.evidence_text import (
    KIND_NAMES,
    absent_text,
    amount_text,
    compared_text,
    evidence_title,
)
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.rules.messages import parts_text, spoken_value, subject_text, value_text
from logmon_tui.escape import printable
from logmon_tui.fitting import (
    common_length,
    crop,
    distinct,
    flowed,
    left,
    right,
    width_of,
    words_of,
    wrapped_text,
)
from logmon_tui.reports.history import HistoryContext, labels_text, state_of
from logmon_tui.reports.text_lines import SEVERITY_SIGNS
from logmon_tui.units import clock, date_time, duration, percent

_MIN_ID = 4
"""Minimum characters of an id that are shown."""
_MIN_SUBJECT = 15
"""Minimum cells of a column of subjects; with less room, rules and subjects share one column."""
_MAX_SUBJECT = 1_000
"""Maximum bytes of a subject that are shown."""
_LABEL = 16
"""Width of the labels before the facts, in cells."""


def id_length(ids: Iterable[str]) -> int:
    """Return how many leading characters make each of the ids unique."""
    same = (common_length(*pair) for pair in pairwise(sorted(ids)))
    return max(_MIN_ID, 1 + max(same, default=0))


def headline(incidents: Sequence[Incident], context: HistoryContext) -> str:
    """Return a line with the number of incidents, and of those that fire."""
    firing = sum(incident.firing for incident in incidents)
    as_of = f" {_as_of(context)}" if firing and not context.watched else ""
    return f"Alerts: {len(incidents):,}, {firing:,} firing{as_of}"


class _Column(NamedTuple):
    """One column of the table; `fit` aligns a text to the left or right of the column's width."""

    title: str
    text: Callable[[Incident, HistoryContext], str]
    fit: Callable[[str, int], str]


def history_table(
    incidents: Sequence[Incident],
    context: HistoryContext,
    id_width: int,
    *,
    width: int | None,
    colour: bool,
) -> Iterator[str]:
    """Yield a headline, then a line for each incident, at most `width` cells wide (None: no limit).

    Ids are cut to `id_width` characters. A narrow table has fewer or shorter columns.
    """
    yield from wrapped_text(headline(incidents, context), width, hanging=2)
    if not incidents:
        return
    yield ""
    columns, cells = _fitting_columns(incidents, context, id_width, width)
    widths = [max(map(width_of, each)) for each in cells]
    start = 2 + sum(each + 2 for each in widths)
    names = _names(incidents, None if width is None else width - start)
    rows = zip([None, *incidents], zip(*cells, strict=True), names, strict=True)
    for incident, texts, name in rows:
        fitted = zip(columns, texts, widths, strict=True)
        line = "  ".join([*(column.fit(text, cell) for column, text, cell in fitted), name])
        yield f"{_sign(incident, colour=colour)} {line}".rstrip()


def _fitting_columns(
    incidents: Sequence[Incident], context: HistoryContext, id_width: int, width: int | None
) -> tuple[list[_Column], list[list[str]]]:
    """Return the columns before the names, and the cells of each with its title first.

    They are the first of `_LAYOUTS` that leaves enough room for names.
    """
    needed = max(width_of(_merged(each)) for each in incidents)
    short_id = _Column("id", lambda incident, _: printable(incident.id[:id_width]), left)
    found: tuple[list[_Column], list[list[str]]] = [], []
    for room, layout in _LAYOUTS:
        columns = [short_id, *layout]
        cells = [[each.title, *(each.text(one, context) for one in incidents)] for each in columns]
        found = columns, cells
        used = 2 + sum(max(map(width_of, each)) + 2 for each in cells)
        if width is None or width - used >= min(needed, room):
            break
    return found


def _lasted(incident: Incident, context: HistoryContext) -> str:
    if incident.recovered_at is not None:
        return duration(incident.recovered_at - incident.triggered_at)
    return (
        f"{state_of(incident)}, silenced" if context.is_silenced(incident) else state_of(incident)
    )


def _about(incident: Incident, context: HistoryContext) -> str:
    """Return how long it lasted, in the larger of two units: `2 h` instead of `2 h 13 m`."""
    if incident.firing:
        return "firing"
    return " ".join(_lasted(incident, context).split()[:2])


def _first_value(incident: Incident, _: HistoryContext) -> str:
    return spoken_value(incident.unit, incident.value)


def _peak(incident: Incident, _: HistoryContext) -> str:
    return spoken_value(incident.unit, incident.peak)


_WHEN = _Column("triggered (UTC)", lambda each, _: date_time(each.triggered_at), left)
_SHORT_WHEN = _Column("triggered", lambda each, _: date_time(each.triggered_at)[5:16], left)
_PEAK = _Column("peak", _peak, right)
_LASTED = _Column("lasted", _lasted, right)
_LAYOUTS = (
    (28, (_WHEN, _LASTED, _Column("value", _first_value, right), _PEAK)),
    (28, (_WHEN, _LASTED, _PEAK)),
    (18, (_SHORT_WHEN, _LASTED, _PEAK)),
    (0, (_SHORT_WHEN, _Column("lasted", _about, right))),
)
"""Layouts of the columns, widest first, each with the cells that it must leave for names."""


def _names(incidents: Sequence[Incident], room: int | None) -> list[str]:
    """Return rule and subject of each incident, after a title: in two columns, or in one.

    If no incident has a subject, there is no column for it.
    """
    rule = max(len("rule"), *(width_of(printable(each.rule)) for each in incidents))
    subject = max(width_of(_subject(each)) for each in incidents)
    if not subject:
        names = [printable(each.rule) for each in incidents]
        return ["rule", *(names if room is None else distinct(names, room))]
    if room is not None and room < rule + 2 + max(len("subject"), min(subject, _MIN_SUBJECT)):
        return [crop("rule, subject", room), *distinct([_merged(each) for each in incidents], room)]
    subjects = [_subject(each) for each in incidents]
    if room is not None:
        subjects = distinct(subjects, room - rule - 2)
    rules = [left(printable(each.rule), rule) for each in incidents]
    return [
        f"{left('rule', rule)}  subject",
        *(f"{name}  {shown}" for name, shown in zip(rules, subjects, strict=True)),
    ]


def _merged(incident: Incident) -> str:
    return f"{printable(incident.rule)} {_subject(incident)}".rstrip()


def _subject(incident: Incident) -> str:
    return "" if incident.subject is None else printable(incident.subject[:_MAX_SUBJECT])


def _sign(incident: Incident | None, *, colour: bool) -> str:
    """Return the sign of the present severity, coloured; once recovered, of the worst, plain."""
    if incident is None:
        return " "
    sign, fg = SEVERITY_SIGNS[incident.severity if incident.firing else incident.worst]
    return click.style(sign, fg=fg, bold=True) if colour and incident.firing else sign


def incident_text(
    incident: Incident, context: HistoryContext, *, width: int | None, colour: bool
) -> Iterator[str]:
    """Yield everything about an incident, in lines of at most `width` cells (None: no limit)."""
    sign, fg = SEVERITY_SIGNS[incident.severity] if incident.firing else ("✓", "green")
    subject = "" if incident.subject is None else f": {subject_text(incident.subject)}"
    for line in wrapped_text(f"{sign} {printable(incident.title)}{subject}", width, hanging=2):
        yield click.style(line, fg=fg, bold=True) if colour else line
    for label, value in _facts(incident, context):
        start = f"  {label:<{_LABEL - 2}}"
        yield from flowed(words_of(value), width, start=start, hanging=_LABEL)
    yield ""
    if incident.evidence is None:
        yield from wrapped_text(absent_text(incident), width)
    else:
        yield from _evidence(incident, incident.evidence, width, colour=colour)


def _facts(incident: Incident, context: HistoryContext) -> Iterator[tuple[str, str]]:
    yield "id", printable(incident.id)
    yield "rule", f"{printable(incident.rule)}, of {_scope(incident)}"
    yield "began", f"{_utc(incident.triggered_at)}, {_severities(incident)}"
    yield "ended", _end(incident, context)
    if context.is_silenced(incident):
        yield "silenced", "nobody is notified of it"
    yield "value", f"{_value(incident)} at first"
    yield "threshold", _thresholds(incident)
    reached = "" if incident.peak_at is None else f" at {_utc(incident.peak_at)}"
    yield "peak", f"{spoken_value(incident.unit, incident.peak)}{reached}"
    yield "message", printable(incident.message)
    if incident.hosts is not None:
        yield "hosts", incident.hosts.text
    if incident.mark is not None:
        yield "mark", f"{incident.after_mark}, at {_utc(incident.mark.second)}"
    if incident.recovery:
        yield "recovery", printable(incident.recovery)
    if incident.acknowledged_at is not None:
        yield "acknowledged", _utc(incident.acknowledged_at)
    if incident.note:
        yield "note", printable(incident.note)
    if incident.parts:
        yield "parts", parts_text(incident)
    if incident.labels:
        yield "labels", labels_text(incident)
    if incident.runbook:
        yield "runbook", printable(incident.runbook)


def _scope(incident: Incident) -> str:
    return (
        "all traffic"
        if incident.subject is None
        else f"each {incident.scope_name}".replace("_", " ")
    )


def _utc(epoch: float) -> str:
    return f"{date_time(epoch)} UTC"


def _end(incident: Incident, context: HistoryContext) -> str:
    if incident.recovered_at is not None:
        lasted = duration(incident.recovered_at - incident.triggered_at)
        return f"{_utc(incident.recovered_at)}, after {lasted}"
    since = incident.recovering_since
    state = "firing" if since is None else f"recovering since {_utc(since)}"
    return f"still {state}" if context.watched else f"{state} {_as_of(context)}"


def _as_of(context: HistoryContext) -> str:
    """Return as of when a state is known, as nobody watches the logs any more."""
    when = "when last saved" if context.saved_at is None else f"as of {_utc(context.saved_at)}"
    return f"{when}, not being watched"


def _value(incident: Incident) -> str:
    value = spoken_value(incident.unit, incident.value)
    if incident.unit in {Unit.HITS, Unit.DEVIATIONS} or not incident.counts_hits:
        return value
    return f"{value} of {incident.hits:,} hits"


def _thresholds(incident: Incident) -> str:
    if not incident.limits:  # saved by an older version
        return value_text(incident.unit, incident.threshold)
    return ", ".join(
        f"{value_text(incident.unit, limit.threshold)} {limit.severity}"
        for limit in incident.limits
    )


def _severities(incident: Incident) -> str:
    """Return the severities that it had, each later one with the time of day of its beginning."""
    (_, first), *later = incident.changes or ((0, incident.severity),)
    return " → ".join((first, *(f"{severity} {clock(second)}" for second, severity in later)))


def _evidence(
    incident: Incident, evidence: Evidence, width: int | None, *, colour: bool
) -> Iterator[str]:
    """Yield the comparison of the window at the trigger with the one before, and sample lines."""
    title = evidence_title(incident, evidence)
    yield click.style(title, bold=True) if colour else title
    yield from wrapped_text(f"  {compared_text(incident, evidence)}", width, hanging=2)
    for kind, movers in evidence.movers:
        figures = [("before", "now", "share")]
        for mover in movers:
            amounts = (amount_text(incident, each) for each in (mover.before, mover.now))
            figures.append((*amounts, f"{percent(mover.share)} %"))  # type: ignore[arg-type]
        widths = [max(7, *map(len, column)) for column in zip(*figures, strict=True)]
        keys = [printable(mover.key) for mover in movers]
        room = None if width is None else width - sum(each + 2 for each in widths)
        names = [KIND_NAMES[kind], *(keys if room is None else distinct(keys, room))]
        yield ""
        for numbers, name in zip(figures, names, strict=True):
            cells = map(right, numbers, widths)
            yield "  ".join([*cells, name])
    if evidence.samples:
        yield ""
        title = "Lines of the log that belong to it"
        yield click.style(title, bold=True) if colour else title
        for line in evidence.samples:
            yield from wrapped_text(f"  {printable(line)}", width, hanging=4)
