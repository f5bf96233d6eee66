"""A rule that names no client, user or query, as an anonymised bundle has it. Pure."""

from collections.abc import Callable

from msgspec.structs import replace

from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.errors import FilterError
from logmon_tui.filters.expression import Alternative, Groups, Term, Value, text_of
from logmon_tui.filters.fields import NUMBERS
from logmon_tui.filters.language import parsed
from logmon_tui.masking.masks import Masks

_STAY = frozenset(
    {"section", "path", "route", "host", "method", "agent", "browser", "system", "bot", "is"}
    | {"tls", "log", "server", "site"}
)
"""The fields whose values tell nothing of a person."""


def masked_rule(rule: Rule, masks: Masks, without: Callable[[str], str]) -> Rule:
    """Return a rule with pseudonyms; `without` takes clients and users from its texts."""
    match = rule.match
    if rule.scope is Scope.CLIENT:
        match = tuple(masks.client(each.encode()).decode() for each in match)
    return replace(
        rule,
        where=_filter(rule.where, masks),
        bad=_filter(rule.bad, masks),
        match=match,
        paths=tuple(masks.addresses(each.encode()).decode() for each in rule.paths),
        title=without(rule.title),
        message=without(rule.message),
        recovery=without(rule.recovery),
        runbook=without(rule.runbook),
        labels={name: without(text) for name, text in rule.labels.items()},
    )


def _filter(where: str, masks: Masks) -> str:
    if not where:
        return ""
    try:
        groups = parsed(where).groups
    except FilterError:  # of fields that only the settings of its time know
        return f"q:{_pseudonym(where, masks)}"
    return text_of(_groups(groups, masks))


def _groups(groups: Groups, masks: Masks) -> Groups:
    return tuple(tuple(_alternative(each, masks) for each in group) for group in groups)


def _alternative(each: Alternative, masks: Masks) -> Alternative:
    if not isinstance(each, Term):
        return replace(each, groups=_groups(each.groups, masks))
    if each.known.kind in NUMBERS or each.field in _STAY:
        return each
    if each.field == "client":
        texts = [masks.client(value.text.encode()).decode() for value in each.values]
    else:
        texts = [_pseudonym(value.text, masks) for value in each.values]
    return replace(each, values=tuple(map(Value, texts)))


def _pseudonym(text: str, masks: Masks) -> str:
    return masks.user(text.encode("utf-8", "surrogateescape")).decode()
