"""A real agent as a process, and what it left in a broker's stream, for tests."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from logmon_tui.fleet.protocol import HEALTH, Health, address, decode_health, decode_lines
from tests.agent.dashboards import Dashboard
from tests.brokers import STREAM, Broker, client_of
from tests.watching import wait_until


@dataclass
class AgentProcess:
    """`logmon-tui agent`, which can be killed and started again."""

    url: str
    log: Path
    folder: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start()
        # What was rotated away before it first saw the log, it does not know.
        wait_until(lambda: any(self.folder.glob("*.agent")), self.output.read_text)

    def start(self) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "logmon_tui", "agent", "--to", self.url),
                    *("--host", "web1", "--site", "eu", "--from-start"),
                    *("--state", str(self.folder), *self.options, str(self.log)),
                ],
                stdout=output,
                stderr=output,
                env={**os.environ, "XDG_CONFIG_HOME": str(self.folder)},
            )

    @property
    def output(self) -> Path:
        return self.folder / "agent.out"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(30)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Heard:
    """All that a stream holds: lines, counted as a dashboard counts them, and health, in order."""

    dashboard: Dashboard = field(default_factory=Dashboard)
    health: list[Health] = field(default_factory=list)


def heard(broker: Broker) -> Heard:
    """Return what a broker's stream holds now."""
    return asyncio.run(_heard(broker))


async def _heard(broker: Broker) -> Heard:
    client = await client_of(broker.url)
    found = Heard()
    try:
        stream = client.jetstream()
        state = (await stream.stream_info(STREAM)).state
        for number in range(max(1, state.first_seq), state.last_seq + 1):
            message = await stream.get_msg(STREAM, number)
            if address(message.subject).kind == HEALTH:
                found.health.append(decode_health(message.subject, message.data))
            else:
                found.dashboard.hear([decode_lines(message.subject, message.headers, message.data)])
    finally:
        await client.close()
    return found
