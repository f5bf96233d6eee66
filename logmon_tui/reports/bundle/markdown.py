"""An incident as Markdown, as tickets and chats show it. Text of a log cannot become markup."""

import re
from collections.abc import Iterator, Sequence

from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.history.evidence_text import (
    KIND_NAMES,
    absent_text,
    amount_text,
    compared_text,
    evidence_title,
)
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.rules.messages import parts_text, spoken_value, whole_line, with_hits
from logmon_tui.escape import printable, readable
from logmon_tui.reports.markdown_text import plain
from logmon_tui.units import date_time, duration, percent, window

_BACKTICKS = re.compile("`+")


def incident_markdown(
    incident: Incident, marks: Sequence[Mark], logs: Sequence[str], hidden: str = ""
) -> Iterator[str]:
    """Yield the lines about an incident, with `marks` around it and the names of the logs.

    `hidden` says what is not as it was in the log.
    """
    subject = "" if incident.subject is None else f" {_code(incident.subject)}"
    yield f"# {plain(incident.title)}{subject}"
    yield ""
    yield f"**{plain(answer(incident) or whole_line(incident))}**"
    yield ""
    yield from _facts(incident, logs)
    if hidden:
        yield from ("", plain(hidden))
    evidence = incident.evidence
    if evidence is None:
        yield from ("", plain(absent_text(incident)))
    else:
        yield from _why(incident, evidence)
    if marks:
        yield from ("", "## Marks", "")
        yield from (f"- {date_time(mark.second)} UTC {plain(mark.text)}" for mark in marks)
    if evidence is not None and evidence.samples:
        yield from ("", "## Lines of the log", "")
        # Indented code has no fence that a line could close.
        yield from (f"    {printable(line)}" for line in evidence.samples)


def _facts(incident: Incident, logs: Sequence[str]) -> Iterator[str]:
    ended = incident.recovered_at
    lasted = "still firing"
    if ended is not None:
        lasted = f"{date_time(ended)} UTC, after {duration(ended - incident.triggered_at)}"
    has_window = incident.window and incident.counts_hits
    facts = [
        ("severity", incident.worst.value),
        ("triggered", f"{date_time(incident.triggered_at)} UTC"),
        ("recovered", lasted),
        ("at trigger", with_hits(incident, spoken_value(incident.unit, incident.value))),
        ("worst", spoken_value(incident.unit, incident.peak)),
        ("threshold", spoken_value(incident.unit, incident.threshold)),
        ("window", window(incident.window) if has_window else ""),
        ("rule", incident.rule),
        ("parts", parts_text(incident)),
        ("labels", ", ".join(f"{name}={text}" for name, text in incident.labels)),
        ("runbook", incident.runbook),
        ("logs", ", ".join(logs)),
        ("note", incident.note),
        ("id", incident.id),
    ]
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {plain(text)} |" for name, text in facts if text)


def _why(incident: Incident, evidence: Evidence) -> Iterator[str]:
    yield from ("", f"## {evidence_title(incident, evidence)}", "")
    yield plain(compared_text(incident, evidence))
    for kind, movers in evidence.movers:
        if movers:
            yield from ("", f"| {KIND_NAMES[kind]} | before | now | share |", "|---|--:|--:|--:|")
            yield from (_row(incident, kind, mover) for mover in movers)


def _row(incident: Incident, kind: Kind, mover: Mover) -> str:
    amounts = (amount_text(incident, each) for each in (mover.before, mover.now))
    key = _code(mover.key, decode=kind in {Kind.PATH, Kind.SECTION})
    return f"| {key} | {' | '.join(amounts)} | {percent(mover.share)} % |"


def _code(text: bytes, *, decode: bool = False) -> str:
    """Return text as code for a cell of a table: no character of it is markup."""
    safe = readable(text) if decode else printable(text)
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(safe)), default=0))
    blank = " " if safe[:1] in "` " or safe[-1:] in "` " else ""
    bars = safe.replace("|", "\\|")
    return f"{fence}{blank}{bars}{blank}{fence}" if safe else plain("-")
