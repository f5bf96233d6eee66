"""Reports tell why incidents fired just as a watch of the same log does."""

import gzip
import os
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.evidence.answer import answer, value_before
from logmon_tui.alerts.model.evidence import Evidence, Kind
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.output import Output
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.newest_lines import NewestLines
from logmon_tui.formats.presets.clf import COMMON
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.second_look import NEWEST, WORST, most_telling
from logmon_tui.pipeline import second_reading, whole_logs
from logmon_tui.pipeline.whole_logs import read_report
from logmon_tui.reports.html import written
from logmon_tui.reports.registry import Layout
from logmon_tui.snapshot import Report
from tests.traffic import START, settings_of
from tests.tui.incidents import incident as incident_of

RULES = {
    "sections": {"metric": "share", "scope": "section", "status": ["5xx"], "critical": 0.5},
    "garbage": {"metric": "unparsed_share", "critical": 0.2, "minimum_hits": 5},
    "drop": {"metric": "rate", "when": "below", "critical": 1.5},
    "volume": {"metric": "bytes_rate", "critical": 3_000},
    "clients": {"metric": "clients", "critical": 20},
    "surge": {"metric": "change", "critical": 4, "minimum_hits": 5},
}
SETTINGS = settings_of(
    threshold=6, alert_window=20, ddos_threshold=4, error_rate=0.4, rules=RULES
).changed(output=Output.HTML)

FORMAT = COMMON
PARSER = COMMON.columnar()


def line(second: int, host: str, status: int, path: str) -> bytes:
    stamp = datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    size = len(path) * 90
    return f'{host} - - [{stamp}] "GET {path} HTTP/1.1" {status} {size}\n'.encode()


def log_of(seed: int) -> dict[int, list[bytes]]:
    """Return some minutes of lines by their second: calm, with bursts, errors and garbage."""
    chance = random.Random(seed)
    lines: dict[int, list[bytes]] = {}
    for second in range(START, START + 400):
        minute = (second - START) // 40 % 5
        here = lines[second] = []
        for _ in range((2, 3, 12, 3, 0)[minute] + chance.randrange(2)):
            host = "10.0.0.9" if minute == 2 and chance.random() < 0.5 else None
            host = host or f"10.0.1.{chance.randrange(40)}"
            status = 503 if minute == 3 and chance.random() < 0.8 else 200
            here.append(line(second, host, status, f"/{'ab'[minute % 2]}/{chance.randrange(5)}"))
        if minute == 1:
            here += [b"no access log line\n"] * chance.randrange(3)
    return lines


def watched(logs: Sequence[dict[int, list[bytes]]], names: Sequence[str]) -> dict[str, Incident]:
    """Return what a watch says of incidents when they fire; it gets the logs second by second."""
    lines = NewestLines(SETTINGS.routing(routes=False))
    monitor = HTTPMonitor(SETTINGS, newest_lines=lines.parsed)
    found: dict[str, Incident] = {}
    for second in sorted(logs[0]):
        now = float(second - START)
        for log, name in zip(logs, names, strict=True):
            source = name.encode() if len(logs) > 1 else None
            batch = PARSER.parse(b"".join(log[second]))
            lines.note(FORMAT, batch.tail, source)
            monitor.feed(batch if source is None else batch.with_source(source), now)
        for incident in monitor.tick(now, float(second)):
            if incident.evidence is not None:
                found.setdefault(incident.id, incident)
    return found


def explained(logs: Sequence[str], settings: Settings = SETTINGS) -> Report:
    return read_report(logs, settings, FormatSelector())


def plain(evidence: Evidence) -> Evidence:
    """Return evidence without its values: those of a watch go on after the trigger."""
    return replace(evidence, start=0, values=())


def assert_same(found: Report, watch: dict[str, Incident], least: int) -> None:
    compared = [each for each in found.incidents if each.evidence is not None and each.id in watch]
    assert len(compared) >= least
    answered = 0
    for incident in compared:
        live, here = watch[incident.id].evidence, incident.evidence
        assert live is not None
        assert here is not None
        assert plain(here) == plain(live)
        # A watch that judges several seconds at once has no value so long before the trigger.
        if value_before(incident, live) is not None:
            assert answer(incident) == answer(watch[incident.id])
            answered += 1
    assert answered >= least / 2


@pytest.mark.parametrize(("seed", "chunk"), [(0, 2_000), (1, 20_000), (2, 4_000_000)])
def test_why_is_what_a_watch_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, chunk: int
) -> None:
    log = log_of(seed)
    text = b"".join(b"".join(log[second]) for second in sorted(log))
    file = tmp_path / "access.log"
    file.write_bytes(text)
    monkeypatch.setattr(whole_logs, "CHUNK", chunk)
    monkeypatch.setattr(whole_logs, "_LEAST", chunk)
    report = explained([str(file)])
    kinds = {each.rule for each in report.incidents if each.evidence is not None}
    assert kinds >= {"traffic", "garbage", "sections", "drop"}
    assert_same(report, watched([log], ["access.log"]), least=NEWEST)
    (tmp_path / "access.log.gz").write_bytes(gzip.compress(text))
    packed = explained([str(tmp_path / "access.log.gz")])
    assert packed.incidents == report.incidents


