"""Several logs in one report are one log, whatever they are split into."""

import gzip
import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.errors import SourceError
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor import report_builder
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.native import file_lines
from logmon_tui.pipeline import parse_ahead, whole_logs
from logmon_tui.pipeline.whole_logs import read_report
from logmon_tui.snapshot import Report
from logmon_tui.sources import file_parts
from logmon_tui.sources.file_part import FilePart
from tests.effort import examples
from tests.traffic import START, settings_of

SETTINGS = settings_of(top=0, threshold=0.5, ddos_threshold=0.4, alert_window=30)


def line(second: int, host: str = "10.0.0.1", status: int = 200, path: str = "/a/b") -> bytes:
    stamp = datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{host} - - [{stamp}] "GET {path} HTTP/1.1" {status} {second % 7}\n'.encode()


def figures(report: Report) -> list[object]:
    """All that a report says but of its sources, to compare."""
    hits, ingest = report.hits, report.ingest
    rankings = (hits.sections, hits.paths, hits.hosts, hits.users, hits.methods)
    return [
        (hits.end, hits.seconds, hits.hits, hits.bytes, hits.by_class, hits.status),
        [(ranking.rows, ranking.distinct) for ranking in rankings],
        (hits.sizes.mean, hits.sizes.p50, hits.sizes.p95, hits.sizes.max),
        (report.first_hit, report.last_hit, report.incidents),
        (ingest.hits, ingest.bytes, ingest.unparsed, ingest.future, ingest.late),
    ]


@st.composite
def logs(draw: st.DrawFn) -> list[tuple[int, bytes]]:
    """Lines with their seconds, in the order of a log: bursts, gaps, errors, some out of order."""
    second, lines = START, []
    for _ in range(draw(st.integers(1, 40))):
        second += draw(st.sampled_from((0, 0, 1, 1, 2, 7, 29, 31, 59, 300, 5_000)))
        status = draw(st.sampled_from((200, 200, 404, 500)))
        host = draw(st.sampled_from(("10.0.0.1", "10.0.0.2")))
        count = draw(st.sampled_from((1, 1, 2, 12, 40)))
        lines += [(second, line(second, host, status))] * count
    return lines


@settings(max_examples=examples(60), deadline=None)
@given(lines=logs(), seed=st.integers(0, 2**32), parts=st.integers(2, 4), late=st.booleans())
def test_parts_of_a_log_give_the_report_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[int, bytes]],
    seed: int,
    parts: int,
    late: bool,
) -> None:
    chance = random.Random(seed)
    if late:
        lines = sorted(lines, key=lambda each: each[0] + chance.uniform(0, 20))
    folder = tmp_path_factory.mktemp("logs")
    whole = folder / "whole.log"
    whole.write_bytes(b"".join(text for _, text in lines))
    names = [folder / f"{number}.log" for number in range(parts)]
    shares: list[list[bytes]] = [[] for _ in names]
    for _, text in lines:
        shares[chance.randrange(parts)].append(text)
    for name, share in zip(names, shares, strict=True):
        name.write_bytes(b"".join(share))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole_logs, "CHUNK", chance.choice((500, 5_000, 1_000_000)))
        together = read_report([str(name) for name in names], SETTINGS, FormatSelector())
    assert figures(together) == figures(read_report([str(whole)], SETTINGS, FormatSelector()))


def chunks_of_parts(*asked: Any) -> Iterator[bytes]:
    """What parts hold, read before they are handed over."""
    for chunk in file_parts.read_parts(*asked):
        if isinstance(chunk, bytes):
            yield chunk
        else:
            yield chunk.read()
            chunk.close()


TIMED = b' "-" "curl/8" 0.25\n'
UNUSUAL = (b"no hit\n", b"\0\0", b"x" * 3_000 + b"\n", b"#Fields: date time\n", b"\n")


