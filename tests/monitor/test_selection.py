"""Reports and watches of chosen hits: what they count, ignore, judge and list."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation.counter_keys import columns_of
from logmon_tui.config.settings import Settings
from logmon_tui.filters.language import parsed
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import counted_batch
from logmon_tui.monitor.selection import Selection
from logmon_tui.pipeline.whole_logs import last_second_of_logs, read_report
from logmon_tui.snapshot import Chosen, Report
from tests.effort import examples
from tests.traffic import START, settings_of

LIMITS = {"top": 0, "threshold": 0.5, "ddos_threshold": 0.4, "alert_window": 30}
AGENTS = [b"curl/8.11", b"Mozilla/5.0 (compatible; Googlebot/2.1)"]


def line(second: int, path: str = "/a/b", status: int = 200, agent: bytes = AGENTS[0]) -> bytes:
    stamp = datetime.fromtimestamp(START + second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    head = f'10.0.0.{second % 3} - - [{stamp}] "GET {path} HTTP/1.1" {status} {second}'
    return head.encode() + b' "-" "' + agent + b'"\n'


lines = st.lists(
    st.builds(
        line,
        st.integers(0, 200),
        st.sampled_from(["/a/b", "/a/7", "/health", "/c"]),
        st.sampled_from([200, 404, 500]),
        st.sampled_from(AGENTS),
    ),
    min_size=1,
    max_size=60,
).map(lambda made: sorted(made, key=lambda each: int(each.split()[9])))

FILTERS = ["status:5xx", "!is:bot", "section:/a", "route:/a/:id", "path:/none", "size>100,path:/c"]


def report_of(
    folder: Path, text: bytes, given: Settings, *period: int | None, name: str = "a.log"
) -> Report:
    log = folder / name
    log.write_bytes(text)
    return read_report([str(log)], given, FormatSelector(), *period)


def figures(report: Report) -> list[object]:
    hits = report.hits
    rankings = [hits.sections, hits.paths, hits.hosts, hits.user_agents, hits.methods, hits.bots]
    return [
        (hits.hits, hits.bytes, hits.by_class, hits.status),
        [sorted((row.key, row.hits, row.bytes) for row in each.rows) for each in rankings],
        (hits.sizes.mean, hits.sizes.max, hits.hosts.distinct),
    ]


@settings(max_examples=examples(60), deadline=None)
@given(text=lines, where=st.sampled_from(FILTERS), period=st.tuples(*[st.integers(0, 200)] * 2))
def test_a_narrowed_report_is_that_of_the_chosen_lines_with_the_alerts_of_all(
    tmp_path_factory: pytest.TempPathFactory,
    text: list[bytes],
    where: str,
    period: tuple[int, int],
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    since, until = START + min(period), START + max(period) + 1
    narrowed = report_of(folder, b"".join(text), settings_of(where=where, **LIMITS), since, until)
    seconds = Parser().parse(b"".join(text)).seconds.tolist()
    chosen = [
        each
        for each, second in zip(text, seconds, strict=True)
        if since <= second < until and alone(each, where)
    ]
    whole = report_of(folder, b"".join(text), settings_of(**LIMITS))
    assert figures(narrowed) == figures(report_of(folder, b"".join(chosen), settings_of(**LIMITS)))
    assert narrowed.ingest.hits == whole.ingest.hits
    assert narrowed.incidents == tuple(
        each for each in whole.incidents if since <= each.triggered_at < until
    )
    within = [second for second in seconds if since <= second < until]
    assert (narrowed.first_hit, narrowed.last_hit) == (
        min(within, default=None),
        max(within, default=None),
    )
    assert narrowed.chosen == Chosen(parsed(where).text, since, until)


def alone(text: bytes, where: str) -> bool:
    """Whether a line is chosen, judged by its text."""
    return {
        "status:5xx": b'" 500 ' in text,
        "!is:bot": b"Googlebot" not in text,
        "section:/a": b"GET /a/" in text,
        "route:/a/:id": b"GET /a/7" in text,
        "path:/none": False,
        "size>100,path:/c": int(text.split()[9]) > 100 or b"GET /c " in text,
    }[where]


BUSY = [line(second, path) for second in range(120) for path in ("/health", "/health", "/c")]
IGNORE = {"where": "path:/health"}


def test_ignored_hits_are_left_out_of_a_report_but_not_of_its_alerts(tmp_path: Path) -> None:
    text = b"".join(BUSY)
    whole = report_of(tmp_path, text, settings_of(**LIMITS))
    report = report_of(tmp_path, text, settings_of(ignore=IGNORE, **LIMITS))
    only = b"".join(each for each in BUSY if b"/health" not in each)
    assert figures(report) == figures(report_of(tmp_path, only, settings_of(**LIMITS)))
    assert (report.hits.hits, report.ingest.hits, report.ingest.ignored) == (120, 360, 240)
    assert report.incidents == whole.incidents != ()


def test_hits_may_be_ignored_by_alerts_as_well(tmp_path: Path) -> None:
    given = settings_of(ignore={**IGNORE, "alerts": False}, **LIMITS)
    report = report_of(tmp_path, b"".join(BUSY), given)
    only = b"".join(each for each in BUSY if b"/health" not in each)
    assert report.incidents == report_of(tmp_path, only, settings_of(**LIMITS)).incidents
    assert report.ingest.ignored == 240
    everything = settings_of(ignore={"where": "status:200", "alerts": False}, **LIMITS)
    none = report_of(tmp_path, b"".join(BUSY), everything)
    assert (none.hits.hits, none.incidents, none.ingest.ignored) == (0, (), 360)


@pytest.mark.parametrize("alerts", [True, False])
def test_a_watch_ignores_hits_and_goes_on_counting_them(alerts: bool) -> None:
    given = settings_of(ignore={**IGNORE, "alerts": alerts}, **LIMITS)
    monitor = HTTPMonitor(given, whole_intervals=True, journal=True)
    monitor.feed(Parser().parse(b"".join(BUSY)), 0.0)
    monitor.tick(1.0, START + 121.0)
    picture = monitor.snapshot(1.0, START + 121.0)
    assert (picture.ingest.hits, picture.ingest.ignored) == (360, 240)
    assert {row.key for row in picture.now.paths.rows} == {b"/c"}
    judged = 3 if alerts else 1
    assert picture.alerts.hits == 30 * judged
    assert monitor.state(1.0, START + 121.0).ignored == 240


def test_a_batch_that_is_counted_keeps_only_what_rules_need() -> None:
    given = settings_of(**LIMITS)
    needed = columns_of(given.alert_rules())
    batch = Parser(None).parse(line(1) + line(2))
    kept, counts = counted_batch(batch, needed, Selection(given))
    assert batch.lines is not None
    assert (kept.lines, set(kept.columns), len(kept)) == (None, needed.used, 2)
    assert Dimension.PATH in counts.sums.by_key


def test_the_last_second_of_logs_is_read_from_their_ends(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.log", tmp_path / "b.log.gz"
    plain.write_bytes(b"".join(BUSY))
    packed.write_bytes(gzip.compress(line(150)))
    formats = FormatSelector()
    assert last_second_of_logs([str(plain)], formats) == START + 119
    assert last_second_of_logs([str(plain), str(packed)], formats) == START + 150
    assert last_second_of_logs(["-"], formats) is None