def test_why_of_several_logs_is_what_a_watch_of_them_says(tmp_path: Path) -> None:
    logs = [log_of(7), log_of(8)]
    names = ["a.log", "b.log"]
    for log, name in zip(logs, names, strict=True):
        (tmp_path / name).write_bytes(b"".join(b"".join(log[second]) for second in sorted(log)))
    report = explained([str(tmp_path / name) for name in names])
    watch = watched(logs, names)
    compared = [each for each in report.incidents if each.evidence and each.id in watch]
    assert len(compared) > NEWEST
    for incident in compared:
        live, here = watch[incident.id].evidence, incident.evidence
        assert live is not None
        assert here is not None
        # Which of the lines of one second come last differs: logs are read side by side.
        assert replace(plain(here), samples=()) == replace(plain(live), samples=())
        assert len(here.samples) == len(live.samples)
        assert answer(incident) == answer(watch[incident.id])


def test_the_page_tells_why(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    log = log_of(1)
    file.write_bytes(b"".join(b"".join(log[second]) for second in sorted(log)))
    report = explained([str(file)])
    text = written(report, ["access.log"], Layout(5))
    told = [each for each in report.incidents if each.evidence is not None]
    assert len(told) == NEWEST + WORST < len(report.incidents)
    assert text.count("<summary>What rose</summary>") > 3
    for incident in told:
        assert f'class="answer">{answer(incident)}</p>' in text
    movers = dict(told[-1].evidence.movers) if told[-1].evidence else {}
    assert movers[Kind.SECTION]
    assert "Why an alert fired is told of the newest and the worst ones" in text


def test_other_outputs_read_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "access.log"
    log = log_of(2)
    file.write_bytes(b"".join(b"".join(log[second]) for second in sorted(log)))
    page = explained([str(file)])

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(second_reading, "with_evidence", never)
    monkeypatch.setattr(second_reading, "ReadPart", never)
    for output in (Output.TEXT, Output.JSON, Output.CSV):
        report = explained([str(file)], SETTINGS.changed(output=output))
        assert report.incidents == tuple(replace(each, evidence=None) for each in page.incidents)


def test_what_is_read_again_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "access.log"
    log = log_of(3)
    file.write_bytes(b"".join(b"".join(log[second]) for second in sorted(log)))
    monkeypatch.setattr(whole_logs, "CHUNK", 4_000)
    monkeypatch.setattr(whole_logs, "_LEAST", 4_000)
    everything = explained([str(file)])
    monkeypatch.setattr(second_reading, "MAX_BYTES", 60_000)
    some = explained([str(file)])
    told = [each for each in some.incidents if each.evidence is not None]
    assert 0 < len(told) < NEWEST + WORST
    assert some.incidents[-1].evidence == everything.incidents[-1].evidence is not None
    monkeypatch.setattr(second_reading, "MAX_BYTES", 0)
    assert not any(each.evidence for each in explained([str(file)]).incidents)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """Its page says no reasons, and that there are none."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    log = log_of(4)
    text = b"".join(b"".join(log[second]) for second in sorted(log))
    with ThreadPoolExecutor(1) as pool:
        written_all = pool.submit(pipe.write_bytes, text)
        report = explained([str(pipe)])
        assert written_all.result(60) == len(text)
    assert report.incidents
    assert not any(each.evidence for each in report.incidents)
    assert "could be read a second time" in written(report, ["pipe"], Layout(5))


def test_the_newest_and_the_worst_are_told_of() -> None:
    base = incident_of(recovered=True)
    calm = [replace(base, id=f"calm-{n}", triggered_at=n) for n in range(40)]
    calm[3] = replace(calm[3], id="worst", peak=base.threshold * 90)
    calm[5] = replace(calm[5], id="worse", peak=base.threshold * 40)
    found = [each.id for each in most_telling(calm)]
    assert found[:NEWEST] == [f"calm-{n}" for n in range(39, 29, -1)]
    assert found[NEWEST : NEWEST + 2] == ["worst", "worse"]
    assert len(found) == NEWEST + WORST == len(set(found))
    assert most_telling(calm[:3]) == calm[2::-1]


def test_a_log_that_was_cut_meanwhile_explains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of the hits would explain something else."""
    file = tmp_path / "access.log"
    log = log_of(5)
    file.write_bytes(b"".join(b"".join(log[second]) for second in sorted(log)))
    look_again = second_reading.with_evidence

    def cut_before(*given: Any) -> Report:
        os.truncate(file, 1_000)
        return look_again(*given)

    monkeypatch.setattr(second_reading, "with_evidence", cut_before)
    report = explained([str(file)])
    assert report.incidents
    assert not any(each.evidence for each in report.incidents)
