"""A picture of alerts in every state, to look at and to act upon."""

from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident, SeverityChange
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.alerts.model.state import State
from logmon_tui.snapshot import AlertState, RuleStatus, Snapshot, WhatIf
from tests.tui.fakes import HOSTILE, NOW, incident, snapshot

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def changes(at: int, *severities: Severity) -> tuple[SeverityChange, ...]:
    return tuple(SeverityChange(at + 40 * n, each) for n, each in enumerate(severities))


HIGH = replace(incident(), peak_at=NOW - 30, changes=changes(NOW - 81, CRITICAL))
ERRORS = replace(
    incident("Endpoint errors", "errors", b"/checkout", at=NOW - 389, unit=Unit.SHARE),
    scope=Scope.SECTION,
    peak_at=NOW - 200,
    changes=changes(NOW - 389, WARNING, CRITICAL),
    acknowledged_at=NOW - 100.0,
    note="deploy 42 rolled back, watching it with Ana",
)
SLOW = replace(
    incident("Slow endpoint", "slow", b"/search", at=NOW - 700, unit=Unit.SECONDS),
    severity=WARNING,
    scope=Scope.SECTION,
    value=1.24,
    peak=3.9,
    threshold=1.0,
    hits=812,
    recovering_since=NOW - 10,
    peak_at=NOW - 500,
    changes=changes(NOW - 700, WARNING),
)
NOISY = replace(
    incident("Noisy client", "ddos", b"203.0.113.77", at=NOW - 900),
    severity=WARNING,
    scope=Scope.CLIENT,
    value=3.1,
    peak=7.2,
    threshold=2.5,
    hits=372,
    peak_at=NOW - 600,
    changes=changes(NOW - 900, WARNING),
)
PAST = replace(
    incident("Endpoint errors", "errors", b"/api", at=NOW - 3_000, lasted=133, unit=Unit.SHARE),
    scope=Scope.SECTION,
    severity=WARNING,
    changes=changes(NOW - 3_000, WARNING, CRITICAL, WARNING),
    peak_at=NOW - 2_930,
)
DROPPED = replace(
    incident("Traffic dropped", "dropped", at=NOW - 9_000, lasted=333, unit=Unit.RATIO),
    value=0.11,
    peak=0.03,
    threshold=0.2,
    peak_at=NOW - 8_930,
)
INCIDENTS = (HIGH, ERRORS, SLOW, NOISY, PAST, DROPPED)

OF_CLIENT = Silence(NOW - 60, NOW + 1_500, "ddos", Scope.CLIENT, b"203.0.113.77")
EVERYTHING = Silence(NOW - 60, NOW + 9_000)

RULES = (
    RuleStatus("traffic", "High traffic", Unit.RATE, State.CRITICAL, firing=1),
    RuleStatus("slow", "Slow endpoint", Unit.SECONDS, State.RECOVERING, pending=3, firing=1),
    RuleStatus("size", "Response size", Unit.BYTES, State.PENDING, pending=1),
    RuleStatus("change", "Traffic change", Unit.RATIO, State.NO_DATA),
)


def with_alerts(**fields: object) -> Snapshot:
    """Return a Snapshot whose alerts are these."""
    picture = snapshot()
    defaults = AlertState(120, 400, 46_560, INCIDENTS)
    return replace(picture, alerts=replace(defaults, **fields))


def busy() -> Snapshot:
    """Return a Snapshot that shows all there is to alerts."""
    return with_alerts(
        rules=RULES,
        suppressed=41,
        silences=(OF_CLIENT, OF_CLIENT._replace(rule="size", scope=None, subject=None)),
        what_if=WhatIf(400, 3, 840, NOW - 6 * 3_600),
    )


def hostile_alerts() -> Snapshot:
    """Return a Snapshot with hostile text wherever text of users, rules or logs can stand."""
    bad = [key.decode("utf-8", "surrogateescape") for key in HOSTILE]
    text = bad[3] + bad[0] + bad[5]
    incidents: tuple[Incident, ...] = tuple(
        replace(
            ERRORS,
            id=str(n),
            rule=text,
            title=text,
            subject=key,
            message=text,
            note=bad[n] + text,
            labels=((text, text),),
            acknowledged_at=float(NOW) if n % 2 else None,
        )
        for n, key in enumerate(HOSTILE)
    )
    silences = tuple(Silence(0, NOW + 60 + n, text, Scope.CLIENT, k) for n, k in enumerate(HOSTILE))
    rules = tuple(each._replace(rule=text, title=text) for each in RULES)
    return with_alerts(incidents=incidents, rules=rules, silences=silences)
