"""Rules of every scope and metric fire in a report where they fire in a watch of the same log."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import msgspec
import pytest

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import DISTINCT, Rule, Scope
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.route_columns import routed
from logmon_tui.formats.routes import OwnRoute
from logmon_tui.formats.servers.apache import apache_format
from logmon_tui.formats.user_agents import family_of
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline.whole_logs import read_report
from tests.alerts.ways import Ruled
from tests.traffic import START, settings_of

FORMAT = apache_format("full", '%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %D')
SECONDS = 90


def second_of(at: int) -> list[bytes]:
    """Return the lines of a second; some are bad, each in another way."""
    bad = 30 <= at < 50
    stamp = f"{datetime.fromtimestamp(START + at, UTC):%d/%b/%Y:%H:%M:%S} +0000"
    lines = []
    for number in range(8 if bad else 4):
        path = f"/v{number % 2}/users/{at * 10 + number}" if bad else f"/about/{number % 2}.html"
        status = 503 if bad and number % 2 else 200
        agent = "curl/8.5" if bad else "Wget/1.21"
        lines.append(
            f"{'shop' if bad else 'www'}.example 10.0.0.{number} - - [{stamp}] "
            f'"GET {path} HTTP/1.1" {status} {90_000 if bad else 100} "-" "{agent}" '
            f"{4_000_000 if bad else 1_000}\n".encode()
        )
    return [*lines, *[b"no hit\n"] * (9 * bad)]


def ruled(*rules: Rule) -> Ruled:
    own = (OwnRoute(pattern="^/v[0-9]+/", replace="/:version/"),)
    return Ruled(given=rules, routes=own, section_depth=2)


RULES = [
    Rule(
        name=f"{metric}_{scope}",
        title="t",
        metric=metric,
        scope=scope,
        status=("5xx",) if metric is Metric.SHARE else (),
        window=10,
        critical=critical,
        learning=20,
    )
    for (metric, critical), scope in product(
        {
            Metric.RATE: 0.05,
            Metric.HITS: 1,
            Metric.SHARE: 0.2,
            Metric.BYTES_RATE: 2_000,
            Metric.RESPONSE_TIME: 2,
            Metric.RESPONSE_SIZE: 50_000,
            Metric.CLIENTS: 1,
            Metric.PATHS: 1,
            Metric.CHANGE: 1.5,
            Metric.FIRST_SEEN: 0,
        }.items(),
        Scope,
    )
    # A report reads files of this machine, and one client or path is never several.
    if scope not in {Scope.SERVER, Scope.SITE, DISTINCT.get(metric)}
    and (metric, scope) != (Metric.FIRST_SEEN, Scope.ALL)
] + [Rule(name="odd", title="t", metric=Metric.UNPARSED_SHARE, window=10, critical=0.4)]


def watched(given: Ruled) -> list[Incident]:
    """Return the incidents that a watch finds when each line comes in its own second."""
    monitor, parser, found = HTTPMonitor(given), Parser(FORMAT), {}
    for at in range(SECONDS):
        batch = parser.parse(b"".join(second_of(at)))
        monitor.feed(routed(batch, given.routing(routes=True)), float(at))
        found |= {each.id: each for each in monitor.tick(at + 0.9, START + at)}
    found |= {each.id: each for each in monitor.tick(SECONDS + 0.0, START + SECONDS)}
    return list(found.values())


def rows(incidents: Iterable[Incident]) -> list[tuple[object, ...]]:
    return sorted(
        (each.rule, each.subject or b"", each.triggered_at, each.value, each.hits)
        for each in incidents
    )


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("log") / "access.log"
    path.write_bytes(b"".join(line for at in range(SECONDS) for line in second_of(at)))
    return str(path)


@pytest.fixture(scope="module")
def live() -> list[Incident]:
    return watched(ruled(*RULES))


@pytest.fixture(scope="module")
def reported(log: str) -> Sequence[Incident]:
    return read_report([log], ruled(*RULES), FormatSelector(FORMAT)).incidents


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_report_finds_what_a_watch_finds(
    rule: Rule, live: Sequence[Incident], reported: Sequence[Incident]
) -> None:
    expected = rows(each for each in live if each.rule == rule.name)
    assert rows(each for each in reported if each.rule == rule.name) == expected
    assert expected


def test_routes_of_the_user_are_those_of_the_rules_of_a_report(
    reported: Sequence[Incident],
) -> None:
    subjects = {each.subject for each in reported if each.rule == "rate_route"}
    assert b"/:version/users/:id" in subjects


def test_families_are_told_of_many_agents_that_come_in_one_chunk(tmp_path: Path) -> None:
    """Every other agent comes once, before curl."""
    stamp = f"{datetime.fromtimestamp(START, UTC):%d/%b/%Y:%H:%M:%S} +0000"
    line = f'a.example 10.0.0.1 - - [{stamp}] "GET / HTTP/1.1" 200 1 "-" "{{}}" 1\n'
    agents = [f"Wget/1.{number}" for number in range(900)] + ["curl/8.5"] * 300
    log = tmp_path / "access.log"
    log.write_text("".join(map(line.format, agents)))
    rule = Rule(
        name="r", title="t", metric=Metric.HITS, scope=Scope.USER_AGENT, window=1, critical=250
    )
    family_of.cache_clear()
    (found,) = (
        each
        for each in read_report([str(log)], ruled(rule), FormatSelector(FORMAT)).incidents
        if each.subject == b"curl"
    )
    assert found.hits == 300


WHERES = (
    "user:- method:GET status:5xx",
    "agent:curl",
    "is:human section:/v1/users",
    "route:/:version/users/:id",
    "q:shop.example time>1s",
    "host:shop.example size>1kB !client:10.0.0.1",
)


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.CLIENT])
@pytest.mark.parametrize("where", WHERES)
def test_a_report_reads_what_the_filter_of_its_only_rule_looks_at(
    where: str, scope: Scope, log: str
) -> None:
    rule = Rule(
        name="r",
        title="t",
        metric=Metric.RATE,
        scope=scope,
        where=where,
        window=10,
        critical=0.05,
    )
    given = ruled(rule)
    found = rows(read_report([log], given, FormatSelector(FORMAT)).incidents)
    assert found == rows(watched(given))
    assert found
    everything = ruled(msgspec.structs.replace(rule, where=""))
    assert found != rows(read_report([log], everything, FormatSelector(FORMAT)).incidents)


def test_a_report_reads_what_an_objective_looks_at(log: str) -> None:
    """Its filters are the only ones that look at user agents and virtual hosts."""
    objective = {"objective": 0.99, "where": "agent:curl,wget", "bad": "host:shop.example"}
    rules = [each for each in settings_of(slo={"x": objective}).alert_rules() if each.burn]
    found = rows(read_report([log], ruled(*rules), FormatSelector(FORMAT)).incidents)
    assert found == rows(watched(ruled(*rules)))
    assert {rule for rule, *_ in found} == {"slo.x.1h", "slo.x.6h", "slo.x.3d"}


def test_rules_that_differ_in_their_filters_share_no_counts(log: str) -> None:
    rules = [
        Rule(name=status, title="t", metric=Metric.HITS, where=status, window=60, critical=70)
        for status in ("status:5xx", "status:2xx")
    ]
    reported = read_report([log], ruled(*rules), FormatSelector(FORMAT)).incidents
    assert {each.rule: each.peak for each in reported} == {"status:5xx": 80, "status:2xx": 240}
    live = watched(ruled(*rules))
    assert rows(live) == rows(reported)
    assert len({each.triggered_at for each in live}) == 2
