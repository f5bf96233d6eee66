"""Check what rules say of each other: `all` and `unless`. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from logmon_tui.alerts.model.rule import Rule
from logmon_tui.errors import RuleError, meant
from logmon_tui.escape import printable


def related(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return all rules, on or off, with the names of others as these are called.

    A built-in rule may be named with `-`. Raises RuleError for a name of no rule, of one that is
    off or cannot be waited for, and for rules that name each other in a circle.
    """
    known = {rule.name: rule for rule in rules}
    found = [_named(rule, known) for rule in rules]
    if any(rule.depends_on for rule in found):
        _check_circles(found)
    return tuple(found)


def _named(rule: Rule, known: Mapping[str, Rule]) -> Rule:
    if not rule.depends_on:
        return rule
    names = {
        key: tuple(_name(rule, key, given, known) for given in getattr(rule, field))
        for key, field in (("all", "all_"), ("unless", "unless"))
    }
    found = msgspec.structs.replace(rule, all_=names["all"], unless=names["unless"])
    for scope in found.equal_scopes:
        for name in found.unless:
            if scope not in known[name].scopes:
                problem = f"{_quoted(name)} has no scope {scope}, which can be equal; leave either"
                raise RuleError(("rules", rule.name, "equal"), problem)
    return found


def _name(rule: Rule, key: str, given: str, known: Mapping[str, Rule]) -> str:
    """Return the name of the rule that `given` names."""
    name = given if given in known else given.replace("-", "_")
    problem = ""
    if name not in known:
        problem = f"{_quoted(given)} is no rule{meant(given, known) or _listed(known)}"
    elif name == rule.name:
        problem = f"{_quoted(given)} is the rule itself; name others"
    elif known[name].of_silence:
        problem = f"{_quoted(given)} goes by the wall clock, and cannot be waited for"
    elif rule.enabled and not known[name].enabled:
        problem = f"{_quoted(given)} is off; switch it on, or leave it out"
    if problem:
        raise RuleError(("rules", rule.name, key), problem)
    return name


def _check_circles(rules: Iterable[Rule]) -> None:
    """Raise RuleError for the first rule that waits for itself, with the way from it to itself."""
    named = {rule.name: rule.depends_on for rule in rules}
    for name in named:
        way = _way(name, name, named)
        if way:
            key = "all" if way[1] in _all_of(name, rules) else "unless"
            path = " → ".join(way)
            raise RuleError(("rules", name, key), f"rules wait for each other: {path}; break it")


def _all_of(name: str, rules: Iterable[Rule]) -> tuple[str, ...]:
    return next(rule.all_ for rule in rules if rule.name == name)


def _way(start: str, end: str, named: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names from `start` to `end`, which may be the same; empty if there is no way."""
    before = {start: ""}
    queue = [start]
    for name in queue:
        for other in named.get(name, ()):
            if other == end:
                way = [end, name]
                while name := before[name]:
                    way.append(name)
                return way[::-1]
            if other not in before:
                before[other] = name
                queue.append(other)
    return []


def _quoted(given: str) -> str:
    return f"'{printable(given)}'"


def _listed(known: Iterable[str]) -> str:
    return f"; rules are {', '.join(known)}"
