"""Rules and incidents that are to be explained."""

from typing import Any

from logmon_tui.alerts.model.incident import Incident, incident_id
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope, Severity

WINDOW = 20


def rule_of(metric: Metric = Metric.RATE, scope: Scope = Scope.ALL, **given: Any) -> Rule:
    return Rule(
        name="it", title="It", metric=metric, scope=scope, window=WINDOW, critical=1.0, **given
    )


def incident_of(
    rule: Rule, second: int, subject: bytes | None = None, threshold: float = 1.0
) -> Incident:
    return Incident(
        id=incident_id(rule.name, subject, second),
        rule=rule.name,
        title=rule.title,
        severity=Severity.CRITICAL,
        unit=rule.unit,
        subject=subject,
        triggered_at=second,
        threshold=threshold,
        hits=1,
        value=2.0,
        peak=2.0,
        message="",
        scope=rule.scope,
        window=rule.window,
    )


def line_of(host: bytes, status: int = 200, second: int = 0, path: bytes = b"/a") -> bytes:
    return b'%b - - [21/Nov/2026:12:00:%02d +0000] "GET %b HTTP/1.1" %d 512 "-" "x"' % (
        *(host, second, path),
        status,
    )
