"""Incidents with everything that is kept of them, to look at."""

import random

from msgspec.structs import replace

from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident, SeverityChange, incident_id
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Scope, Severity

AT = 1_795_262_590  # 2026-11-21 12:03:10 UTC


def lines(number: int = 5, status: int = 503) -> tuple[bytes, ...]:
    return tuple(
        b'203.0.113.%d - - [21/Nov/2026:12:03:%02d +0000] "GET /api/orders/%d?token=abcdef0123 '
        b'HTTP/1.1" %d 512 "https://shop.example.org/cart" "Mozilla/5.0 (X11; Linux x86_64)"'
        % (7 * n % 250, 5 + n, 1_000 + n, status)
        for n in range(number)
    )


MOVERS = (
    (
        Kind.SECTION,
        (Mover(b"/api", 41, 512, 471 / 493), Mover(b"/checkout", 3, 25, 22 / 493)),
    ),
    (
        Kind.PATH,
        (
            Mover(b"/api/orders", 12, 344, 332 / 493),
            Mover(b"/api/users/profile/settings/notifications/preferences", 4, 101, 97 / 493),
            Mover(b"/api/cart", 2, 44, 42 / 493),
            Mover(b"/checkout/caf%C3%A9", 3, 25, 22 / 493),
        ),
    ),
    (
        Kind.STATUS,
        (Mover(b"503", 8, 480, 472 / 493), Mover(b"500", 36, 57, 21 / 493)),
    ),
    (
        Kind.CLIENT,
        (
            Mover(b"203.0.113.77", 1, 44, 43 / 493),
            Mover(b"2001:db8:85a3::8a2e:370:7334", 0, 31, 31 / 493),
            Mover(b"198.51.100.23", 4, 22, 18 / 493),
        ),
    ),
    (
        Kind.USER_AGENT,
        (Mover(b"Chrome", 22, 301, 279 / 493), Mover(b"Mobile Safari", 11, 190, 179 / 493)),
    ),
)


def values(recovered: bool) -> tuple[float | None, ...]:
    """Return shares of errors: quiet, a rise over 5 % and 20 %, and perhaps the way back."""
    chance = random.Random(5)
    quiet = [0.01 * chance.uniform(0.6, 1.6) for _ in range(100)]
    rising = [0.01 + 0.004 * n for n in range(50)]
    high = [0.22 * chance.uniform(0.85, 1.1) for _ in range(60)]
    falling = [max(0.01, 0.2 - 0.006 * n) for n in range(60)] if recovered else []
    return (None, None, *quiet, *rising, *high, *falling)


def incident(*, recovered: bool = False) -> Incident:
    """Return an incident that was pending, a warning, critical, and perhaps has recovered."""
    base = Incident(
        id=incident_id("api_errors", b"/api", AT),
        rule="api_errors",
        title="Errors in",
        severity=Severity.CRITICAL,
        unit=Unit.SHARE,
        subject=b"/api",
        triggered_at=AT,
        threshold=0.05,
        hits=1_204,
        value=0.051,
        peak=0.242,
        message="Errors in /api: 5.1 % of 1,204 hits are 5xx, triggered at 2026-11-21T12:03:10Z",
        scope=Scope.SECTION,
        window=120,
        peak_at=AT + 77,
        pending_since=AT - 15,
        changes=(SeverityChange(AT, Severity.WARNING), SeverityChange(AT + 38, Severity.CRITICAL)),
        labels=(("team", "shop"), ("runbook", "https://wiki.example.org/errors")),
        note="Deployed 4.12 at 12:01; rolled back.",
        acknowledged_at=AT + 60.0,
        evidence=Evidence(
            before=44,
            now=537,
            movers=MOVERS,
            samples=lines(),
            start=AT - 127,
            values=values(recovered),
        ),
    )
    if not recovered:
        return base
    return replace(
        base,
        recovering_since=AT + 110,
        recovered_at=AT + 140,
        recovery="Errors in /api are over: 1.9 % of 1,120 hits, recovered at 12:05:30",
    )
