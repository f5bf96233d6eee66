"""An incident bundle: the files that tell everything kept of one incident, to paste or to attach.

- `incident.md`: Markdown to paste into a ticket: the answer, figures, what rose, marks, lines;
- `incident.json`: the object of `logmon-tui alerts --output json`;
- `graph.svg`: what the rule measured, with its threshold; `screen.svg` if a screen was open;
- `lines.txt`: lines of the log; `rule.toml`: the rule, as settings have it; `marks.txt`.

Makes bytes only; whoever calls it writes them. Text of a log is spelt out in all files but JSON,
where everything outside ASCII is escaped.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import asdict

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.builtin import DDOS, ERROR_RATE, HOST_SILENT, TRAFFIC
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.alerts.rules.text import rule_text
from logmon_tui.config.toml_text import toml_table
from logmon_tui.escape import printable
from logmon_tui.reports.bundle.graph import incident_graph
from logmon_tui.reports.bundle.markdown import incident_markdown
from logmon_tui.reports.history import HistoryContext, history_json

MARKS_BEFORE, MARKS_AFTER = 3_600, 600
"""Seconds around an incident within which marks are told."""


class Bundle(NamedTuple):
    """What a bundle is made of.

    `rule` is the incident's rule as the settings have it now, None if they have none of its name.
    `marks` are in the order of time. `logs` are the names of the watched logs. `screen` is a
    picture of the screen, SVG, empty if there was none. An `anonymous` bundle has pseudonyms (see
    `masked`), and `left_out` lines of the log less.
    """

    incident: Incident
    context: HistoryContext
    rule: Rule | None = None
    marks: Sequence[Mark] = ()
    logs: Sequence[str] = ()
    screen: str = ""
    anonymous: bool = False
    left_out: int = 0

    @property
    def near(self) -> list[Mark]:
        """The marks around the incident."""
        first = self.incident.triggered_at - MARKS_BEFORE
        last = (self.incident.recovered_at or self.incident.triggered_at) + MARKS_AFTER
        return [mark for mark in self.marks if first <= mark.second <= last]

    @property
    def name(self) -> str:
        """A name for the folder: time, rule, the beginning of the id; safe in any file system."""
        when = iso_time(self.incident.triggered_at).replace(":", "").replace("-", "")
        rule = "".join(each if each.isalnum() and each.isascii() else "_" for each in self._rule)
        return f"incident-{when}-{rule}-{self.incident.id[:8]}"

    @property
    def _rule(self) -> str:
        return self.incident.rule[:40]


def files_of(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a bundle: names, and what is in them."""
    incident, evidence = bundle.incident, bundle.incident.evidence
    yield (
        "incident.md",
        _text(incident_markdown(incident, bundle.near, bundle.logs, _hidden(bundle))),
    )
    listed = json.loads(history_json([incident], bundle.context))
    yield "incident.json", _text(json.dumps(listed[0], indent=2).splitlines())
    if evidence is not None and len(evidence.values) > 1:
        yield "graph.svg", incident_graph(incident, evidence).encode()
    if bundle.screen:
        yield "screen.svg", bundle.screen.encode("utf-8", "backslashreplace")
    if evidence is not None and evidence.samples:
        yield "lines.txt", _text(map(printable, evidence.samples))
    if bundle.rule is not None:
        yield "rule.toml", _text(_rule_lines(bundle.rule))
    if bundle.near:
        marks = (f"{iso_time(mark.second)} {printable(mark.text)}" for mark in bundle.near)
        yield "marks.txt", _text(marks)


def left_out_text(lines: int) -> str:
    """Return that lines were left out of an anonymous bundle; empty if none was."""
    if not lines:
        return ""
    said = "1 line was" if lines == 1 else f"{lines} lines were"
    return f"{said} left out: the format is not known, so neither is what to hide."


def _hidden(bundle: Bundle) -> str:
    if not bundle.anonymous:
        return ""
    text = "Clients, users and queries are pseudonyms."
    return f"{text} {left_out_text(bundle.left_out)}".rstrip()


def _rule_lines(rule: Rule) -> Iterator[str]:
    """Yield what a rule does in words, and a table that makes the same rule.

    The table of a built-in rule has another name, as settings only change its thresholds.
    """
    builtin = rule.name in {TRAFFIC, ERROR_RATE, DDOS}
    yield f"# {printable(rule_text(rule))}"
    yield from toml_table(("rules", f"{rule.name}_copy" if builtin else rule.name), _settings(rule))


def _settings(rule: Rule) -> dict[str, Any]:
    """Return what differs from a rule of nothing but a name and a metric."""
    plain = asdict(Rule(name=rule.name, title=rule.title, metric=rule.metric))
    names = {"for_": "for", "all_": "all"}
    hidden = {"name", "burn"} | ({"metric"} if rule.name == HOST_SILENT else set())
    hidden |= {"scope"} if rule.by else set()
    hidden |= {"critical"} if rule.combines else set()
    return {
        names.get(key, key): value
        for key, value in asdict(rule).items()
        if key not in hidden and (value != plain[key] or key in {"title", "metric"})
    }


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
