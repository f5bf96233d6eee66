"""The manual's broker with least rights, and each way to say who one is, with a real server."""

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from logmon_tui.agent.sending import Sender
from logmon_tui.config.fleet import FleetSettings
from logmon_tui.errors import UsageError
from logmon_tui.fleet.access import access
from logmon_tui.fleet.connection import connect_once
from logmon_tui.fleet.protocol import HEALTH, LINES, Health, Lines, encode_health, subject
from logmon_tui.fleet.stream import Limits, set_up, status
from tests.brokers import Broker, needs_broker
from tests.docs.pages import code_of, text_of
from tests.fleet.keys import Operator, authority, signed, user_pair

pytestmark = [
    needs_broker,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl"),
]

(CONFIG,) = code_of(text_of("fleet"), "conf")
INBOX = "_INBOX.logmon.agent.eu.web1"
PASSWORDS = {"web1": "PASSWORD-OF-WEB1", "dashboard": "PASSWORD-OF-DASHBOARDS"}
PASSWORDS["setup"] = "PASSWORD-OF-SETUP"


def permissions_of(user: str) -> str:
    """Return the permissions of a user in the manual's configuration."""
    found = re.search(rf"user: {user}\n.*?permissions: \{{\n(.*?)\n      \}}", CONFIG, re.DOTALL)
    assert found is not None
    return found[1]


def allowed(user: str, kind: str) -> list[str]:
    found = re.search(rf'{kind}: (\[.*?\]|".*?")', permissions_of(user), re.DOTALL)
    assert found is not None
    return re.findall(r'"(.*?)"', found[1])


class Way(NamedTuple):
    """A broker, and the settings with which each user reaches it."""

    broker: Broker
    url: str
    settings: Callable[[str], FleetSettings]


def secret(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text)
    file.chmod(0o600)
    return str(file)


def _by_password(folder: Path) -> tuple[str, Callable[[str], FleetSettings]]:
    """The manual's configuration, with TLS, but for the paths and the port."""
    server = signed(folder, authority(folder), "server")
    config = re.sub(r"port: .*\njetstream \{.*?\n\}\n", "", CONFIG, flags=re.DOTALL)
    config = config.replace("/etc/nats/server.pem", str(server.certificate))
    config = config.replace("/etc/nats/server.key", str(server.key))

    def settings(user: str) -> FleetSettings:
        password = secret(folder, f"{user}.password", PASSWORDS[user] + "\n")
        return FleetSettings(user=user, password_file=password, ca=str(server.ca))

    return config, settings


def _by_nkey(folder: Path) -> tuple[str, Callable[[str], FleetSettings]]:
    pairs = {user: user_pair() for user in PASSWORDS}
    users = "\n".join(
        f"{{ nkey: {each.public}, permissions: {{\n{permissions_of(user)}\n}} }}"
        for user, each in pairs.items()
    )

    def settings(user: str) -> FleetSettings:
        return FleetSettings(nkey=secret(folder, f"{user}.nk", pairs[user].seed + "\n"))

    return f"authorization {{ users: [\n{users}\n] }}", settings


def _by_credentials(folder: Path) -> tuple[str, Callable[[str], FleetSettings]]:
    operator = Operator()

    def settings(user: str) -> FleetSettings:
        rights = allowed(user, "publish"), allowed(user, "subscribe")
        return FleetSettings(
            credentials=secret(folder, f"{user}.creds", operator.credentials(*rights))
        )

    return operator.config, settings


def _by_certificate(folder: Path) -> tuple[str, Callable[[str], FleetSettings]]:
    ca = authority(folder)
    server = signed(folder, ca, "server")
    users = "\n".join(
        f'{{ user: "CN={user}", permissions: {{\n{permissions_of(user)}\n}} }}'
        for user in PASSWORDS
    )

    def settings(user: str) -> FleetSettings:
        client = signed(folder, ca, user, host="")
        return FleetSettings(
            ca=str(ca.ca), certificate=str(client.certificate), key=str(client.key)
        )

    config = (
        f'tls {{ cert_file: "{server.certificate}", key_file: "{server.key}", '
        f'ca_file: "{ca.ca}", verify: true, verify_and_map: true }}\n'
        f"authorization {{ users: [\n{users}\n] }}"
    )
    return config, settings


