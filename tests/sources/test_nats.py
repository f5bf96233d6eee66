"""NatsStream with a real broker: every line once, whatever is killed; what goes wrong is told."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.sources.base import Chunk, LogPosition, SourceState
from logmon_tui.sources.broker.nats import open_stream
from logmon_tui.sources.seek import FROM_END, FROM_START, Start
from tests.brokers import STREAM, Broker, FakeAgent, Sent, access_lines, needs_broker
from tests.watching import wait_until

pytestmark = needs_broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    running = Broker(tmp_path)
    running.setup()
    yield running
    running.close()


class Reading:
    """A source, and every chunk that it handed over."""

    def __init__(
        self,
        broker: Broker,
        path: str = "",
        start: Start = FROM_START,
        position: LogPosition | None = None,
        settings: FleetSettings | None = None,
    ) -> None:
        self.source = open_stream(broker.url + path, start, position, settings or FleetSettings())
        self.chunks: list[Chunk] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.source.close()

    @property
    def lines(self) -> Counter[int]:
        """How often each numbered line was handed over."""
        found = re.findall(rb'"GET /(\d+) ', b"".join(self.chunks))
        return Counter(map(int, found))

    def step(self) -> None:
        self.source.wait(0.25)
        while chunk := self.source.read():
            assert isinstance(chunk, Chunk)
            assert sum(each.lines for each in chunk.origins) == chunk.count(b"\n")
            self.chunks.append(chunk)

    def until_lines(self, count: int) -> None:
        def come() -> bool:
            self.step()
            return self.lines.total() >= count

        wait_until(come, lambda: (self.lines.total(), self.source.status()))

    def until_state(self, state: SourceState) -> None:
        def reached() -> bool:
            self.step()
            return self.source.status().state is state

        wait_until(reached, self.source.status)

    def until_told(self, words: str) -> None:
        def told() -> bool:
            self.step()
            return words in self.source.status().message

        wait_until(told, self.source.status)


def once(numbers: range) -> Counter[int]:
    return Counter(dict.fromkeys(numbers, 1))


def test_lines_of_servers_are_joined_with_their_origins(broker: Broker) -> None:
    one, two = FakeAgent("web1", "eu"), FakeAgent("web.2", "")
    broker.publish(
        one.lines(access_lines(range(10))),
        two.lines(access_lines(range(10, 15))),
        one.lines(access_lines(range(15, 20))),
    )
    with Reading(broker) as reading:
        reading.until_lines(20)
        reading.until_state(SourceState.LIVE)
        assert reading.lines == once(range(20))
        origins = [each for chunk in reading.chunks for each in chunk.origins]
        assert {(each.server, each.site) for each in origins} == {
            (b"eu/web1", b"eu"),
            (b"web.2", b""),
        }
        assert {chunk.stream for chunk in reading.chunks} == {"combined"}
        assert {each.server for each in reading.source.servers()} == {b"eu/web1", b"web.2"}


def test_lines_of_no_known_format_are_a_stream_of_their_server(broker: Broker) -> None:
    broker.publish(
        FakeAgent("web1", "eu", "").lines(access_lines(range(5))),
        FakeAgent("web2", "eu", "no-such").lines(access_lines(range(5, 10))),
    )
    with Reading(broker) as reading:
        reading.until_lines(10)
        streams = {chunk.stream for chunk in reading.chunks}
        assert streams == {"eu/web1/access.log", "eu/web2/access.log"}


def test_a_path_narrows_to_a_site_or_a_server(broker: Broker) -> None:
    for number, (site, host) in enumerate((("eu", "web1"), ("eu", "web2"), ("us", "web1"))):
        broker.publish(FakeAgent(host, site).lines(access_lines([number])))
    with Reading(broker, "/eu") as site, Reading(broker, "/us/web1") as server:
        site.until_lines(2)
        server.until_lines(1)
        site.until_state(SourceState.LIVE)
        server.until_state(SourceState.LIVE)
        assert site.lines == Counter([0, 1])
        assert server.lines == Counter([2])


def test_a_run_goes_on_where_the_one_before_stopped(broker: Broker) -> None:
    agent = FakeAgent()
    broker.publish(agent.lines(access_lines(range(10))))
    with Reading(broker) as first:
        first.until_lines(10)
        position = first.source.position()
    broker.publish(agent.lines(access_lines(range(10, 20))))
    with Reading(broker, position=position) as second:
        second.until_lines(10)
        second.until_state(SourceState.LIVE)
        assert second.lines == once(range(10, 20))


def test_a_position_between_two_streams_of_a_batch_loses_and_doubles_nothing(
    broker: Broker,
) -> None:
    mixed = [FakeAgent("web1", "eu", "combined"), FakeAgent("web2", "eu", "")]
    broker.publish(*(mixed[n % 2].lines(access_lines([n])) for n in range(10)))
    handed: Counter[int] = Counter()
    position = None
    for _ in range(2):
        with Reading(broker, position=position) as reading:
            wait_until(lambda reading=reading: reading.source._ahead._items and _one(reading))  # type: ignore[misc]
            handed += reading.lines
            position = reading.source.position()
    with Reading(broker, position=position) as reading:
        reading.until_state(SourceState.LIVE)
        handed += reading.lines
    assert handed == once(range(10))


def _one(reading: Reading) -> bool:
    chunk = reading.source.read()
    if isinstance(chunk, Chunk):
        reading.chunks.append(chunk)
    return bool(chunk)


def test_from_the_end_only_new_lines_are_read(broker: Broker) -> None:
    agent = FakeAgent()
    broker.publish(agent.lines(access_lines(range(10))))
    with Reading(broker, start=FROM_END) as reading:
        reading.until_state(SourceState.LIVE)
        broker.publish(agent.lines(access_lines(range(10, 15))))
        reading.until_lines(5)
        assert reading.lines == once(range(10, 15))


def test_without_a_position_reading_begins_some_time_back(broker: Broker) -> None:
    agent = FakeAgent()
    broker.publish(agent.lines(access_lines(range(10))))
    with Reading(broker, start=Start(3600)) as reading:
        reading.until_lines(10)


def test_a_killed_broker_costs_nothing(broker: Broker) -> None:
    agent = FakeAgent()
    with Reading(broker) as reading:
        for number in range(4):
            broker.publish(agent.lines(access_lines(range(number * 10, number * 10 + 10))))
            reading.until_lines(number * 10 + 10)
            broker.kill()
            reading.until_state(SourceState.FAILED)
            message = reading.source.status().message
            assert message
            assert broker.url not in message  # the log is called so anyway
            broker.start()
        broker.publish(agent.lines(access_lines(range(40, 50))))
        reading.until_lines(50)
        reading.until_state(SourceState.LIVE)
        assert reading.lines == once(range(50))
        assert reading.source.status().message == ""


def test_what_comes_again_counts_once(broker: Broker) -> None:
    agent = FakeAgent()
    text = access_lines(range(10))
    half = len(access_lines(range(5)))
    broker.publish(
        agent.lines(text),
        agent.lines(text, start=0),  # again
        agent.lines(text[half:] + access_lines(range(10, 15)), start=half),  # overlapping
        agent.lines(text[:half], start=0),
        agent.lines(access_lines(range(15, 16))),
    )
    with Reading(broker) as reading:
        reading.until_lines(16)
        reading.until_state(SourceState.LIVE)
        assert reading.lines == once(range(16))


def test_lines_that_come_in_another_order_count_once_and_a_gap_is_told(broker: Broker) -> None:
    agent = FakeAgent()
    first, second, third = (access_lines(range(n * 10, n * 10 + 10)) for n in range(3))
    broker.publish(agent.lines(first), agent.lines(third, start=len(first + second)))
    with Reading(broker) as reading:
        reading.until_lines(20)
        assert [each.lost for each in reading.source.servers()] == [10]
        broker.publish(agent.lines(second, start=len(first)))
        reading.until_lines(30)
        assert reading.lines == once(range(30))
        assert [each.lost for each in reading.source.servers()] == [0]


def test_a_chunk_with_left_out_lines_counts_by_its_range(broker: Broker) -> None:
    agent = FakeAgent()
    broker.publish(
        agent.lines(access_lines(range(5)), end=5_000, left_out=7),
        agent.lines(access_lines(range(5)), start=0, end=5_000, left_out=7),
        agent.lines(access_lines(range(5, 10)), start=5_000, end=6_000),
    )
    with Reading(broker) as reading:
        reading.until_lines(10)
        reading.until_state(SourceState.LIVE)
        assert reading.lines == once(range(10))


def test_a_stream_made_anew_is_told_and_read_from_its_beginning(broker: Broker) -> None:
    agent = FakeAgent()
    text = access_lines(range(10))
    broker.publish(*(agent.lines(access_lines([100 + n])) for n in range(5)), agent.lines(text))
    with Reading(broker) as reading:
        reading.until_lines(15)
        broker.ask(f"STREAM.DELETE.{STREAM}")
        broker.setup()
        broker.publish(
            agent.lines(text, start=agent.end - len(text)), agent.lines(access_lines([50]))
        )
        reading.until_told("was made anew")
        reading.until_lines(16)
        assert reading.lines == Counter([*range(100, 105), *range(10), 50])


def test_a_stream_made_anew_between_runs_is_told(broker: Broker) -> None:
    agent = FakeAgent()
    broker.publish(agent.lines(access_lines(range(10))))
    with Reading(broker) as reading:
        reading.until_lines(10)
        position = reading.source.position()
    broker.ask(f"STREAM.DELETE.{STREAM}")
    broker.setup()
    broker.publish(agent.lines(access_lines(range(10)), start=0), agent.lines(access_lines([10])))
    with Reading(broker, position=position) as reading:
        reading.until_told("was made anew")
        reading.until_lines(1)
        assert reading.lines == Counter([10])


def test_messages_purged_before_they_were_read_are_told(broker: Broker) -> None:
    agent = FakeAgent()
    broker.publish(agent.lines(access_lines(range(10))))
    with Reading(broker) as reading:
        reading.until_lines(10)
        position = reading.source.position()
    broker.publish(*(agent.lines(access_lines(range(n, n + 10))) for n in (10, 20)))
    broker.ask(f"STREAM.PURGE.{STREAM}")
    broker.publish(agent.lines(access_lines(range(30, 40))))
    with Reading(broker, position=position) as reading:
        reading.until_told("deleted 2 messages")
        reading.until_lines(10)
        assert reading.lines == once(range(30, 40))
        assert [each.lost for each in reading.source.servers()] == [20]


def test_without_a_stream_the_message_says_how_to_make_it(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    try:
        with Reading(broker) as reading:
            reading.until_state(SourceState.WAITING)
            message = reading.source.status().message
            assert message == (
                f"has no stream LOGMON; make it with: logmon-tui fleet setup --to {broker.url}"
            )
            broker.setup()
            broker.publish(FakeAgent().lines(access_lines(range(3))))
            reading.until_lines(3)
    finally:
        broker.close()


def test_without_permission_the_message_says_what_is_not_allowed(tmp_path: Path) -> None:
    broker = Broker(
        tmp_path,
        config="""
        authorization {
          users = [ { user: "w", password: "secret", permissions: { publish: "other" } } ]
        }
        """,
    )
    password = tmp_path / "password"
    password.write_text("secret\n")
    password.chmod(0o600)
    try:
        settings = FleetSettings(user="w", password_file=str(password))
        with Reading(broker, settings=settings) as reading:
            reading.until_told("does not allow")
            assert reading.source.status().state is SourceState.FAILED
            assert "secret" not in reading.source.status().message
    finally:
        broker.close()


LEAST = """
authorization {
  users = [
    { user: "admin", password: "all" }
    {
      user: "w", password: "secret"
      permissions: {
        publish: [
          "$JS.API.STREAM.INFO.LOGMON"
          "$JS.API.CONSUMER.CREATE.LOGMON.>"
          "$JS.API.CONSUMER.DELETE.LOGMON.>"
          "$JS.API.CONSUMER.MSG.NEXT.LOGMON.>"
        ]
        subscribe: "_INBOX.logmon.dashboard.>"
      }
    }
  ]
}
"""


def test_the_rights_that_the_manual_gives_a_dashboard_are_enough(tmp_path: Path) -> None:
    broker = Broker(tmp_path, config=LEAST, admin="admin:all")
    password = tmp_path / "password"
    password.write_text("secret\n")
    password.chmod(0o600)
    try:
        broker.setup()
        agent = FakeAgent()
        settings = FleetSettings(user="w", password_file=str(password))
        with Reading(broker, settings=settings) as reading:
            for number in range(2):
                broker.publish(agent.lines(access_lines(range(number * 5, number * 5 + 5))))
                reading.until_lines(number * 5 + 5)
                broker.restart()
        wait_until(lambda: not broker.ask("CONSUMER.NAMES.LOGMON")["consumers"])
    finally:
        broker.close()


def test_damaged_messages_are_counted_kept_and_skipped(broker: Broker) -> None:
    agent = FakeAgent()
    sound = agent.lines(access_lines(range(5)))
    broker.publish(
        Sent(sound.subject, b"no zstd", sound.headers),
        Sent(sound.subject, sound.body, {**sound.headers, "Logmon-Lines": "6"}),
        Sent(sound.subject, sound.body),
        Sent("logmon.v1.eu.web1.health", b"{"),
        Sent("logmon.v1.eu.web1.other.thing", b"x"),
        Sent(sound.subject.replace("web1", "web9"), sound.body, sound.headers),
        sound,
    )
    with Reading(broker) as reading:
        reading.until_lines(5)
        reading.until_state(SourceState.LIVE)
        message = reading.source.status().message
        assert message.startswith("6 broken messages were skipped (number 1 of logmon.v1.eu.web1")
        assert message.count(" of logmon.v1.") == 3


def test_health_becomes_what_is_known_of_a_server(broker: Broker) -> None:
    agent = FakeAgent()
    broker.publish(
        agent.health(agent="9.9", lag=3.5, backlog=700, lost=4, left_out=2, message="disk is full")
    )
    with Reading(broker) as reading:
        wait_until(lambda: reading.step() or bool(reading.source.servers()))  # type: ignore[func-returns-value]
        (known,) = reading.source.servers()
        assert (known.server, known.site, known.version) == (b"eu/web1", b"eu", "9.9")
        assert (known.lag, known.backlog, known.lost, known.left_out) == (3.5, 700, 4, 2)
        assert known.message == "disk is full"
        assert known.beats
        assert not known.ended
        broker.publish(agent.health(state="ended"))
        wait_until(lambda: reading.step() or reading.source.servers()[0].ended)  # type: ignore[func-returns-value]


def test_a_server_of_the_run_before_is_known_with_its_silence(broker: Broker) -> None:
    broker.publish(FakeAgent().lines(access_lines(range(5))))
    with Reading(broker) as reading:
        reading.until_lines(5)
        position = reading.source.position()
    with Reading(broker, position=position) as reading:
        (known,) = reading.source.servers()
        assert (known.server, known.site) == (b"eu/web1", b"eu")


def test_a_damaged_position_is_told_and_nothing_counts_twice(broker: Broker) -> None:
    agent = FakeAgent()
    broker.publish(agent.lines(access_lines(range(5))))
    with Reading(broker, position=LogPosition(feed=b"\xc1nonsense")) as reading:
        reading.until_state(SourceState.LIVE)
        assert "damaged" in reading.source.status().message
        broker.publish(agent.lines(access_lines(range(5, 10))))
        reading.until_lines(5)
        assert reading.lines == once(range(5, 10))


def test_no_more_is_read_ahead_than_fits(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 200_000
    monkeypatch.setattr("logmon_tui.sources.broker.read_ahead.AHEAD_BYTES", limit)
    agent = FakeAgent()
    texts = [access_lines(range(n * 1000, n * 1000 + 1000)) for n in range(20)]
    broker.publish(*map(agent.lines, texts))
    with Reading(broker) as reading:
        ahead = reading.source._ahead
        wait_until(lambda: ahead.bytes >= limit)
        assert ahead.bytes < limit + max(map(len, texts))
        reading.until_lines(20_000)
        assert reading.lines == once(range(20_000))
        assert ahead.bytes == 0


def test_a_closed_source_ends_its_thread(broker: Broker) -> None:
    reading = Reading(broker)
    reading.until_state(SourceState.LIVE)
    thread = reading.source._ahead._thread
    reading.source.close()
    assert thread is not None
    assert not thread.is_alive()
    assert reading.source.read() == b""


def test_a_message_with_headers_that_are_none_is_skipped(broker: Broker) -> None:
    import socket

    def publish(subject: bytes, headers: bytes, body: bytes) -> None:
        with socket.create_connection(("127.0.0.1", broker.port), 5) as raw:
            raw.recv(65536)
            raw.sendall(b'CONNECT {"verbose":false,"headers":true}\r\n')
            total = len(headers) + len(body)
            raw.sendall(
                b"HPUB %b %d %d\r\n%b%b\r\nPING\r\n" % (subject, len(headers), total, headers, body)
            )
            wait_until(lambda: b"PONG" in raw.recv(65536))

    agent = FakeAgent()
    where = b"logmon.v1.eu.web1.lines"
    publish(where, b"NATS/1.0 4\xff\xfe\r\n\r\n", b"x")
    publish(where, b"NATS/1.0 \xff\xff\xff \xfe\r\n\r\n", b"")
    publish(where, b"NATS/1.0 404 \xff\r\n\r\n", b"")
    publish(where, b"NATS/1.0\r\n\xff\xfe: \xff\r\n\r\n", b"x")
    publish(b"logmon.v1.\xff\xfe.web1.lines", b"NATS/1.0\r\na: b\r\n\r\n", b"x")
    broker.publish(agent.lines(access_lines(range(5))))
    with Reading(broker) as reading:
        reading.until_lines(5)
        assert "broken message" in reading.source.status().message
