"""What a running watch shows by a filter and a window: the same hits as a plain look finds."""

from pathlib import Path

from logmon_tui.filters.language import Filter, parsed
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.monitor.commands import FindLine, SetFilter, SetWindow, ShowRequests
from logmon_tui.snapshot import Order
from tests.pipeline.test_several_logs import append, lines, watching
from tests.traffic import settings_of


def a_log(folder: Path) -> Path:
    """Return a log of the last minute: 20 hits of now, 30 errors of half a minute ago."""
    log = folder / "access.log"
    log.write_bytes(lines(30, "/b/y", ago=30, status=503) + lines(20, "/a/x"))
    return log


def test_a_filter_holds_at_once_for_what_was_read_before(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    with watching([log], settings_of(from_start=True, stats_interval=60)) as watch:
        watch.shows(lambda each: each.now.hits == 50)
        watch.pipeline.commands.post(SetFilter(parsed("status:5xx")))
        picture = watch.shows(lambda each: each.scope.where == "status:5xx")
        assert picture.now.hits == 30
        assert [row.key for row in picture.now.paths.rows] == [b"/b/y"]
        assert sum(map(sum, picture.traffic.seconds)) == 30
        assert len(picture.tail) == 30
        assert all(b" 503 " in line for line in picture.tail)
        assert picture.ingest.hits == 50
        append(log, lines(4, "/c", status=500) + lines(9))
        picture = watch.shows(lambda each: each.now.hits == 34)
        assert picture.tail[-1].count(b" 500 ") == 1
        watch.pipeline.commands.post(SetFilter(Filter()))
        assert watch.shows(lambda each: not each.scope.where).now.hits == 63


def test_another_window_shows_what_was_read_before(tmp_path: Path) -> None:
    with watching([a_log(tmp_path)], settings_of(from_start=True)) as watch:
        watch.shows(lambda each: each.now.hits == 20)
        watch.pipeline.commands.post(SetWindow(300))
        picture = watch.shows(lambda each: each.scope.seconds == 300)
        assert (picture.now.hits, picture.now.seconds) == (50, 300)
        assert picture.scope.since is not None  # nothing is known of the minutes before
        watch.pipeline.commands.post(SetWindow(None))
        picture = watch.shows(lambda each: each.scope.seconds is None)
        assert picture.now.hits == 50
        assert 30 <= picture.now.seconds < 300
        watch.pipeline.commands.post(SetWindow(10))
        assert watch.shows(lambda each: each.scope.seconds == 10).now.hits <= 20


def test_requests_and_their_raw_lines_are_there_when_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    data = [lines(1, f"/p/{number}", status=200 + number) for number in range(9)]
    log.write_bytes(b"".join(data) + b"no hit\n")
    with watching([log], settings_of(from_start=True, stats_interval=60)) as watch:
        assert watch.shows(lambda each: each.now.hits == 9).requests is None
        watch.pipeline.commands.post(SetFilter(parsed("!status:203")))
        watch.pipeline.commands.post(ShowRequests(Order.NEWEST))
        found = watch.shows(lambda each: each.requests is not None).requests
        assert found is not None
        assert [each.status for each in found.rows] == [208, 207, 206, 205, 204, 202, 201, 200]
        chosen = found.rows[5]
        assert chosen.texts[Dimension.PATH] == b"/p/2"
        watch.pipeline.commands.post(FindLine(chosen))
        line = watch.shows(lambda each: each.line is not None).line
        assert line == (chosen.number, data[2].rstrip())
        watch.pipeline.commands.post(ShowRequests(None))
        watch.shows(lambda each: each.requests is None)


def test_the_line_of_a_request_that_is_nowhere_is_told_to_be_gone(tmp_path: Path) -> None:
    with watching([a_log(tmp_path)], settings_of(from_start=True, stats_interval=60)) as watch:
        watch.pipeline.commands.post(ShowRequests(Order.LARGEST))
        found = watch.shows(lambda each: bool(each.requests and each.requests.rows)).requests
        assert found is not None
        first = found.rows[0]
        other = type(first)(first.number, first.second, 418, first.size, first.texts, {})
        watch.pipeline.commands.post(FindLine(other))
        assert watch.shows(lambda each: each.line is not None).line == (first.number, None)
