"""What an alert says when it fires, while it does, and when it recovers. Pure.

A rule's own templates hold words in braces, those of `WORDS`; nothing else is looked up, so that
no template can reach into an object. `{{` and `}}` stand for the braces themselves.

A user's own message is made anew for what is told: a change of severity, and that it still fires.
All other messages are sentences about the trigger, and stay as they were then.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from logmon_tui import units
from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.rule import Limit, Metric, Rule, Scope, Unit, When
from logmon_tui.alerts.rules.builtin import MESSAGES
from logmon_tui.escape import printable

NO_DATA = "no data"
"""What stands for a value that is undefined."""

_FORMATS: dict[Unit, Callable[[float], str]] = {
    Unit.RATE: lambda value: f"{units.rate(value)}/s",
    Unit.SHARE: lambda value: f"{value:.1%}",
    Unit.HITS: lambda value: f"{value:,.0f}",
    Unit.BYTES_RATE: lambda value: f"{units.spoken_size(value)}/s",
    Unit.SECONDS: units.seconds,
    Unit.BYTES: units.spoken_size,
    Unit.CLIENTS: lambda value: f"{value:,.0f}",
    Unit.RATIO: lambda value: f"{units.plain(value)}×",
}

_PLACES = {
    Scope.SECTION: " in ",
    Scope.PATH: " at ",
    Scope.ROUTE: " at ",
    Scope.CLIENT: " from ",
    Scope.VIRTUAL_HOST: " on ",
    Scope.STATUS: " with status ",
    Scope.USER_AGENT: " from ",
}
"""What leads from a title to the subject."""

_BUILT_IN_NAME = "High traffic"
"""What the built-in messages call a noisy client, too."""

_MARK = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def iso_time(second: int) -> str:
    """Return a UTC epoch second as ISO 8601: `2026-11-22T08:26:40Z`."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def value_text(unit: Unit, value: float | None) -> str:
    """Return a value of a rule with its unit: `12.3%`, `402.0/s`, `1.24 s`, `no data` for None."""
    return NO_DATA if value is None else _FORMATS[unit](value)


def spoken_value(unit: Unit, value: float) -> str:
    """Return a value as one says it where nothing else names the unit: `30 hits`, `12.3%`."""
    text = value_text(unit, value)
    if unit not in {Unit.HITS, Unit.CLIENTS}:
        return text
    return f"{text} {unit.value.removesuffix('s') if text == '1' else unit.value}"


class Told(NamedTuple):
    """What a message may tell of: a reading, judged by `limit`.

    `second` is that of the trigger, or of the recovery. `value` is None where it is undefined,
    which a trigger is only of a rule that takes no data for an alert.
    """

    second: int
    value: float | None
    hits: int
    limit: Limit


_WORDS: dict[str, Callable[[Rule, Subject, Told], str]] = {
    "rule": lambda rule, _, __: rule.name,
    "title": lambda rule, _, __: rule.title,
    "subject": lambda _, subject, __: subject_text(subject),
    "scope": lambda rule, _, __: rule.scope.replace("_", " "),
    "value": lambda rule, _, told: value_text(rule.unit, told.value),
    "threshold": lambda rule, _, told: value_text(rule.unit, told.limit.threshold),
    "hits": lambda _, __, told: str(told.hits),
    "severity": lambda _, __, told: told.limit.severity.value,
    "window": lambda rule, _, __: units.window(rule.window),
    "time": lambda _, __, told: iso_time(told.second),
    "labels": lambda rule, _, __: ", ".join(f"{key}={text}" for key, text in rule.labels.items()),
}

WORDS = tuple(_WORDS)
"""What may stand in the braces of a template."""


def check_template(text: str) -> str:
    """Say in a line what is wrong with a template; return an empty text if nothing is."""
    for mark in _MARK.finditer(text):
        if mark[0] in {"{", "}"}:
            return f"has a lone {mark[0]}; write {mark[0] * 2} for the brace itself"
        if mark[1] is not None and mark[1] not in _WORDS:
            known = ", ".join(f"{{{word}}}" for word in WORDS)
            return f"'{printable(mark[0])}' is not known; known are {known}"
    return ""


