"""Snapshots to look at, kind and hostile, and an engine that publishes what a test gives it."""

import random
import threading
from collections.abc import Callable

from msgspec.structs import fields, replace

from logmon_tui.alerts.model.incident import Incident, Severity, Unit, incident_id
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.monitor.commands import Command, ShowTables
from logmon_tui.snapshot import (
    AlertState,
    CountRow,
    Errors,
    Ingest,
    Ranking,
    Saving,
    Scope,
    Snapshot,
    Times,
    TrafficHistory,
    Window,
)
from logmon_tui.sources.base import SourceState, SourceStatus

NOW = 1_795_262_671  # 2026-11-21 12:04:31 UTC

SECTIONS = (
    b"/api",
    b"/pages",
    b"/static",
    b"/images",
    b"/login",
    b"/search",
    b"/",
    b"/health",
    b"/checkout",
    b"/cart",
    b"/users",
    b"/admin",
    b"/feed",
    b"/docs",
    b"/assets",
)

RANKINGS = tuple(each.name for each in fields(Window) if each.type is Ranking)

HOSTILE = (
    b"[@click=app.quit]/x[/]",
    b"/a[/]b",
    b"/users/[id]/x",
    b"/esc\x1b]0;owned\x07\x1b[31m",
    b"/c1\x9b31m\xc2\x9b31m",
    "/bidi\u202egnp.exe\u2066".encode(),
    "/zero\u200bwidth\ufeff\u2028".encode(),
    "/日本語のとても長いパス/商品/一覧".encode(),
    "/combining-e\u0301-😀-👍🏽".encode(),
    b"/nul\x00tab\tnewline\nreturn\r",
    b"/invalid\xff\xfe",
    b"",
)


def by_class(ok: int, moved: int, client: int, server: int) -> tuple[int, ...]:
    return (0, 0, ok, moved, client, server, 0, 0, 0, 0)


def ranking(
    keys: tuple[bytes, ...], hits: int, *, sections: bool = False, seed: int = 1
) -> Ranking:
    chance = random.Random(seed)
    rows = []
    left = hits
    for key in keys:
        count = max(1, int(left * chance.uniform(0.25, 0.5)))
        left = max(0, left - count)
        errors = int(count * chance.choice((0, 0, 0.004, 0.03)))
        trend = tuple(int(count * chance.uniform(0.4, 1.2)) for _ in range(8))
        rows.append(
            CountRow(
                key,
                count,
                count * chance.randrange(500, 40_000),
                by_class(count - errors, 0, 0, errors),
                trend if sections else (),
                errors=Errors(0, errors),
            )
        )
    rows.sort(key=lambda row: (-row.hits, row.key))
    return Ranking(tuple(rows), len(rows))


