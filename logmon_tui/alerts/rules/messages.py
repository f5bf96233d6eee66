"""The messages of an alert: when it fires, while it fires, and when it recovers. Pure.

A rule's own templates may contain the words of `WORDS` in braces. Nothing else is looked up, so
that no template can reach into an object. `{{` and `}}` stand for the braces themselves.

A user's own message is made again with present values, when the severity changes and when a
notification says that the alert still fires. All other messages describe the trigger, and never
change.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from logmon_tui import units
from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.metric import Metric, Unit
from logmon_tui.alerts.model.rule import Compare, Limit, Rule, Scope, When
from logmon_tui.alerts.rules.builtin import ERRORS_RECOVERED, MESSAGES
from logmon_tui.escape import printable
from logmon_tui.late_patterns import late_pattern

NO_DATA = "no data"
"""The text for an undefined value."""

SAYS_SILENT = " is silent: "
"""The words by which the message of a silent server can be known."""

NOTHING_HEARD = "nothing heard"
"""With these words begins what is said of a silent server."""

_FORMATS: dict[Unit, Callable[[float], str]] = {
    Unit.RATE: lambda value: f"{units.rate(value)}/s",
    Unit.SHARE: lambda value: f"{value:.1%}",
    Unit.HITS: lambda value: f"{value:,.0f}",
    Unit.BYTES_RATE: lambda value: f"{units.spoken_size(value)}/s",
    Unit.SECONDS: units.seconds,
    Unit.BYTES: units.spoken_size,
    Unit.CLIENTS: lambda value: f"{value:,.0f}",
    Unit.PATHS: lambda value: f"{value:,.0f}",
    Unit.RATIO: lambda value: f"{units.plain(value)}×",
    Unit.DEVIATIONS: lambda value: f"{value:,.1f} deviations",
    Unit.RULES: lambda value: f"{value:,.0f}",
}

_PLACES = {
    Scope.SECTION: " in ",
    Scope.PATH: " at ",
    Scope.ROUTE: " at ",
    Scope.CLIENT: " from ",
    Scope.VIRTUAL_HOST: " on ",
    Scope.STATUS: " with status ",
    Scope.USER_AGENT: " from ",
    Scope.SERVER: " on ",
    Scope.SITE: " at ",
}
"""The words between a title and the subject, by scope."""

_BUILT_IN_NAME = "High traffic"
"""The name in the built-in messages, even in those of the rule with the title "Noisy client"."""

_MARK = late_pattern(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def iso_time(second: int) -> str:
    """Return a UTC epoch second as ISO 8601: `2026-11-22T08:26:40Z`."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def value_text(unit: Unit, value: float | None) -> str:
    """Return a value of a rule with its unit: `12.3%`, `402.0/s`, `1.24 s`, `no data` for None."""
    return NO_DATA if value is None else _FORMATS[unit](value)


def with_hits(incident: Incident, value: str) -> str:
    """Return the value at the trigger with its number of hits, if that adds anything."""
    if incident.unit in {Unit.HITS, Unit.DEVIATIONS} or not incident.counts_hits:
        return value
    hits = f"{incident.hits:,} hits"
    return f"{value}, {hits}" if incident.unit is Unit.RATE else f"{value} of {hits}"


def parts_text(incident: Incident) -> str:
    """Return the incidents that one is made of, as printable text: `error_rate, ddos 10.0.0.1`."""
    return ", ".join(
        each.rule if each.subject is None else f"{each.rule} {printable(each.subject)}"
        for each in incident.parts
    )


def spoken_value(unit: Unit, value: float | None) -> str:
    """Return a value with the name of its unit, for use in a sentence: `30 hits`, `12.3%`."""
    text = value_text(unit, value)
    if value is None or unit not in {Unit.HITS, Unit.CLIENTS, Unit.PATHS, Unit.RULES}:
        return text
    return f"{text} {unit.value.removesuffix('s') if text == '1' else unit.value}"


class MessageContext(msgspec.Struct, frozen=True):
    """The values that a message may contain: those of a measurement, and the limit in force.

    `second` is that of the trigger or of the recovery. `value` is None for no data; at a trigger
    only if the rule has `no_data = "alert"`. `few` says that there were hits, but too few to judge.
    `basis` says in words what the value is made of, for rules of an objective, of what is usual and
    of what is new; else it is empty.
    """

    second: int
    value: float | None
    hits: int
    limit: Limit
    basis: str = ""
    few: bool = False


