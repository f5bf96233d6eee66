"""Receivers on free ports of loopback, closed after each test."""

import socket
from collections.abc import Callable, Iterator

import pytest

from logmon_tui.config.fleet import RECEIVE_TOKEN, FleetSettings
from logmon_tui.sources.receivers.receiver import Receiver
from logmon_tui.sources.registry import Opening, kind_of
from tests.sources.receivers.lines import free_port

Receive = Callable[..., Receiver]


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token is in the environment."""
    monkeypatch.delenv(RECEIVE_TOKEN, raising=False)


@pytest.fixture
def port() -> int:
    """A port that nobody uses."""
    return free_port()


@pytest.fixture
def receive() -> Iterator[Receive]:
    """Make receivers of what a LOG names, with the settings of the table fleet."""
    made: list[Receiver] = []

    def make(log: str, **fleet: str) -> Receiver:
        kind = kind_of(log)
        assert kind is not None
        opening = Opening(fleet=FleetSettings(**fleet))
        kind.check(log, opening.fleet)
        source = kind.open(log, opening)
        assert isinstance(source, Receiver)
        made.append(source)
        return source

    yield make
    for each in made:
        each.close()
        assert not each._thread.is_alive()


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    """A socket that sends datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        yield made
