"""The hot paths make few Python-level calls a line: that guards their speed on any machine.

Time is not measured. A limit is several times what is needed now, which each test prints.
"""

import sys
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from logmon_tui.alerts.evaluation import alert, verdicts
from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import ReportBuilder
from tests.benchmarks.generator import Generator
from tests.benchmarks.shape import Shape
from tests.traffic import settings_of

LINES = 50_000
STRANGERS = 3_600


def chunks(rate: float) -> Iterator[bytes]:
    return Generator(Shape(LINES, rate=rate)).blocks()


def calls_in(work: Callable[[], object]) -> int:
    """Return how many functions are called in `work`, Python's own and built-in ones."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def chunks_of_strangers(a_second: int) -> Iterator[bytes]:
    """Yield chunks of a log in which each line is of a client that came never before."""
    for start in range(0, STRANGERS, a_second):
        minutes, second = divmod(start // a_second, 60)
        time = f"22/Nov/2026:{8 + minutes // 60:02}:{minutes % 60:02}:{second:02} +0000"
        yield b"".join(
            b'10.%d.%d.%d - - [%s] "GET / HTTP/1.1" 500 9 "-" "-"\n'
            % (number >> 16, number >> 8 & 255, number & 255, time.encode())
            for number in range(start, start + a_second)
        )


def watch(monitor: HTTPMonitor, batches: list[HitBatch]) -> None:
    for batch in batches:
        monitor.feed(batch, 1.0)
        monitor.tick(1.0, 1.0)


FILTER = "status:2xx,5xx client:10.0.0.0/8,192.168.0.0/16 !path:/none/* !is:bot size>1"


def test_a_filter_makes_few_calls_a_line(figure: Callable[[str], None]) -> None:
    chosen = parsed(FILTER)
    batches = [Parser().parse(chunk) for chunk in chunks(10_000.0)]
    chosen.mask(batches[0])  # imports are not counted

    calls = calls_in(lambda: [chosen.mask(each) for each in batches]) / LINES * 1_000
    figure(f"a filter of {len(chosen.terms)} terms makes {calls:,.0f} calls for 1,000 lines")
    assert calls < 12_000


@pytest.mark.parametrize("rate", [1.0, 100.0, 10_000.0])
def test_a_report_makes_few_calls_a_line(rate: float, figure: Callable[[str], None]) -> None:
    lines = list(chunks(rate))
    parser, builder = Parser(), ReportBuilder(settings_of())
    builder.feed(parser.parse(lines[0][: lines[0].index(b"\n") + 1]))  # imports are not counted

    def work() -> None:
        for chunk in lines:
            builder.feed(parser.parse(chunk))

    calls = calls_in(work) / LINES * 1_000
    figure(f"a report at {rate:,.0f} hits/s makes {calls:,.0f} calls for 1,000 lines")
    assert calls < 700


@pytest.mark.parametrize(("rate", "most"), [(100.0, 50_000), (10_000.0, 15_000)])
def test_a_live_log_makes_few_calls_a_line(
    rate: float, most: int, figure: Callable[[str], None]
) -> None:
    parser, monitor = Parser(), HTTPMonitor(settings_of())
    batches: list[HitBatch] = [parser.parse(chunk) for chunk in chunks(rate)]

    calls = calls_in(lambda: watch(monitor, batches)) / LINES * 1_000
    figure(f"a live log at {rate:,.0f} hits/s makes {calls:,.0f} calls for 1,000 lines")
    assert calls < most


def test_what_is_old_of_a_whole_log_makes_few_calls(figure: Callable[[str], None]) -> None:
    parser, monitor = Parser(), HTTPMonitor(settings_of())
    batches = [parser.parse(chunk) for chunk in chunks(20.0)]
    monitor.begin_backlog(int(batches[-1].seconds[-1]) + 3_600)

    calls = calls_in(lambda: watch(monitor, batches)) / LINES * 1_000
    figure(f"a backlog at 20 hits/s makes {calls:,.0f} calls for 1,000 lines")
    assert calls < 700


HARSH = {
    "rate": {"metric": "rate", "critical": 0, "window": 200},
    "pending": {"metric": "hits", "critical": 0, "window": 200, "for": 60},
    "first_seen": {"metric": "first_seen", "learning": 0, "window": 200},
    "many_pages": {"metric": "paths", "critical": 0, "window": 200},
}
"""Rules that fire for every client."""


@pytest.mark.parametrize("name", HARSH)
def test_thousands_that_fire_at_once_make_few_calls_a_line(
    name: str, figure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (alert, verdicts):
        monkeypatch.setattr(module, "MAX_SUBJECT_STATES", 2_000)
    settings = settings_of(rules={name: HARSH[name] | {"scope": "client"}})
    batches = [Parser().parse(chunk) for chunk in chunks_of_strangers(12)]
    builder, monitor = ReportBuilder(settings), HTTPMonitor(settings)

    def report() -> None:
        for batch in batches:
            builder.feed(batch)
        assert len(builder.finish().incidents) >= 100

    of_a_report = calls_in(report) / STRANGERS * 1_000
    of_a_watch = calls_in(lambda: watch(monitor, batches)) / STRANGERS * 1_000
    figure(f"{name} of strangers: {of_a_report:,.0f} and {of_a_watch:,.0f} calls for 1,000 lines")
    assert of_a_report < 1_500_000
    assert of_a_watch < 3_500_000