_WORDS: dict[str, Callable[[Rule, Subject, MessageContext], str]] = {
    "rule": lambda rule, _, __: rule.name,
    "title": lambda rule, _, __: rule.title,
    "subject": lambda _, subject, __: subject_text(subject),
    "scope": lambda rule, _, __: scopes_text(rule),
    "value": lambda rule, _, context: value_text(rule.unit, context.value),
    "threshold": lambda rule, _, context: value_text(rule.unit, context.limit.threshold),
    "hits": lambda _, __, context: str(context.hits),
    "severity": lambda _, __, context: context.limit.severity.value,
    "window": lambda rule, _, __: units.window(rule.window),
    "time": lambda _, __, context: iso_time(context.second),
    "labels": lambda rule, _, __: ", ".join(f"{key}={text}" for key, text in rule.labels.items()),
    "runbook": lambda rule, _, __: rule.runbook,
}

WORDS = tuple(_WORDS)
"""The words that a template may contain in braces."""


def check_template(text: str) -> str:
    """Return one line about what is wrong with a template; empty if nothing is."""
    for mark in _MARK().finditer(text):
        if mark[0] in {"{", "}"}:
            return f"has a lone {mark[0]}; write {mark[0] * 2} for the brace itself"
        if mark[1] is not None and mark[1] not in _WORDS:
            known = ", ".join(f"{{{word}}}" for word in WORDS)
            return f"'{printable(mark[0])}' is not known; known are {known}"
    return ""


def scopes_text(rule: Rule) -> str:
    """Return what a rule judges on its own: `client`, of a rule of two scopes `client and path`."""
    return " and ".join(rule.scopes or (rule.scope,)).replace("_", " ")


def subject_text(subject: Subject) -> str:
    """Return a subject as printable text."""
    return "all traffic" if subject is None else printable(subject)


def changes(rule: Rule) -> bool:
    """Tell whether a rule's message may change while an incident lasts."""
    return bool(rule.message) and rule.message not in MESSAGES


def trigger_message(rule: Rule, subject: Subject, context: MessageContext) -> str:
    """Return the rule's own message, or a sentence that the rule fired."""
    if rule.message:
        return _filled(rule.message, rule, subject, context)
    if rule.of_silence:
        said = f"{SAYS_SILENT}{context.basis}"
        return f"{_speaker(subject)}{said}, triggered at {iso_time(context.second)}"
    if rule.combines:
        said = f"{rule.title} generated an alert - {context.basis}"
        return f"{said}, triggered at {iso_time(context.second)}"
    if rule.of_novelty:
        said = f"{_named(rule, subject)} generated an alert - {_new(rule, context)}"
        return f"{said}, triggered at {iso_time(context.second)}"
    reason = f"{_crossed(rule, context)}{_basis(rule, context)}"
    return (
        f"{_named(rule, subject)} generated an alert - {_measured(rule, context)} "
        f"({reason}), triggered at {iso_time(context.second)}"
    )


def recovery_message(rule: Rule, subject: Subject, context: MessageContext) -> str:
    """Return the rule's own recovery message, or a sentence that it recovered."""
    if rule.recovery:
        template = rule.recovery
        if context.few and template == ERRORS_RECOVERED:
            template = template.replace("{hits}", "only {hits}")
        return _filled(template, rule, subject, context)
    if rule.of_silence:
        heard = context.basis.startswith(NOTHING_HEARD)
        said = "is heard again" if heard else context.basis
        return f"{_speaker(subject)} {said}, recovered at {iso_time(context.second)}"
    if rule.combines:
        return f"{rule.title} recovered - {context.basis}, recovered at {iso_time(context.second)}"
    if rule.of_novelty and not context.hits:
        said = (
            f"{_named(rule, subject)} recovered - new no longer after {units.window(rule.window)}"
        )
        return f"{said}, recovered at {iso_time(context.second)}"
    return (
        f"{_named(rule, subject)} recovered - {_measured(rule, context)} "
        f"({_basis(rule, context)}), recovered at {iso_time(context.second)}"
    )