def history(seconds: int = 600, peak: int = 430, end: int = NOW) -> TrafficHistory:
    chance = random.Random(7)
    counts = []
    for second in range(seconds):
        wave = 0.55 + 0.35 * ((second // 50) % 3) / 2
        hits = int(peak * wave * chance.uniform(0.85, 1.05))
        bad = int(hits * (0.18 if 380 < second < 440 else 0.006))
        counts.append(by_class(int(hits * 0.92) - bad, int(hits * 0.03), int(hits * 0.04), bad))
    return TrafficHistory(end - seconds + 1, tuple(counts))


def incident(
    title: str = "High traffic",
    rule: str = "traffic",
    subject: bytes | None = None,
    *,
    at: int = NOW - 81,
    lasted: int | None = None,
    unit: Unit = Unit.RATE,
) -> Incident:
    share = unit is Unit.SHARE
    return Incident(
        id=incident_id(rule, subject, at),
        rule=rule,
        title=title,
        severity=Severity.CRITICAL,
        unit=unit,
        subject=subject,
        triggered_at=at,
        threshold=0.05 if share else 400,
        hits=1_204 if share else 48_211,
        value=0.071 if share else 401.8,
        peak=0.098 if share else 431.0,
        message=f"{title} generated an alert - hits = 48211, triggered at 12:03:10",
        recovered_at=None if lasted is None else at + lasted,
        recovery="" if lasted is None else f"{title} recovered - hits = 47001",
    )


INCIDENTS = (
    incident(),
    incident("Errors in", "error_rate", b"/api", at=NOW - 389, lasted=133, unit=Unit.SHARE),
    incident("Noisy client", "ddos", b"203.0.113.77", at=NOW - 900, lasted=65),
    incident("High traffic", "traffic", at=NOW - 90_000, lasted=301),
)


def snapshot(
    *,
    time: int = NOW,
    threshold: float = 400,
    keys: tuple[bytes, ...] = SECTIONS,
    incidents: tuple[Incident, ...] = INCIDENTS,
    state: SourceState = SourceState.LIVE,
    seed: int = 1,
) -> Snapshot:
    hits = 4_117
    client_keys = tuple(b"203.0.113.%d" % n for n in range(1, 30))
    window = Window(
        end=time,
        seconds=10,
        hits=hits,
        bytes=182_000_000,
        by_class=by_class(3_872, 92, 128, 25),
        status=((200, 3_800), (204, 72), (301, 80), (304, 12), (404, 120), (499, 8), (502, 25)),
        sections=ranking(keys, hits, sections=True, seed=seed),
        paths=replace(ranking(tuple(key + b"/x" for key in keys), hits), distinct=12_345),
        hosts=replace(
            ranking(client_keys, hits), distinct=1_204, other_hits=312, other_bytes=90_000
        ),
        users=ranking((b"-", b"alice", b"bob"), hits),
        user_agents=ranking((b"Chrome 130", b"Safari 18", b"Googlebot 2.1", b"curl 8.11"), hits),
    )
    return Snapshot(
        log_time=float(time),
        rate=412.3,
        now=window,
        traffic=history(end=time),
        alerts=AlertState(120, threshold, 46_560, incidents),
        ingest=Ingest(("combined",), 1_234_567, 9_000_000_000, lag=0.1),
        sources=(SourceStatus("/var/log/nginx/access.log", state, 900, 900),),
        tail=tuple(
            b'203.0.113.%d - - [21/Nov/2026:12:04:%02d +0000] "GET %s HTTP/1.1" %d 512 "-" "x"'
            % (n % 250, n % 60, SECTIONS[n % len(SECTIONS)], (200, 301, 404, 502)[n % 4])
            for n in range(200)
        ),
    )


def timed(rows: Ranking, seed: int = 3) -> Ranking:
    """Return `rows` with response times, but for the last row, whose hits tell none."""
    chance = random.Random(seed)
    medians = [chance.lognormvariate(-4, 1.6) for _ in rows.rows]
    full = [
        row._replace(times=times_around(median), total_time=row.hits * median)
        for row, median in zip(rows.rows, medians, strict=True)
    ]
    return replace(rows, rows=(*full[:-1], rows.rows[-1]._replace(total_time=0.0)))


def times_around(median: float) -> Times:
    return Times(median, median * 4.2, median * 11, median * 40)


def full_snapshot() -> Snapshot:
    """Return a Snapshot of two logs that tell all that any format tells."""
    base = snapshot()
    window, hits = base.now, base.now.hits
    routes = ranking((b"/api/users/:id", b"/pages/:id/edit", b"/static/:id.js"), hits)
    return replace(
        base,
        now=replace(
            window,
            sections=timed(window.sections),
            paths=timed(window.paths),
            routes=timed(routes),
            methods=ranking((b"GET", b"POST", b"HEAD", b"PUT"), hits),
            virtual_hosts=ranking((b"shop.example.org", b"api.example.org"), hits),
            referrers=ranking((b"https://www.google.com/", b"https://shop.example.org/cart"), hits),
            tls=ranking((b"TLSv1.3", b"TLSv1.2"), hits),
            sources=ranking((b"/var/log/nginx/access.log", b"/var/log/nginx/api.log"), hits),
            browsers=ranking((b"Chrome", b"Mobile Safari", b"(bot)", b"curl"), hits),
            systems=ranking((b"Windows", b"iOS", b"(bot)", b"(unknown)"), hits),
            bots=ranking((b"(not a bot)", b"Googlebot", b"bingbot"), hits),
            agent_kinds=ranking((b"human", b"bot", b"ai"), hits),
            networks=ranking((b"203.0.113.0/24", b"2001:db8::/64"), hits),
            countries=ranking((b"DE", b"(unknown)"), hits),
            asns=ranking((b"AS3320 Deutsche Telekom AG", b"(unknown)"), hits),
            response_times=times_around(0.0121),
            total_time=240.0,
            upstream_times=times_around(0.0094),
            bytes_in=12_400_000,
        ),
        ingest=replace(base.ingest, formats=("nginx-timed", "caddy")),
        sources=(
            SourceStatus("/var/log/nginx/access.log", SourceState.LIVE, 900, 900),
            SourceStatus("/var/log/nginx/api.log", SourceState.LIVE, 500, 500),
        ),
    )


def unparsed_lines(number: int = 20) -> tuple[UnparsedLine, ...]:
    """Return lines that are no hits, newest last, for two reasons; the newest speaks TLS."""
    line = b'203.0.113.9 - - [21/Nov/2026:12:04:%02d +0000] "GET /search?q=%d HTTP/1.1" 200 abc'
    reasons = ("the size is no number", "no closing quote")
    lines = [UnparsedLine(line % (n, n), reasons[n % 5 == 4]) for n in range(number - 1)]
    return (*lines, UnparsedLine(b"\x16\x03\x01\x02\x00\x01[b]\x1b]0;x\x07", "no known log format"))


def troubled_snapshot() -> Snapshot:
    """Return a Snapshot whose reading has met everything there is."""
    picture = snapshot()
    return replace(
        picture,
        ingest=replace(
            picture.ingest,
            unparsed=1_234,
            oversize=1,
            late=3,
            future=2,
            rotations=4,
            truncations=2,
            unparsed_lines=unparsed_lines(),
        ),
        sources=(
            SourceStatus(
                "/var/log/nginx/access.log",
                SourceState.LIVE,
                1_200_000_000,
                1_200_000_000,
                rotations=4,
                truncations=2,
                oversize=1,
            ),
            SourceStatus(
                "/srv/www/virtual/shop.example.org/logs/apache-access.log",
                SourceState.LIVE,
                1_200_000_000,
                2_700_000_000,
                polling=True,
            ),
            SourceStatus(
                "/var/log/nginx/api.log",
                SourceState.FAILED,
                message="cannot be read: Permission denied; run as a member of its group, adm",
            ),
        ),
        saving=Saving("/home/me/.local/state/logmon-tui/3f2a90cc.sqlite", saved_at=NOW - 1.0),
    )


def hostile_snapshot() -> Snapshot:
    """Return a Snapshot with hostile bytes wherever bytes or text of a log can stand."""
    bad = HOSTILE[3] + HOSTILE[0] + HOSTILE[5]
    text = bad.decode("utf-8", "surrogateescape")
    incidents = tuple(
        replace(
            incident(
                "Errors in",
                "error_rate",
                key,
                at=NOW - 60 - n,
                lasted=None if n % 2 else 30,
                unit=Unit.SHARE,
            ),
            message=f"{text} generated {key!r}{text}",
            recovery=text,
        )
        for n, key in enumerate(HOSTILE)
    )
    window = snapshot(keys=HOSTILE).now
    bad_rank = ranking(HOSTILE, 4_117, sections=True)
    return replace(
        snapshot(keys=HOSTILE, incidents=incidents),
        now=replace(window, **dict.fromkeys(RANKINGS, bad_rank)),
        scope=Scope(text, (text, text), 10),
        ingest=Ingest(
            formats=(text,),
            hits=0,
            unparsed=12,
            first_unparsed=UnparsedLine(bad * 30, f"no date {text}"),
            unparsed_lines=tuple(UnparsedLine(bad + key, f"{key!r} {text}") for key in HOSTILE),
            failure=f"disk gone {text}",
        ),
        sources=(
            SourceStatus(text, SourceState.FAILED, message=f"mend it: {text}"),
            SourceStatus(f"b{text}", SourceState.LIVE, message=f"[/] {text}", polling=True),
        ),
        tail=tuple(bad + key for key in HOSTILE) * 4,
        saving=Saving(f"/state/{text}", f"disk full {text}", f"set aside {text}", NOW - 60.0),
    )


class FakeEngine:
    """Publishes on the app's own thread whatever a test gives it; notes the commands of the app.

    `tables` are the rankings that the app asked for last; `posted` are all other commands.
    """

    def __init__(self, first: Snapshot | None = None) -> None:
        self.first = first
        self.publish: Callable[[Snapshot], None] | None = None
        self.idle = threading.Event()
        self.posted: list[Command] = []
        self.tables: frozenset[str] | None = None
        self.stopped = False

    def start(self, publish: Callable[[Snapshot], None], idle: threading.Event) -> None:
        self.publish, self.idle = publish, idle
        if self.first is not None:
            publish(self.first)

    def post(self, command: Command) -> None:
        if isinstance(command, ShowTables):
            self.tables = command.names
        else:
            self.posted.append(command)

    def stop(self) -> None:
        self.stopped = True
