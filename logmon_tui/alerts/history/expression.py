"""Expressions that choose incidents, in the grammar of filters: `where` of targets and silences.

Pure. Only the fields differ: they look at an incident.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import LABEL, Scope, Severity
from logmon_tui.errors import FilterError, meant
from logmon_tui.escape import printable
from logmon_tui.filters.expression import (
    Alternative,
    Groups,
    Nested,
    Term,
    Value,
    quoted,
    terms_of,
)
from logmon_tui.filters.fields import Fields, FilterField, Kind
from logmon_tui.filters.parsing import parse
from logmon_tui.filters.text_tests import TextTest, encoded, text_test
from logmon_tui.formats.model.hit import NONE

_FIELDS = (
    FilterField("rule", Kind.NAME, None, "name of the rule", "rule:endpoint_*"),
    FilterField("severity", Kind.NAME, None, "present severity", "severity:critical"),
    FilterField("scope", Kind.NAME, None, "scope of the rule", "scope:client"),
    FilterField("subject", Kind.TEXT, None, "what the alert is about", "subject:/api*"),
    FilterField("client", Kind.CLIENT, None, "subject that is a client", "client:10.0.0.0/8"),
    FilterField("q", Kind.ANYWHERE, None, "text anywhere in the alert", "q:checkout"),
)
FIELDS = {field.name: field for field in _FIELDS}
"""The fields of incidents by their names."""

GROUPED = ("rule", "severity", "scope", "subject")
"""The fields by which messages can be grouped, beside labels."""

_WORDS = {"severity": tuple(map(str, Severity)), "scope": tuple(map(str, Scope))}
"""All values of the fields that have few."""

_VALUES: dict[str, Callable[[Incident], list[bytes]]] = {
    "rule": lambda incident: [encoded(incident.rule)],
    "severity": lambda incident: [incident.severity.encode()],
    "scope": lambda incident: [incident.scope.encode(), *map(str.encode, incident.by)],
    "subject": lambda incident: [_subject(incident), *incident.subjects.values()],
    "client": lambda incident: [incident.subjects.get(Scope.CLIENT, NONE)],
    "q": lambda incident: [
        encoded(incident.rule),
        encoded(incident.title),
        _subject(incident),
        encoded(incident.message),
        *(encoded(f"{name}={text}") for name, text in incident.labels),
    ],
}
"""The texts at which each field looks, of which one must fit."""


class _FieldsOfIncidents(Fields):
    """The fields of incidents; each label is one."""

    def named(self, name: str) -> FilterField | None:
        """Return the field of this name, None if there is none; names of labels have a case."""
        return _label_field(name) if name.startswith(LABEL) else super().named(name)

    def names(self) -> list[str]:
        """Return all names of fields; one stands for all labels."""
        return [*super().names(), f"{LABEL}NAME"]


def _label_field(name: str) -> FilterField:
    return FilterField(name, Kind.NAME, None, "label of the rule", "label.team:payments")


_KNOWN = _FieldsOfIncidents(_FIELDS, FIELDS["q"])


def problem_of(where: str) -> str:
    """Return which value of `where` no incident can have; empty if there is none.

    Raises FilterError for an invalid expression.
    """
    for name, words in _WORDS.items():
        value = unknown_value(where, name, words)
        if value is not None:
            return f"{name}:{printable(value)} is none of {', '.join(words)}{meant(value, words)}"
    return ""


def checked(where: str) -> str:
    """Return a given expression. Raises FilterError if it is invalid, or can fit no incident."""
    problem = problem_of(where)
    if problem:
        raise FilterError(problem, where, 0)
    return where


def of_label(name: str, text: str) -> str:
    """Return the expression that chooses the incidents with just this label."""
    return f"{LABEL}{name}={quoted(_label_field(name), text)}"


def labels_in(where: str) -> dict[str, list[str]]:
    """Return the values of the labels that `where` names, by the names of the labels."""
    found: dict[str, list[str]] = {}
    for term in terms_of(_groups_of(where)):
        if term.field.startswith(LABEL):
            texts = [value.text for value in term.values if not value.regular]
            found.setdefault(term.field.removeprefix(LABEL), []).extend(texts)
    return found


def group_of(by: Sequence[str], incident: Incident) -> tuple[bytes, ...]:
    """Return the first value of each field `by` of an incident."""
    return tuple(_values_of(name, incident)[0] for name in by)


def unknown_value(where: str, name: str, words: tuple[str, ...]) -> str | None:
    """Return the first value of the field called `name` that fits none of `words`, if any."""
    for term in terms_of(_groups_of(where)):
        if term.field == name:
            for value in term.values:
                tests = _tests_of(term.field, (value,), term.exact)
                if not any(test(word.encode()) for test in tests for word in words):
                    return value.text
    return None


def fits(where: str, incident: Incident) -> bool:
    """Tell whether `where`, a valid expression, chooses an incident as it is now."""
    return _fit(_groups_of(where), incident)


def chooses(where: str, incident: Incident) -> bool:
    """Tell whether an expression chooses an incident; one that is invalid chooses none.

    A saved expression may come from another version of this program, or from anybody.
    """
    try:
        return fits(where, incident)
    except FilterError:
        return False


def _fit(groups: Groups, incident: Incident) -> bool:
    return all(any(_fits(each, incident) for each in group) for group in groups)


def _fits(each: Alternative, incident: Incident) -> bool:
    found = _fit(each.groups, incident) if isinstance(each, Nested) else _has(each, incident)
    return found is not each.negated


def _has(term: Term, incident: Incident) -> bool:
    tests = _tests_of(term.field, term.values, term.exact)
    return any(test(text) for text in _values_of(term.field, incident) for test in tests)


def _values_of(field: str, incident: Incident) -> list[bytes]:
    if not field.startswith(LABEL):
        return _VALUES[field](incident)
    name = field.removeprefix(LABEL)
    return [encoded(text) for label, text in incident.labels if label == name] or [NONE]


@lru_cache(maxsize=256)
def _groups_of(where: str) -> Groups:
    return parse(where, {}, _KNOWN)


@lru_cache(maxsize=1_024)
def _tests_of(name: str, values: tuple[Value, ...], exact: bool) -> list[TextTest]:  # noqa: FBT001 - a key
    if exact:
        return [encoded(value.text).__eq__ for value in values]
    field = FIELDS.get(name) or _label_field(name)
    return [text_test(field, value) for value in values]


def _subject(incident: Incident) -> bytes:
    return NONE if incident.subject is None else incident.subject