def whole_line(incident: Incident) -> str:
    """Return an incident's last message, with its title and time added if it has none.

    So the line can stand alone: it says what happened, and when. What fires is said to follow its
    mark, and of how many hosts it speaks.
    """
    remarks = ""
    if incident.recovered_at is None:
        said, happened, second = incident.message, "triggered", incident.triggered_at
        remarks = incident.remarks
    else:
        said, happened, second = incident.recovery, "recovered", incident.recovered_at
    names = (incident.title, incident.rule, _BUILT_IN_NAME, SAYS_SILENT)
    line = placed(said, incident.title, names, f"{happened} at {iso_time(second)}")
    return f"{line}{remarks}"


def placed(said: str, title: str, names: Sequence[str], when: str) -> str:
    """Add the title and the time to a message that lacks them.

    A message with any of `names` needs no title. `when` must end with the time.
    """
    if not any(name in said for name in names):
        said = f"{title}: {said}"
    return said if when.rpartition(" ")[2] in said else f"{said}, {when}"


def measure_text(rule: Rule) -> str:
    """Name what a rule measures: `share of 5xx`, `p95 response time`."""
    if rule.burn is not None:
        return "burn rate"
    if rule.metric is Metric.SHARE:
        return f"share of {rule.bad or ' or '.join(rule.status)}"
    if rule.metric is Metric.CHANGE:
        return f"traffic against the {units.window(rule.reference)} before"
    if rule.of_novelty:
        return "hits since first seen"
    name = rule.metric.replace("_", " ")
    if rule.metric in {Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE}:
        return f"largest {name}" if rule.quantile == 1 else f"p{rule.quantile * 100:g} {name}"
    return name


def _named(rule: Rule, subject: Subject) -> str:
    if subject is None:
        return rule.title
    return f"{rule.title}{_PLACES.get(rule.scope, ' of ')}{subject_text(subject)}"


def _speaker(subject: Subject) -> str:
    """Return who is silent: a host, or a source of many, whose name is an address."""
    text = subject_text(subject)
    return text if "://" in text else f"Host {text}"


def _measured(rule: Rule, context: MessageContext) -> str:
    if rule.compare is Compare.USUAL:
        return f"{measure_text(rule)} = {context.basis}"
    return f"{measure_text(rule)} = {value_text(rule.unit, context.value)}"


def _new(rule: Rule, context: MessageContext) -> str:
    """Say since when a subject is there: `first seen 03:12:07, 41 hits since`.

    If it was first seen on another day than that of the trigger, the date stands before the time.
    """
    hits = spoken_value(rule.unit, context.value)
    return f"{context.basis}, {hits} since" if context.basis else f"{hits} since first seen"


def _crossed(rule: Rule, context: MessageContext) -> str:
    if context.value is None:
        return ""
    if rule.compare is Compare.USUAL:
        limit = f"{context.limit.threshold:.12g}"
        return f"{value_text(rule.unit, context.value)}, more than {limit}, "
    side = "above" if rule.when is When.ABOVE else "below"
    return f"{side} {value_text(rule.unit, context.limit.threshold)}, "


def _basis(rule: Rule, context: MessageContext) -> str:
    """Say on how many hits, or on what time, a value is based."""
    only = "only " if context.few else ""
    if rule.metric is Metric.CHANGE:
        return f"{only}{context.hits:,} hits before"
    if rule.metric is Metric.HITS:
        return f"in {units.window(rule.window)}"
    unit = "lines" if rule.metric is Metric.UNPARSED_SHARE else "hits"
    parts = f"{context.basis}, " if rule.burn is not None and context.basis else ""
    return f"{parts}{only}{context.hits:,} {unit} in {units.window(rule.window)}"


def _filled(template: str, rule: Rule, subject: Subject, context: MessageContext) -> str:
    """Fill in the words of a template; anything else in braces stays as it is."""

    def text(mark: re.Match[str]) -> str:
        if mark[0] in {"{{", "}}"}:
            return mark[0][0]
        word = _WORDS.get(mark[1] or "")
        return mark[0] if word is None else word(rule, subject, context)

    return _MARK().sub(text, template)
