"""`logmon-tui doctor` on brokers: asked, not only looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import Broker, FakeAgent, access_lines, free_port, needs_broker
from tests.cli.doctor.checked import lines_of, run

pytestmark = needs_broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    running = Broker(tmp_path)
    yield running
    running.close()


@pytest.mark.usefixtures("home")
def test_a_broker_is_asked_for_its_stream_and_hosts(broker: Broker) -> None:
    (told,) = lines_of(run(broker.url))["logs"]
    assert told.startswith(f"✗ {broker.url}: there is no stream LOGMON; make it with: logmon-tui")
    broker.setup()
    (told,) = lines_of(run(broker.url))["logs"]
    assert told.startswith(f"! stream LOGMON of {broker.url} can be read, but holds nothing; start")
    broker.publish(FakeAgent().lines(access_lines(range(3))))
    for log in (broker.url, f"{broker.url}/eu"):
        result = run(log)
        assert lines_of(result)["logs"] == [
            f"✓ stream LOGMON of {broker.url} can be read: 1 host",
        ]
        assert result.exit_code == 0


@pytest.mark.usefixtures("home")
def test_a_broker_that_is_not_there_is_a_failure() -> None:
    url = f"nats://127.0.0.1:{free_port()}"
    result = run(url)
    assert result.exit_code == 1
    assert lines_of(result)["logs"] == [
        f"✗ {url}: nothing listens there; start the broker, or check host and port"
    ]
