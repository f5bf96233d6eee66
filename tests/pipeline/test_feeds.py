"""Lines of many servers in one log: which seconds are judged, and when nothing can be known."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.model.origin import Origin
from logmon_tui.pipeline.log_reader import TOGETHER
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.sources.base import Chunk, LogPosition, ServerStatus, SourceState, SourceStatus
from tests.pipeline.runs import START, FakeSource, Told, lines
from tests.traffic import settings_of
from tests.watching import wait_until


class FakeFeed(FakeSource):
    """Hands over chunks of servers, in a state that the test sets."""

    def __init__(self, *chunks: bytes, state: SourceState = SourceState.CATCHING_UP) -> None:
        super().__init__(*chunks)
        self.state = state

    def status(self) -> SourceStatus:
        return SourceStatus(self.name, self.state)

    def servers(self) -> Sequence[ServerStatus]:
        return ()


class GoingOn(FakeFeed):
    """A feed with a place to go on at, as the run before it read all that was there."""

    def position(self) -> LogPosition:
        return LogPosition(feed=b"place")


def chunk(*parts: tuple[str, Sequence[int]], hits: int = 1) -> Chunk:
    """Return a chunk in which each server wrote `hits` lines in each of its seconds."""
    texts = [b"".join(lines(hits, START + second) for second in seconds) for _, seconds in parts]
    origins = [
        Origin(server.encode(), b"eu", text.count(b"\n"))
        for (server, _), text in zip(parts, texts, strict=True)
    ]
    return Chunk.of(b"".join(texts), origins, "common")


def readers_of(*sources: FakeSource) -> LogReaders:
    readers = LogReaders(
        [f"log{number}" for number in range(len(sources))],
        sources,
        FormatSelector(),
        None,
        lambda error, _: (_ for _ in ()).throw(error),
    )
    for reader in readers:
        while read := reader.source.read():
            list(reader.parse(read))
    return readers


def reached(*sources: FakeSource) -> int | None:
    second = readers_of(*sources).reached()
    return None if second is None else second - START


def test_while_catching_up_judging_keeps_behind_most_servers() -> None:
    feed = FakeFeed(
        chunk(("eu/a", range(100)), ("eu/b", range(98))),
        chunk(("eu/a", range(100, 111)), ("eu/b", range(98, 109))),
    )
    assert reached(feed) == 104 - TOGETHER


def test_a_server_with_a_backlog_is_not_waited_for() -> None:
    feed = FakeFeed(
        chunk(("eu/old", range(10)), ("eu/a", range(600, 660)), ("eu/b", range(600, 655)))
    )
    assert 600 - TOGETHER < (reached(feed) or 0) < 660 - TOGETHER


def test_a_server_whose_clock_is_ahead_moves_nothing() -> None:
    feed = FakeFeed(chunk(("eu/a", range(60)), ("eu/ahead", [40_000_000]), ("eu/b", range(60))))
    assert reached(feed) == 30 - TOGETHER


def test_a_live_feed_is_judged_by_the_clock() -> None:
    assert reached(FakeFeed(chunk(("eu/a", range(10))), state=SourceState.LIVE)) is None


def test_a_feed_that_cannot_be_read_is_judged_no_further() -> None:
    for state in (SourceState.FAILED, SourceState.WAITING):
        assert reached(FakeFeed(chunk(("eu/a", range(10))), state=state)) == 4 - TOGETHER


def test_a_feed_that_cannot_be_read_holds_up_no_other_log() -> None:
    away = FakeFeed(chunk(("eu/a", range(10))), state=SourceState.FAILED)
    assert reached(away, FakeSource(lines(1, START + 90), ends=False)) is None


def test_a_feed_that_goes_on_without_new_lines_is_not_called_empty() -> None:
    feed = GoingOn(state=SourceState.LIVE)
    feed.name = "nats://broker:4222"
    (reader,) = readers_of(feed)
    assert reader.status().message == ""


def test_logs_of_this_machine_are_judged_as_ever() -> None:
    assert reached(FakeSource(lines(1), ends=False)) is None


RULE = {"low": {"metric": "hits", "when": "below", "critical": 12, "window": 5}}


@contextmanager
def running(feed: FakeFeed) -> Iterator[Told]:
    told = Told()
    settings = settings_of(rules=RULE, stats_interval=5, alert_window=5)
    pipeline = Pipeline(settings, [feed], FormatSelector(), told.listener())
    thread = threading.Thread(target=pipeline.run)
    thread.start()
    try:
        yield told
    finally:
        pipeline.stop()
        thread.join(30)


def low(told: Told) -> list[int]:
    return [each.triggered_at - START for each in told.incidents if each.rule == "low"]


def read(feed: FakeFeed) -> Callable[[], bool]:
    return lambda: not feed.chunks


def test_seconds_that_are_half_read_do_not_fire() -> None:
    """Each server alone has too few hits for the rule; together they have enough."""
    servers = ("eu/a", "eu/b", "eu/c")
    parts = [chunk((server, range(n, n + 10))) for n in range(0, 60, 10) for server in servers]
    feed = FakeFeed(*parts)
    with running(feed) as told:
        wait_until(read(feed))
        feed.state = SourceState.LIVE
        # Now the log is quiet, which fires; nothing may have fired for the seconds before.
        wait_until(lambda: bool(low(told)))
    assert low(told)[0] >= 59


def test_nothing_fires_while_the_broker_is_away() -> None:
    feed = FakeFeed(*(chunk(("eu/a", range(n, n + 10)), hits=3) for n in range(0, 60, 10)))
    with running(feed) as told:
        wait_until(read(feed))
        feed.state = SourceState.FAILED
        pictures = len(told.pictures)
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > 8 and len(told.pictures) > pictures + 5)
        assert low(told) == []
        assert told.pictures[-1].ingest.lag > 5
        feed.state = SourceState.LIVE
        wait_until(lambda: bool(low(told)))


def test_the_backlog_of_a_server_that_returns_fires_nothing_of_the_past() -> None:
    now = range(600, 660)
    feed = FakeFeed(
        chunk(("eu/a", now)),
        chunk(("eu/back", range(400)), hits=30),
        chunk(("eu/a", [660])),
        state=SourceState.LIVE,
    )
    told = Told()
    settings = settings_of(threshold=10, alert_window=60, stats_interval=60)
    pipeline = Pipeline(settings, [feed], FormatSelector(), told.listener())
    thread = threading.Thread(target=pipeline.run)
    thread.start()
    try:
        wait_until(lambda: bool(told.pictures) and told.pictures[-1].ingest.hits == 61 + 400 * 30)
        picture = told.pictures[-1]
        assert told.incidents == []
        assert picture.ingest.late == 0
        assert picture.now.hits <= 61
    finally:
        pipeline.stop()
        thread.join(30)
