"""Connections to a real broker: what goes wrong, and that they come back."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.errors import UsageError
from logmon_tui.fleet.access import access
from logmon_tui.fleet.connection import LONGEST_PAUSE, connect_once, connected, pause
from tests.brokers import Broker, free_port, needs_broker
from tests.fleet.keys import authority, signed

pytestmark = needs_broker
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
SECRET = "correct-horse-battery-staple"

Begin = Callable[[str], Broker]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    brokers: list[Broker] = []

    def begin(config: str) -> Broker:
        folder = tmp_path / f"broker{len(brokers)}"
        folder.mkdir()
        brokers.append(Broker(folder, config=config))
        return brokers[-1]

    yield begin
    for each in brokers:
        each.close()


def token_file(folder: Path, token: str = SECRET) -> str:
    file = folder / "token"
    file.write_text(token)
    file.chmod(0o600)
    return str(file)


def why_not(settings: FleetSettings, url: str) -> str:
    """Return why a connection fails."""
    with pytest.raises(UsageError) as caught:
        asyncio.run(connect_once(access(settings, url), lambda _: None))
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def works(settings: FleetSettings, url: str) -> bool:
    async def connect() -> bool:
        client = await connect_once(access(settings, url), lambda _: None)
        await client.flush()
        await client.close()
        return True

    return asyncio.run(connect())


def test_a_token_opens(begin: Begin, tmp_path: Path) -> None:
    broker = begin(f'authorization {{ token: "{SECRET}" }}')
    assert works(FleetSettings(token_file=token_file(tmp_path)), broker.url)
    for settings in (FleetSettings(), FleetSettings(token_file=token_file(tmp_path, "wrong"))):
        assert why_not(settings, broker.url).endswith(
            "refuses who one is; check user, password, token or key"
        )


def test_where_nothing_listens_it_says_so() -> None:
    url = f"nats://127.0.0.1:{free_port()}"
    assert why_not(FleetSettings(), url) == (
        f"{url}: nothing listens there; start the broker, or check host and port"
    )


def test_a_name_that_is_none_is_told() -> None:
    assert why_not(FleetSettings(), "nats://no-such-host.invalid") == (
        "nats://no-such-host.invalid:4222: the host's name cannot be resolved; check it, and DNS"
    )


def test_no_secret_goes_to_a_broker_without_tls_if_tls_was_asked_for(
    begin: Begin, tmp_path: Path
) -> None:
    broker = begin(f'authorization {{ token: "{SECRET}" }}')
    url = broker.url.replace("nats://", "tls://")
    assert "offers no TLS" in why_not(FleetSettings(token_file=token_file(tmp_path)), url)


@needs_openssl
def test_a_certificate_of_an_own_ca_is_checked(
    begin: Begin, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = signed(tmp_path, authority(tmp_path), "server")
    broker = begin(f'tls {{ cert_file: "{server.certificate}", key_file: "{server.key}" }}')
    url = broker.url.replace("nats://", "tls://")
    assert works(FleetSettings(ca=str(server.ca)), url)
    assert "eof_received" not in caplog.text  # it would stand in the user's terminal
    assert "its certificate is not trusted" in why_not(FleetSettings(), url)
    other = url.replace("127.0.0.1", "localhost")
    assert "its certificate is not trusted" in why_not(FleetSettings(ca=str(server.ca)), other)


@needs_openssl
def test_a_client_certificate_is_shown_where_it_is_wanted(begin: Begin, tmp_path: Path) -> None:
    ca = authority(tmp_path)
    server, client = signed(tmp_path, ca, "server"), signed(tmp_path, ca, "client", host="")
    broker = begin(
        f'tls {{ cert_file: "{server.certificate}", key_file: "{server.key}", '
        f'ca_file: "{ca.ca}", verify: true }}'
    )
    url = broker.url.replace("nats://", "tls://")
    mine = FleetSettings(ca=str(ca.ca), certificate=str(client.certificate), key=str(client.key))
    assert works(mine, url)
    assert why_not(FleetSettings(ca=str(ca.ca)), url)


def test_a_lost_connection_comes_back_with_its_subscriptions(begin: Begin) -> None:
    broker = begin("")

    async def lose() -> list[str]:
        told: list[str] = []
        client = await connected(access(FleetSettings(), broker.url), told.append)
        heard = await client.subscribe("subject")
        for _ in range(3):
            await asyncio.to_thread(broker.restart)
            while not told or told[-1]:  # noqa: ASYNC110 - until it works again
                await asyncio.sleep(0.02)
            while not client.is_connected:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await client.publish("subject", b"text")
            assert (await heard.next_msg(30)).data == b"text"
        await client.close()
        return told

    told = asyncio.run(lose())
    assert any("the connection is lost; trying again" in each for each in told)
    assert told[-1] == ""


def test_it_waits_for_a_broker_that_is_not_there_yet(begin: Begin) -> None:
    broker = begin("")
    broker.kill()

    async def wait() -> list[str]:
        told: list[str] = []
        connecting = asyncio.create_task(
            connected(access(FleetSettings(), broker.url), told.append)
        )
        while not told:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await asyncio.to_thread(broker.start)
        await (await connecting).close()
        return told

    told = asyncio.run(wait())
    assert "nothing listens there" in told[0]
    assert told[-1] == ""


def test_pauses_grow_and_are_bounded() -> None:
    assert 0 < pause(1) < pause(100) <= LONGEST_PAUSE
    assert all(0 < pause(attempt) <= LONGEST_PAUSE for attempt in range(1, 2_000))
    assert pause(20) != pause(20)  # not all at the same moment


INFO = b'INFO {"server_id":"x","version":"2.12.0","proto":1,"max_payload":1000,"headers":true}\r\n'


class BreakingBroker:
    """Ends the first connection, and each of the next `halves` before it is made.

    Public attributes: events for when the client has closed all halves (`left`), and when the last
    connection is made and when it has ended (`made`, `ended`).
    """

    def __init__(self, halves: int) -> None:
        self.left, self.made, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._halves = halves
        self._seen = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self._seen
        self._seen += 1
        is_last = number == self._halves + 1
        if number == 0 or is_last:
            await self._make(reader, writer)
        else:
            writer.write_eof()  # and nothing else: the client could still write
        if is_last:
            self.made.set()
        if number:
            await reader.read()  # until the client closes it
        if number == self._halves:
            self.left.set()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        if is_last:
            self.ended.set()

    async def _make(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(INFO)
        while not (await reader.readline()).startswith(b"PING"):
            pass
        writer.write(b"PONG\r\n")


def test_a_connection_that_breaks_while_it_is_made_again_is_closed() -> None:
    async def watch() -> None:
        broker = BreakingBroker(3)
        server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
        address = f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with asyncio.timeout(60):
            client = await connected(access(FleetSettings(), address), lambda _: None)
            await broker.left.wait()
            await broker.made.wait()
            await client.close()
            await broker.ended.wait()
        server.close()
        await server.wait_closed()

    asyncio.run(watch())


def test_whoever_stops_while_a_broker_says_nothing_leaves_no_socket() -> None:
    async def stop() -> None:
        accepted, left = asyncio.Event(), asyncio.Event()

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted.set()
            await reader.read()
            writer.close()
            await writer.wait_closed()
            left.set()

        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        address = f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        connecting = asyncio.create_task(
            connect_once(access(FleetSettings(), address), lambda _: None)
        )
        async with asyncio.timeout(60):
            await accepted.wait()
            while not connecting.done():  # Python 3.11 may lose a single wish to cancel
                connecting.cancel()
                await asyncio.sleep(0.01)
            assert connecting.cancelled()
            del connecting
            await left.wait()
        server.close()
        await server.wait_closed()

    asyncio.run(stop())