@settings(max_examples=examples(60), deadline=None)
@given(
    lines=logs(),
    odd=st.lists(st.tuples(st.integers(0, 200), st.sampled_from(UNUSUAL)), max_size=6),
    timed=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    sizes=st.tuples(st.integers(150, 2_000), st.integers(300, 4_000), st.integers(300, 9_000)),
)
def test_it_is_the_same_whoever_reads_the_parts_of_a_file(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[int, bytes]],
    odd: list[tuple[int, bytes]],
    timed: tuple[int, int],
    sizes: tuple[int, int, int],
) -> None:
    """Lines of another format, and lines that no scanner takes, may stand anywhere."""
    texts = [text for _, text in lines]
    texts[slice(*timed)] = [text[:-1] + TIMED for text in texts[slice(*timed)]]
    for place, text in odd:
        texts.insert(place, text)
    log = tmp_path_factory.mktemp("logs") / "access.log"
    log.write_bytes(b"".join(texts))
    reports = []
    for wanted in (True, False):  # of the same cuts, as a change of the format may depend on them
        with pytest.MonkeyPatch.context() as patch:
            for name, size in zip(("FIRST", "LEAST"), sizes[:2], strict=True):
                patch.setattr(file_parts, name, size)
            patch.setattr(whole_logs, "MOST", sizes[2])
            patch.setattr(file_lines, "BLOCK", 1_000)
            if not wanted:
                patch.setattr(whole_logs, "read_parts", chunks_of_parts)
            reports.append(read_report([str(log)], SETTINGS, FormatSelector()))
    assert figures(reports[0]) == figures(reports[1])


def as_w3c(second: int) -> bytes:
    stamp = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{stamp} 10.0.0.1 GET /a/b - 80 - 10.0.0.3 - - 200 0 0 12\n".encode()


def as_short_w3c(second: int) -> bytes:
    stamp = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{stamp} 10.0.0.3 200 GET /a/b\n".encode()


HEADERS = {
    as_w3c: (
        b"#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip"
        b" cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n"
    ),
    as_short_w3c: b"#Fields: date time c-ip sc-status cs-method cs-uri-stem\n",
}


