"""NatsStream with a real broker: every line once, whatever is killed, deleted and sent again."""

from collections import Counter

from logmon_tui.sources.base import Chunk, SourceState
from logmon_tui.sources.seek import FROM_END, Start
from tests.brokers import STREAM, Broker, FakeAgent, access_lines, needs_broker
from tests.sources.readings import Reading, once
from tests.watching import wait_until

pytestmark = needs_broker


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
