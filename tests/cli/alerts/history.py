"""A history of incidents, kept in a state file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident, SeverityChange
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Limit, Scope, Severity
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.state_file import StateFile
from tests.state.restarts import position_at
from tests.traffic import START, batch_of, hit, settings_of

Run = tuple[int, str, str]
RunCommand = Callable[..., Run]
LOG = "/var/log/access.log"
NOW = START + 86_400

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
OLD = Incident(
    id="0ld00000-aaaa",
    rule="traffic",
    title="High traffic",
    severity=CRITICAL,
    unit=Unit.RATE,
    subject=None,
    triggered_at=START,
    threshold=10.0,
    hits=1_440,
    value=12.0,
    peak=15.5,
    message="High traffic generated an alert - hits = 1440",
    recovered_at=START + 133,
    recovery="High traffic recovered",
    window=120,
    peak_at=START + 60,
    changes=(SeverityChange(START, WARNING), SeverityChange(START + 30, CRITICAL)),
    acknowledged_at=START + 45.5,
    note="=deploy",
    labels=(("team", "web"),),
    runbook="=wiki",
)
CLIENT = replace(
    OLD,
    id="c11e0000-bbbb",
    rule="ddos",
    title="Noisy client",
    scope=Scope.CLIENT,
    subject=b"=1\x1b[2J\xff",
    triggered_at=START + 3_600,
    recovered_at=START + 3_601,
    changes=(SeverityChange(START + 3_600, CRITICAL),),
    acknowledged_at=None,
    note="",
    labels=(),
    runbook="",
    message="Noisy client =1",
    limits=(Limit(WARNING, 5.0, 5.0), Limit(CRITICAL, 11.0, 9.0)),
)
STORM = replace(
    OLD,
    id="5702f000-cccc",
    rule="error_rate",
    title="High error rate",
    severity=WARNING,
    unit=Unit.SHARE,
    threshold=0.05,
    value=0.071,
    peak=0.098,
    triggered_at=START + 7_200,
    recovered_at=None,
    recovery="",
    peak_at=None,
    changes=(),
    acknowledged_at=None,
    note="",
    labels=(),
    message="High error rate generated an alert",
    evidence=Evidence(
        before=10,
        now=30,
        movers=((Kind.PATH, (Mover(b"/\xff", 1, 21, 1.0),)),),
        samples=(b"a \x1b line",),
        since=START + 7_000,
        start=START + 7_100,
        step=1,
        values=(None, 0.071),
    ),
)


def kept(
    file: Path,
    *logs: str,
    incidents: tuple[Incident, ...] = (OLD, CLIENT, STORM),
    silence: Silence | None = None,
    rules: dict[str, Any] | None = None,
) -> Any:
    """Return an open store whose file holds `incidents`, of a watch with `rules` of its own."""
    monitor = HTTPMonitor(settings_of(alert_window=10, rules=rules or {}), journal=True)
    monitor.feed(batch_of([hit(START + n) for n in range(10)]), 0.0)
    monitor.tick(0.0, START)
    monitor.alerts.incidents.adopt(incidents)
    if silence is not None:
        monitor.alerts.silences.add(silence)
    store = StateFile(file, logs)
    store.save({log: position_at(1) for log in logs}, monitor, 0.0, START)
    assert store.problem == ""
    return store