@settings(max_examples=examples(60), deadline=None)
@given(
    lines=logs(),
    changes=st.lists(st.sampled_from((line, *HEADERS)), min_size=1, max_size=4),
    odd=st.lists(st.tuples(st.integers(0, 200), st.sampled_from((b"no hit\n", b"\n"))), max_size=9),
    sizes=st.tuples(*[st.integers(300, 4_000)] * 3, st.integers(300, 9_000)),
)
def test_it_is_the_same_on_any_number_of_threads(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[int, bytes]],
    changes: list[Callable[[int], bytes]],
    odd: list[tuple[int, bytes]],
    sizes: tuple[int, int, int, int],
) -> None:
    """Nor do the cuts differ, nor which batches have words, where a format changes.

    More threads learn that later, and what a report drops of many keys depends on both.
    """
    each, texts = -(-len(lines) // len(changes)), []
    for number, written in enumerate(changes):
        share = lines[number * each : (number + 1) * each]
        texts += [HEADERS[written]] if written in HEADERS else []
        texts += [written(second) for second, _ in share]
    for place, text in odd:
        texts.insert(place, text)
    log = tmp_path_factory.mktemp("logs") / "access.log"
    log.write_bytes(b"".join(texts))
    reports: list[list[object]] = []
    cuts: list[list[int]] = []

    def read_parts(*asked: Any) -> Iterator[bytes | FilePart]:
        for chunk in file_parts.read_parts(*asked):
            cuts[-1].append(chunk.end - chunk.start if isinstance(chunk, FilePart) else len(chunk))
            yield chunk

    words: list[list[bool]] = []

    def parsed_ahead(*asked: Any, **options: Any) -> Iterator[Any]:
        for counted in parse_ahead.parsed_ahead(*asked, **options):
            words[-1].append(counted[1].sums.of_words)
            yield counted

    for threads in (1, 2, 4):
        cuts.append([])
        words.append([])
        with pytest.MonkeyPatch.context() as patch:
            for name, size in zip(("FIRST", "LEAST"), sizes[:2], strict=True):
                patch.setattr(file_parts, name, size)
            for name, size in zip(("CHUNK", "MOST"), sizes[2:], strict=True):
                patch.setattr(whole_logs, name, size)
            patch.setattr(whole_logs, "MOST_HITS", sizes[0] // 30)
            patch.setattr(whole_logs, "_LEAST", 150)
            patch.setattr(whole_logs, "threads_here", lambda: threads)  # noqa: B023 - now
            patch.setattr(whole_logs, "read_parts", read_parts)
            patch.setattr(whole_logs, "parsed_ahead", parsed_ahead)
            report = read_report([str(log)], SETTINGS, FormatSelector())
            reports.append([*figures(report), report.ingest.unparsed_lines])
    assert all(each == cuts[0] for each in cuts)
    assert all(each == words[0] for each in words)
    assert all(each == reports[0] for each in reports)


def part_sizes(log: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of each part of a report, which are 2,000 at first and 40,000 or 200 hits later."""
    sizes: list[int] = []

    def read_parts(*asked: Any) -> Iterator[bytes | FilePart]:
        for chunk in file_parts.read_parts(*asked):
            sizes.append(chunk.end - chunk.start if isinstance(chunk, FilePart) else len(chunk))
            yield chunk

    for name, size in {"FIRST": 2_000, "LEAST": 2_000}.items():
        monkeypatch.setattr(file_parts, name, size)
    for name, size in {"LEAST": 2_000, "MOST": 40_000, "MOST_HITS": 200}.items():
        monkeypatch.setattr(whole_logs, name, size)
    monkeypatch.setattr(whole_logs, "read_parts", read_parts)
    read_report([str(log)], SETTINGS, FormatSelector())
    return sizes


@pytest.mark.parametrize("agent", [b"curl/8", b"a" * 900])
def test_a_part_has_so_many_bytes_and_so_many_hits_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: bytes
) -> None:
    """Hits take the same memory, however short their lines are."""
    log = tmp_path / "access.log"
    hit = line(START)[:-1] + b' "-" "' + agent + b'"\n'
    log.write_bytes(hit * (400_000 // len(hit)))
    most = min(40_000, 200 * len(hit))
    assert most - len(hit) <= max(part_sizes(log, monkeypatch)) <= most + len(hit)


def test_parts_stay_small_where_words_do_not_repeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even while each lane tries anew whether they do, which takes it two parts."""
    log = tmp_path / "access.log"
    log.write_bytes(b"".join(line(START, path=f"/{number:05}") for number in range(4_000)))
    monkeypatch.setattr(parse_ahead, "_MANY_WORDS", 100)
    monkeypatch.setattr(parse_ahead, "_CHUNKS_WITHOUT", 6)
    assert max(part_sizes(log, monkeypatch)) < 5_000


@settings(max_examples=examples(40), deadline=None)
@given(lines=logs(), seed=st.integers(0, 2**32), late=st.booleans())
def test_storms_of_lines_that_are_no_hits_are_found_in_their_seconds_in_any_cut(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[int, bytes]], seed: int, late: bool
) -> None:
    chance = random.Random(seed)
    if late:
        lines = sorted(lines, key=lambda each: each[0] + chance.uniform(0, 20))
    log = tmp_path_factory.mktemp("log") / "a.log"
    odd = b"no hit\n"
    log.write_bytes(b"".join(text + odd * chance.choice((0, 0, 1, 9)) for _, text in lines))
    rules = {"odd": {"metric": "unparsed_share", "window": 10, "critical": 0.6}}
    given_settings = settings_of(top=0, rules=rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole_logs, "CHUNK", chance.choice((150, 500, 5_000)))
        patch.setattr(whole_logs, "_LEAST", 150)
        patch.setattr(report_builder, "MIN_JUDGED_ROWS", chance.choice((1, 50)))
        cut = read_report([str(log)], given_settings, FormatSelector())
    assert figures(cut) == figures(read_report([str(log)], given_settings, FormatSelector()))


def test_a_storm_of_lines_that_are_no_hits_is_told_when_it_was(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    hits = [line(START + second) for second in range(3_600)]
    log.write_bytes(b"".join([*hits[:600], *[b"no hit\n"] * 100, *hits[600:], *[hits[-1]] * 200]))
    rules = {"odd": {"metric": "unparsed_share", "window": 10, "critical": 0.5}}
    report = read_report([str(log)], settings_of(rules=rules), FormatSelector())
    assert [
        (each.triggered_at - START, each.recovered_at, each.hits)
        for each in report.incidents
        if each.rule == "odd"
    ] == [(599, START + 609, 110)]


def test_logs_that_overlap_are_judged_as_one(tmp_path: Path) -> None:
    """Each alone, and one after the other, their traffic is below the threshold."""
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes(b"".join(line(START + 3 * each) for each in range(200)))
    paths = [str(tmp_path / name) for name in ("a.log", "b.log")]
    settings = settings_of(threshold=0.5, ddos_threshold=99, alert_window=30)
    assert read_report(paths[:1], settings, FormatSelector()).incidents == ()
    assert [each.rule for each in read_report(paths, settings, FormatSelector()).incidents] == [
        "traffic"
    ]


def test_a_line_from_the_far_future_in_one_log_holds_up_no_other(tmp_path: Path) -> None:
    good = b"".join(line(START + each) for each in range(200))
    (tmp_path / "a.log").write_bytes(line(START) * 10 + line(START + 10**8) + good)
    (tmp_path / "b.log").write_bytes(good)
    report = read_report(
        [str(tmp_path / "a.log"), str(tmp_path / "b.log")], SETTINGS, FormatSelector()
    )
    assert report.ingest.future == 1
    assert report.last_hit == START + 199
    # 10 hits, and from then on two a second: the 16th within 30 s comes in the third second.
    assert {each.triggered_at for each in report.incidents if each.rule == "traffic"} == {START + 2}


def test_each_log_is_a_row_of_the_sources_unless_there_is_but_one(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(START) * 3)
    (tmp_path / "b.log").write_bytes(line(START) * 2 + b"no hit\n")
    (tmp_path / "c.log").write_bytes(b"no hit\n")
    paths = [str(tmp_path / name) for name in ("a.log", "b.log", "c.log")]
    rows = read_report(paths, SETTINGS, FormatSelector()).hits.sources.rows
    assert [(row.key, row.hits) for row in rows] == [(b"a.log", 3), (b"b.log", 2)]
    assert read_report(paths[:1], SETTINGS, FormatSelector()).hits.sources.rows == ()


def test_rotated_files_are_read_with_their_log_and_none_twice(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(line(START + 300) * 5)
    (tmp_path / "access.log.1").write_bytes(line(START + 200) * 4)
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(line(START + 100) * 3))
    (tmp_path / "access.log-20261122").write_bytes(line(START) * 2)
    (tmp_path / "other.log.1").write_bytes(line(START))
    rotated = settings_of(with_rotated=True)
    report = read_report([str(log)], rotated, FormatSelector())
    assert (report.hits.hits, report.first_hit, report.last_hit) == (14, START, START + 300)
    assert report.hits.sources.rows == ()
    given = read_report([str(log), str(tmp_path / "access.log.1")], rotated, FormatSelector())
    assert given.hits.hits == 14
    assert {row.key: row.hits for row in given.hits.sources.rows} == {
        b"access.log": 10,
        b"access.log.1": 4,
    }


def test_a_damaged_rotated_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_bytes(line(START))
    (tmp_path / "access.log.1.gz").write_bytes(gzip.compress(line(START) * 99)[:40])
    with pytest.raises(SourceError, match=r"access\.log\.1\.gz: is cut or damaged"):
        read_report(
            [str(tmp_path / "access.log")], settings_of(with_rotated=True), FormatSelector()
        )


def test_logs_without_hits_are_told_for_what_they_are(tmp_path: Path) -> None:
    contents = {
        "a.log": line(START),
        "empty.log": b"",
        "error.log": b"2026/11/22 12:00:00 [error] 123#0: *1 open() failed\n",
        "unknown.log": b"whatever\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    report = read_report([str(tmp_path / name) for name in contents], SETTINGS, FormatSelector())
    told = report.ingest.not_access_logs
    assert [each.split("/")[-1].split(",")[0] for each in told] == [
        "empty.log is empty",
        "error.log is an nginx error log",
    ]


def test_the_counts_are_settled_by_one_thread_while_another_judges_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "access.log").write_bytes(b"".join(line(START + each) for each in range(900)))
    threads: list[int] = []
    settle = ReportBuilder.settle

    def settled(builder: ReportBuilder) -> None:
        threads.append(threading.get_ident())
        settle(builder)

    monkeypatch.setattr(ReportBuilder, "settle", settled)
    whole = read_report([str(tmp_path / "access.log")], SETTINGS, FormatSelector())
    monkeypatch.setattr(whole_logs, "CHUNK", 10_000)
    monkeypatch.setattr(whole_logs, "_LEAST", 10_000)
    in_chunks = read_report([str(tmp_path / "access.log")], SETTINGS, FormatSelector())
    assert figures(in_chunks) == figures(whole)
    assert [each == threading.get_ident() for each in threads] == [True, False]


@settings(max_examples=examples(40), deadline=None)
@given(
    lines=logs(),
    limits=st.tuples(st.integers(0, 8), st.integers(0, 60), st.integers(0, 8)),
    size=st.sampled_from((200, 1_000, 10_000)),
)
def test_it_is_the_same_however_long_words_are_kept(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[int, bytes]],
    limits: tuple[int, int, int],
    size: int,
) -> None:
    path = tmp_path_factory.mktemp("logs") / "access.log"
    path.write_bytes(b"".join(text for _, text in lines))
    report = read_report([str(path)], SETTINGS, FormatSelector())
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in zip(("_MAX_WORDS", "_MAX_BYTES", "_MANY_WORDS"), limits, strict=True):
            patch.setattr(parse_ahead, name, limit)
        patch.setattr(whole_logs, "CHUNK", size)
        patch.setattr(whole_logs, "_LEAST", size)
        again = read_report([str(path)], SETTINGS, FormatSelector())
    assert figures(again) == figures(report)
