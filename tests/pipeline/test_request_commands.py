"""What the screen asks for about single requests comes with the next Snapshots."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logmon_tui.config.settings import Settings
from logmon_tui.filters.language import parsed
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.hit import Dimension
from logmon_tui.monitor.commands import FindLine, ParseTail, SetFilter, ShowRequests
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.snapshot import Order, Snapshot
from tests.watching import wait_until


class Watched:
    """An engine and the newest picture that it published."""

    def __init__(self, log: Path) -> None:
        self.picture = Snapshot()
        settings = Settings(from_start=True)
        self.engine = PipelineThread([str(log)], settings, FormatSelector(), state_file=None)

    def take(self, picture: Snapshot) -> None:
        self.picture = picture


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    log = tmp_path / "access.log"
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    lines = [
        f'10.0.0.{n % 9} - - [{stamp}] "GET /{n} HTTP/1.1" {(200, 502)[n % 2]} {n}\n'
        for n in range(50)
    ]
    log.write_text("no hit\n" + "".join(lines))
    watched = Watched(log)
    watched.engine.start(watched.take)
    yield watched
    watched.engine.stop()


def test_the_hits_of_the_tail_come_while_they_are_asked_for(watched: Watched) -> None:
    wait_until(lambda: len(watched.picture.tail) == 51)
    assert watched.picture.tail_hits is None
    watched.engine.post(ParseTail(parsed=True))
    wait_until(lambda: watched.picture.tail_hits is not None)
    picture = watched.picture
    assert len(picture.tail) == len(picture.tail_hits or ()) == 50  # without the line of no hit
    for line, hit in zip(picture.tail, picture.tail_hits or (), strict=True):
        assert b'"GET %s HTTP/1.1" %d ' % (hit.texts[Dimension.PATH], hit.status) in line
    watched.engine.post(SetFilter(parsed("status:502")))
    wait_until(lambda: len(watched.picture.tail_hits or ()) == 25)
    assert {hit.status for hit in watched.picture.tail_hits or ()} == {502}
    watched.engine.post(ParseTail(parsed=False))
    wait_until(lambda: watched.picture.tail_hits is None)
    assert len(watched.picture.tail) == 25


def test_the_line_of_each_request_is_found(watched: Watched) -> None:
    watched.engine.post(ShowRequests(Order.LARGEST))
    wait_until(lambda: watched.picture.requests is not None and watched.picture.requests.rows)
    rows = watched.picture.requests.rows
    assert [row.size for row in rows[:3]] == [49, 48, 47]
    watched.engine.post(FindLine(rows[3]))
    wait_until(lambda: watched.picture.line is not None)
    found = watched.picture.line
    assert found is not None
    assert found.number == rows[3].number
    assert b'"GET /46 HTTP/1.1" 200 46' in (found.line or b"")
