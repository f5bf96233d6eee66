"""Prints as text or JSON what rules would have found in whole logs. Pure.

In text all log content passes through `printable`; JSON's own encoder makes it harmless.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from logmon_tui import units
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope, Severity
from logmon_tui.alerts.model.seen import Nearest, RuleSeen
from logmon_tui.alerts.rules.messages import iso_time, spoken_value, subject_text
from logmon_tui.alerts.rules.objectives import PREFIX
from logmon_tui.alerts.rules.text import objective_text
from logmon_tui.escape import decoded, printable
from logmon_tui.fitting import wrapped_text
from logmon_tui.reports.json_objects import objective_objects, rounded
from logmon_tui.reports.text_lines import SEVERITY_SIGNS
from logmon_tui.snapshot import Report


class RuleTotal(NamedTuple):
    """What one rule found: how often it fired, for how many seconds in all, and how severely.

    `seen` is what it saw, whether it fired or not. A rule of new subjects looks for these from the
    second `looks_from` on, None if the log ends before.
    """

    rule: Rule
    times: int
    seconds: int
    worst: Severity | None
    seen: RuleSeen
    looks_from: int | None = None


def totals(report: Report, rules: Sequence[Rule]) -> list[RuleTotal]:
    """Return the totals of each rule, in the order of `rules`."""
    return [
        _total(rule, [each for each in report.incidents if each.rule == rule.name], report)
        for rule in rules
    ]


def _total(rule: Rule, incidents: Sequence[Incident], report: Report) -> RuleTotal:
    severities = {incident.worst for incident in incidents}
    worst = Severity.CRITICAL if Severity.CRITICAL in severities else Severity.WARNING
    seconds = sum(_lasted(incident, report) for incident in incidents)
    seen = report.seen.get(rule.name, RuleSeen())
    most_severe = worst if severities else None
    return RuleTotal(rule, len(incidents), seconds, most_severe, seen, _looks_from(rule, report))


def _looks_from(rule: Rule, report: Report) -> int | None:
    if not rule.of_novelty or report.first_hit is None or report.last_hit is None:
        return None
    second = int(report.first_hit) + rule.learning
    return second if second <= report.last_hit else None


def _lasted(incident: Incident, report: Report) -> int:
    """Return for how many seconds an incident fired; an open one until the log's end."""
    end = report.last_hit if incident.recovered_at is None else incident.recovered_at
    return max(0, (end or 0) - incident.triggered_at)


def replay_text(
    report: Report, rules: Sequence[Rule], names: Sequence[str], width: int | None
) -> Iterator[str]:
    """Yield lines that say what would have fired in the logs called `names`.

    Lines are wrapped between words to at most `width` columns; None wraps none.
    """
    extent = f"{printable(' '.join(names))}: {_extent(report)}"
    yield from wrapped_text(extent, width, hanging=2)
    for incident in report.incidents:
        yield ""
        for line in _incident_lines(incident, report):
            yield from wrapped_text(line, width, hanging=6)
    yield ""
    found = totals(report, rules)
    widest = max((len(total.rule.name) for total in found), default=0)
    for total in found:
        summed = f"{total.rule.name:<{widest}}  {_summed(total)}; {_seen_text(total)}"
        yield from wrapped_text(summed, width, hanging=4)
    for status in report.objectives:
        text = printable(f"{PREFIX}{status.name}: {objective_text(status)} at the end")
        yield from wrapped_text(text, width, hanging=4)
    if not report.incidents:
        yield "nothing would have fired"


def _extent(report: Report) -> str:
    hits, unparsed = f"{report.hits.hits:,} hits", report.ingest.unparsed
    odd = f", {unparsed:,} unparsed" if unparsed else ""
    if report.first_hit is None or report.last_hit is None:
        return f"{hits}{odd}"
    span = f"{units.date_time(report.first_hit)} to {units.date_time(report.last_hit)} UTC"
    return f"{hits}{odd}, {span}"


def _incident_lines(incident: Incident, report: Report) -> Iterator[str]:
    lasted = units.duration(_lasted(incident, report))
    end = f"for {lasted}" if incident.recovered_at is not None else f"for {lasted}, not recovered"
    who = f"{incident.rule}  {subject_text(incident.subject)}  {incident.worst}"
    sign = SEVERITY_SIGNS[incident.severity][0] if incident.firing else "✓"
    yield f"{sign} {units.date_time(incident.triggered_at)}  {who}  {end}"
    first = spoken_value(incident.unit, incident.value)
    peak = spoken_value(incident.unit, incident.peak)
    at = "" if incident.peak_at is None else f" at {units.clock(incident.peak_at)}"
    yield f"    {first} at first, peak {peak}{at}"
    yield f"    {printable(incident.message)}"
    if incident.recovery:
        yield f"    {printable(incident.recovery)}"


def _summed(total: RuleTotal) -> str:
    if not total.times:
        return "nothing"
    times = "once" if total.times == 1 else f"{total.times:,} times"
    return f"{times}, {units.duration(total.seconds)} in all, worst {total.worst}"


