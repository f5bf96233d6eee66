"""What an incident records when it fires, changes and recovers. Pure."""

from msgspec.structs import replace

from logmon_tui.alerts.evaluation.limit_state import Phase
from logmon_tui.alerts.evaluation.subject_state import Measurement, SubjectState
from logmon_tui.alerts.model.incident import Incident, SeverityChange, Subject, incident_id
from logmon_tui.alerts.model.rule import Limit, Rule
from logmon_tui.alerts.rules.messages import (
    MessageContext,
    changes,
    recovery_message,
    trigger_message,
)


def fired(
    rule: Rule, subject: Subject, context: MessageContext, pending_since: int | None
) -> Incident:
    """Return the incident of a subject that fires, with what its message says too."""
    return Incident(
        id=incident_id(rule.name, subject, context.second),
        rule=rule.name,
        title=rule.title,
        severity=context.limit.severity,
        unit=rule.unit,
        subject=subject,
        triggered_at=context.second,
        threshold=context.limit.threshold,
        hits=context.hits,
        value=context.value,
        peak=context.value,
        message=trigger_message(rule, subject, context),
        scope=rule.scope,
        window=rule.window,
        peak_at=None if context.value is None else context.second,
        pending_since=pending_since,
        changes=(SeverityChange(context.second, context.limit.severity),),
        labels=tuple(rule.labels.items()),
        limits=rule.limits,
        by=rule.by,
        runbook=rule.runbook,
    )


def changed(
    incident: Incident, rule: Rule, state: SubjectState, measurement: Measurement, second: int
) -> Incident:
    """Return a firing incident as it is in its subject's present state; mostly it is the same."""
    after, mildest = incident, state.limit_states[0]
    recovering = mildest.since if mildest.phase is Phase.RECOVERING else None
    if recovering != incident.recovering_since:
        after = replace(after, recovering_since=recovering)
    severity = state.in_force(rule.limits).severity
    if severity is not incident.severity:
        change = SeverityChange(second, severity)
        after = replace(after, severity=severity, changes=(*incident.changes, change))
        after = replace(after, message=message_now(after, rule, measurement))
    return after


def message_now(incident: Incident, rule: Rule, measurement: Measurement) -> str:
    """Return a firing incident's message with the present values.

    Only a user's own message changes over time. Its `{time}` stays that of the trigger.
    """
    if not changes(rule):
        return incident.message
    limit = _limit_of(incident, rule)
    context = MessageContext(
        incident.triggered_at, measurement.judged, measurement.hits, limit, measurement.basis
    )
    return trigger_message(rule, incident.subject, context)


def recovered(incident: Incident, rule: Rule, measurement: Measurement, second: int) -> Incident:
    """Return an incident that ends at `second`."""
    context = MessageContext(
        second,
        measurement.value,
        measurement.hits,
        _limit_of(incident, rule),
        measurement.basis,
        few=measurement.of_few is not None,
    )
    message = recovery_message(rule, incident.subject, context)
    return replace(incident, recovered_at=second, recovery=message)


def _limit_of(incident: Incident, rule: Rule) -> Limit:
    """Return the limit of the incident's severity, or the mildest if the rule has no such."""
    limits = rule.limits
    return next((each for each in limits if each.severity is incident.severity), limits[0])