def subject_text(subject: Subject) -> str:
    """Return a subject as people may be shown it."""
    return "all traffic" if subject is None else printable(subject)


def changes(rule: Rule) -> bool:
    """Tell whether a rule's message may say something else while an incident lasts."""
    return bool(rule.message) and rule.message not in MESSAGES


def trigger_message(rule: Rule, subject: Subject, told: Told) -> str:
    """Say in a sentence that the rule fired, or in its own words how it does."""
    if rule.message:
        return _filled(rule.message, rule, subject, told)
    return (
        f"{_named(rule, subject)} generated an alert - {_measured(rule, told)} "
        f"({_crossed(rule, told)}{_basis(rule, told)}), triggered at {iso_time(told.second)}"
    )


def recovery_message(rule: Rule, subject: Subject, told: Told) -> str:
    """Say in a sentence that it recovered."""
    if rule.recovery:
        return _filled(rule.recovery, rule, subject, told)
    return (
        f"{_named(rule, subject)} recovered - {_measured(rule, told)} "
        f"({_basis(rule, told)}), recovered at {iso_time(told.second)}"
    )


def whole_line(incident: Incident) -> str:
    """Return what was said last of an incident, with title and time if the rule's words lack them.

    Such a line tells of what and when, wherever it stands alone.
    """
    if incident.recovered_at is None:
        said, happened, second = incident.message, "triggered", incident.triggered_at
    else:
        said, happened, second = incident.recovery, "recovered", incident.recovered_at
    names = (incident.title, incident.rule, _BUILT_IN_NAME)
    return placed(said, incident.title, names, f"{happened} at {iso_time(second)}")


def placed(said: str, title: str, names: Sequence[str], when: str) -> str:
    """Return what is said with the title and the time, if it tells neither of itself.

    Any of `names` is as good as the title; `when` ends in the time.
    """
    if not any(name in said for name in names):
        said = f"{title}: {said}"
    return said if when.rpartition(" ")[2] in said else f"{said}, {when}"


def measure_text(rule: Rule) -> str:
    """Name what a rule measures: `share of 5xx`, `p95 response time`."""
    if rule.metric is Metric.SHARE:
        return f"share of {' or '.join(rule.status)}"
    if rule.metric is Metric.CHANGE:
        return f"traffic against the {units.window(rule.reference)} before"
    name = rule.metric.replace("_", " ")
    if rule.metric in {Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE}:
        return f"largest {name}" if rule.quantile == 1 else f"p{rule.quantile * 100:g} {name}"
    return name


def _named(rule: Rule, subject: Subject) -> str:
    if subject is None:
        return rule.title
    return f"{rule.title}{_PLACES.get(rule.scope, ' of ')}{subject_text(subject)}"


def _measured(rule: Rule, told: Told) -> str:
    return f"{measure_text(rule)} = {value_text(rule.unit, told.value)}"


def _crossed(rule: Rule, told: Told) -> str:
    if told.value is None:
        return ""
    side = "above" if rule.when is When.ABOVE else "below"
    return f"{side} {value_text(rule.unit, told.limit.threshold)}, "


def _basis(rule: Rule, told: Told) -> str:
    """Say of how many hits a value is."""
    if rule.metric is Metric.CHANGE:
        return f"{told.hits:,} hits before"
    if rule.metric is Metric.HITS:
        return f"in {units.window(rule.window)}"
    unit = "lines" if rule.metric is Metric.UNPARSED_SHARE else "hits"
    return f"{told.hits:,} {unit} in {units.window(rule.window)}"


def _filled(template: str, rule: Rule, subject: Subject, told: Told) -> str:
    """Return a template with what its words stand for; what is none of them stays."""

    def text(mark: re.Match[str]) -> str:
        if mark[0] in {"{{", "}}"}:
            return mark[0][0]
        word = _WORDS.get(mark[1] or "")
        return mark[0] if word is None else word(rule, subject, told)

    return _MARK.sub(text, template)