def _seen_text(total: RuleTotal) -> str:
    """Say what a rule saw, so that one that matched nothing differs from one never beyond."""
    rule, seen = total.rule, total.seen
    if rule.combines:
        return _parts_text(total)
    what = "line" if rule.metric is Metric.UNPARSED_SHARE else "hit"
    if not seen.hits:
        return f"no {what} matched"
    hits = f"{seen.hits:,} {what}{'' if seen.hits == 1 else 's'} matched"
    if rule.scope is not Scope.ALL:
        hits += f", of {_subjects_text(rule, seen.subjects)}"
    if rule.of_novelty and (seen.nearest is None or not seen.nearest.value):
        return f"{hits}; none was new{_learnt(total)}"
    if seen.nearest is None:
        return f"{hits}; no value, as a window had {seen.most_hits:,} of them at most"
    return f"{hits}; {_nearest_text(total, seen.nearest)}"


def _learnt(total: RuleTotal) -> str:
    """Say from when on a rule has looked for new subjects, or that it never did."""
    if total.looks_from is None:
        return f": it learns for {units.window(total.rule.learning)}, and the log is shorter"
    return f" from {units.date_time(total.looks_from)} on, when it had learnt"


def _parts_text(total: RuleTotal) -> str:
    """Say how many of the rules fired that a rule combines: hits say nothing about it."""
    rule, nearest = total.rule, total.seen.nearest
    if nearest is None or not nearest.value:
        return f"none of its {len(rule.all_)} rules fired"
    at = units.date_time(nearest.second)
    if nearest.value < len(rule.all_):
        return f"at most {nearest.value:.0f} of its {len(rule.all_)} rules fired at once, at {at}"
    kept_back = "" if total.times else _kept_back(rule)
    return f"all of its {len(rule.all_)} rules fired at once{kept_back}, at {at}"


def _kept_back(rule: Rule) -> str:
    """Say what may have kept a rule from firing though it was beyond its threshold."""
    why = [f"for less than {units.window(rule.for_)}"] if rule.for_ else []
    if rule.unless:
        why.append(f"while {' or '.join(rule.unless)} fired")
    return f" {' or '.join(why)}" if why else ""


def _subjects_text(rule: Rule, subjects: int) -> str:
    if rule.by:
        names = " and ".join(each.replace("_", " ") for each in rule.by)
        return f"{subjects:,} pair{'' if subjects == 1 else 's'} of {names}"
    name = rule.scope.replace("_", " ")
    plural = f"{name}es" if name.endswith("s") else f"{name}s"
    return f"{subjects:,} {name if subjects == 1 else plural}"


def _nearest_text(total: RuleTotal, nearest: Nearest) -> str:
    rule = total.rule
    limit = spoken_value(rule.unit, rule.limits[0].threshold)
    who = "" if nearest.subject is None else f" of {subject_text(nearest.subject)}"
    found = f"{spoken_value(rule.unit, nearest.value)}{who} at {units.date_time(nearest.second)}"
    if not rule.beyond(nearest.value, rule.limits[0].threshold):
        return f"nearest to {limit}: {found}"
    kept_back = _kept_back(rule)
    if not total.times and kept_back:
        return f"worst {found}; beyond {limit}{kept_back}"
    return f"worst {found}"


def replay_json(report: Report, rules: Sequence[Rule]) -> str:
    """Return a JSON object that says what would have fired."""
    fields = {
        "hits": report.hits.hits,
        "unparsed": report.ingest.unparsed,
        "first_hit": _time(report.first_hit),
        "last_hit": _time(report.last_hit),
        "rules": [
            {
                "rule": total.rule.name,
                "title": total.rule.title,
                "times": total.times,
                "seconds": total.seconds,
                "worst": total.worst,
                **_seen_fields(total),
            }
            for total in totals(report, rules)
        ],
        "incidents": [_fields(incident, report) for incident in report.incidents],
        **objective_objects(report.objectives),
    }
    return json.dumps(fields, indent=2)


def _looking_field(total: RuleTotal) -> dict[str, Any]:
    """Return from when on a rule of new subjects has looked for them."""
    return {"looks_from": _time(total.looks_from)} if total.rule.of_novelty else {}


def _seen_fields(total: RuleTotal) -> dict[str, Any]:
    seen, nearest = total.seen, total.seen.nearest
    return {
        "hits": seen.hits,
        "subjects": seen.subjects,
        "most_hits": seen.most_hits,
        "threshold": rounded(total.rule.limits[0].threshold),
        **_looking_field(total),
        "nearest": None
        if nearest is None
        else {
            "value": rounded(nearest.value),
            "hits": nearest.hits,
            "subject": None if nearest.subject is None else decoded(nearest.subject),
            "at": iso_time(nearest.second),
        },
    }


def _fields(incident: Incident, report: Report) -> dict[str, Any]:
    return {
        "id": incident.id,
        "firing": incident.firing,
        "rule": incident.rule,
        "scope": incident.scope_name,
        "subject": None if incident.subject is None else decoded(incident.subject),
        "severity": incident.severity,
        "worst": incident.worst,
        "triggered_at": _time(incident.triggered_at),
        "recovered_at": _time(incident.recovered_at),
        "seconds": _lasted(incident, report),
        "hits": incident.hits,
        "value": rounded(incident.value),
        "peak": rounded(incident.peak),
        "peak_at": _time(incident.peak_at),
        "labels": dict(incident.labels),
        "runbook": incident.runbook,
        "changes": [
            {"at": iso_time(change.second), "severity": change.severity}
            for change in incident.changes
        ],
        "message": incident.message,
        "recovery": incident.recovery,
    }


def _time(second: int | None) -> str | None:
    return None if second is None else iso_time(second)