WAYS = [_by_password, _by_nkey, _by_credentials, _by_certificate]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__.removeprefix("_by_"))
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    folder = tmp_path / "broker"
    folder.mkdir()
    config, settings = request.param(tmp_path)
    broker = Broker(folder, config=config)
    scheme = "tls" if "tls {" in config else "nats"
    yield Way(broker, f"{scheme}://127.0.0.1:{broker.port}", settings)
    broker.close()


def lines(host: str) -> Lines:
    return Lines(host=host, site="eu", file="0" * 16, start=0, end=5, lines=b"line\n")


async def published(way: Way, user: str, host: str, told: list[str]) -> bool:
    """Tell whether a user's lines of a host are stored."""
    reached = access(way.settings(user), way.url)
    refused = asyncio.get_running_loop().create_future()

    def hear(trouble: str) -> None:
        told.append(trouble)
        if "does not allow" in trouble and not refused.done():
            refused.set_result(trouble)

    sender = Sender(lambda: reached, hear, "test", INBOX)
    sending = asyncio.create_task(sender.send(subject("eu", host, LINES), [lines(host)]))
    try:
        await asyncio.wait({sending, refused}, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            return False
        await sending
        await sender.tell(
            subject("eu", host, HEALTH), encode_health(Health(host=host, site="eu", at=1.0))
        )
        return True
    finally:
        sending.cancel()
        refused.cancel()
        await sender.close()


def test_who_sets_up_makes_the_stream_and_nobody_else(way: Way) -> None:
    for user in ("web1", "dashboard"):
        with pytest.raises(UsageError, match=r"does not allow to (publish to|hear)"):
            asyncio.run(set_up(access(way.settings(user), way.url), "LOGMON", Limits(size=10**8)))
    reached = access(way.settings("setup"), way.url)
    assert asyncio.run(set_up(reached, "LOGMON", Limits(size=10**8)))
    assert not asyncio.run(set_up(reached, "LOGMON", Limits(size=10**8, seconds=3_600)))


def test_an_agent_publishes_as_its_own_host_only(way: Way) -> None:
    asyncio.run(set_up(access(way.settings("setup"), way.url), "LOGMON", Limits(size=10**8)))
    told: list[str] = []
    assert asyncio.run(published(way, "web1", "web1", told))
    assert set(told) <= {""}
    told.clear()
    assert not asyncio.run(published(way, "web1", "web2", told))
    assert any("does not allow to" in each and "web2" in each for each in told)
    assert any("(shown in small letters); check the permissions" in each for each in told)
    told.clear()
    assert not asyncio.run(published(way, "dashboard", "web1", told))
    found = asyncio.run(status(access(way.settings("dashboard"), way.url), "LOGMON"))
    assert [host.host for host in found.hosts] == ["web1"]
    assert found.messages == 2
    assert not any(PASSWORDS["web1"] in each or "SU" in each for each in told)


def test_a_dashboard_reads_and_an_agent_does_not(way: Way) -> None:
    asyncio.run(set_up(access(way.settings("setup"), way.url), "LOGMON", Limits(size=10**8)))
    assert asyncio.run(published(way, "web1", "web1", []))

    async def read(user: str) -> Any:
        told: list[str] = []
        client = await connect_once(access(way.settings(user), way.url), told.append)
        try:
            stream = client.jetstream(timeout=2)
            reading = await stream.pull_subscribe("logmon.v1.>", stream="LOGMON")
            return (await reading.fetch(1, timeout=5))[0].subject
        except TimeoutError:
            return told[-1]
        finally:
            await client.close()

    assert asyncio.run(read("dashboard")) == "logmon.v1.eu.web1.lines"
    assert "does not allow to" in asyncio.run(read("web1"))


def test_an_agent_does_not_hear_the_answers_of_others(way: Way) -> None:
    async def listen() -> list[str]:
        told: list[str] = []
        client = await connect_once(
            access(way.settings("web1"), way.url), told.append, "test", INBOX
        )
        await client.subscribe("_INBOX.>")
        await client.flush()
        await asyncio.sleep(0.2)
        await client.close()
        return told

    assert any("does not allow to" in each for each in asyncio.run(listen()))
