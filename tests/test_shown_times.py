"""Response times are shown, judged and kept no finer than the log writes them."""

import json
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.evaluator_state import EvaluatorState
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.naming import named_format
from logmon_tui.metrics.future_gate import RECENT_LINES
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.monitor.saved import MonitorState
from logmon_tui.reports.json import report_json
from logmon_tui.reports.text import ReportText
from logmon_tui.tui.panels.status import measures
from tests.state.restarts import Run
from tests.traffic import START, settings_of

MILLISECOND = 1_000
ENOUGH = RECENT_LINES
"""So many hits tell what time it is in the log."""


def batch_of_times(*times: str) -> HitBatch:
    log_format = named_format("nginx_times")
    assert log_format is not None
    line = '203.0.113.5 - - [22/Nov/2026:08:26:40 +0000] "GET /a HTTP/1.1" 200 5 "-" "-" {0} {0}\n'
    batch = log_format.columnar().parse("".join(map(line.format, times)).encode())
    return replace(batch, seconds=batch.seconds * 0 + START)


def test_a_report_tells_a_millisecond_as_one_and_none_as_less_than_one() -> None:
    builder = ReportBuilder(settings_of())
    builder.feed(batch_of_times("0.000", "0.001", "0.001", "0.061"))
    report = builder.finish()
    told = json.loads(report_json(report, 5))
    assert told["response_time"] == {"p50": 0.001, "p95": 0.061, "p99": 0.061, "max": 0.061}
    assert told["paths"][0]["response_time"] == told["response_time"] == told["upstream_time"]
    text = "\n".join(ReportText(top=5, colour=False).summary(report, ["access.log"]))
    assert "response time 1 ms p50, 61 ms p95, 61 ms p99, 61 ms longest" in text
    builder = ReportBuilder(settings_of())
    builder.feed(batch_of_times("0.000", "0.000"))
    text = "\n".join(ReportText(top=5, colour=False).summary(builder.finish(), ["a"]))
    assert "response time <1 ms p50, <1 ms p95, <1 ms p99, <1 ms longest" in text


def test_the_screen_tells_no_more_digits_than_the_log() -> None:
    monitor = HTTPMonitor(settings_of())
    monitor.feed(batch_of_times(*("0.000", "0.000", "0.001") * ENOUGH), 0.0)
    monitor.tick(1.0, START)
    told = dict(measures(monitor.snapshot(1.0, START).now))
    assert (told["response p50"], told["response p95"]) == ("<1 ms", "1 ms")
    assert told["upstream p95"] == "1 ms"


def test_the_resolution_is_kept_from_run_to_run(tmp_path: Path) -> None:
    run = Run(tmp_path / "state", settings_of())
    run.feed(batch_of_times(*("0.000", "0.001", "0.061") * ENOUGH), 0.0)
    run.tick(1.0, START)
    run.save(1.0, START)
    run.restart(1.0)
    times = run.snapshot(1.0, START).now.response_times
    assert times is not None
    assert (times.p50, times.max, times.resolution) == (0.001, 0.061, 0.001)
    run.store.close()


@pytest.mark.parametrize("kind", [MonitorState, EvaluatorState])
def test_a_state_of_old_has_none_and_is_read(kind: type[msgspec.Struct]) -> None:
    monitor = HTTPMonitor(settings_of())
    monitor.feed(batch_of_times(*("0.001",) * ENOUGH), 0.0)
    state: msgspec.Struct = monitor.state(1.0, START)
    if kind is EvaluatorState:
        state = monitor.alerts.evaluator.state()
    content = msgspec.msgpack.decode(msgspec.msgpack.encode(state), strict=False)
    assert content.pop("resolution") == MILLISECOND
    found = msgspec.msgpack.decode(msgspec.msgpack.encode(content), type=kind)
    assert found == msgspec.structs.replace(state, resolution=0)


def test_a_rule_measures_what_the_log_can_have_written() -> None:
    rule = Rule(
        name="slow",
        title="Slow",
        metric=Metric.RESPONSE_TIME,
        quantile=0.5,
        window=5,
        critical=0.0005,
    )
    engine = RuleEvaluator([rule], 1)
    engine.begin(START)
    engine.take(batch_of_times("0.001", "0.001", "0.001"))
    (incident,) = engine.judge_up_to(START + 1)
    assert incident.value == 0.001
