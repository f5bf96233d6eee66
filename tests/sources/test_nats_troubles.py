"""NatsStream with a real broker: what goes wrong is told and skipped, and memory is bounded."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.fleet.protocol import Lines
from logmon_tui.sources.base import LogPosition, SourceState
from logmon_tui.sources.broker.feed import Message, Place
from logmon_tui.sources.broker.feed_place import FeedPlace
from logmon_tui.sources.broker.inbox import Begun, Received
from logmon_tui.sources.broker.nats import open_stream
from logmon_tui.sources.broker.stream_reader import _clock_ahead
from logmon_tui.sources.seek import FROM_START
from tests.brokers import Broker, FakeAgent, Sent, access_lines, needs_broker
from tests.sources.readings import Reading, once
from tests.watching import wait_until

pytestmark = needs_broker


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


@pytest.mark.parametrize(
    ("stamp", "ahead"), [(100.0, 0.0), (101.5, 0.0), (103.0, 0.0), (90.0, -10.0), (113.0, 10.0)]
)
def test_the_time_that_an_answer_takes_is_no_difference_of_clocks(
    stamp: float, ahead: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.sources.broker.stream_reader.time.time", lambda: 103.0)
    moment = datetime.fromtimestamp(stamp, UTC).isoformat().replace("+00:00", "Z")
    assert _clock_ahead({"ts": moment}, 100.0) == ahead
    assert _clock_ahead({}, 100.0) == 0


def test_a_position_never_mixes_a_stream_with_the_one_before_it() -> None:
    """A run that is killed between the two must not look for the old place in the new stream."""
    source = open_stream("nats://127.0.0.1:1", FROM_START, None, FleetSettings())
    try:
        lines = Lines("web1", "eu", "0" * 16, 0, 4, b"one\n", "combined")
        later = lines._replace(start=4, end=8)
        for made, sequence, sent in (("old", 7, lines), ("new", 1, later)):
            source._ahead.put(Begun(Place(made, 0), 1))
            message = Message(sequence, 0.0, 0.0, "logmon.v1.eu.web1.lines", sent)
            source._ahead.put(Received(message, 4, 0))
        places = []
        while source.read():
            places.append(FeedPlace.decoded(source.position().feed))
        assert [(each.made, each.next) for each in places] == [("old", 8), ("new", 2)]
    finally:
        source.close()


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
