"""Many hosts, simulated by one process that speaks the protocol: lag, CPU and memory."""

import asyncio
import json
import os
import signal
import threading
import time
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from logmon_tui.fleet.protocol import (
    HEALTH,
    LINES,
    Health,
    Lines,
    encode_health,
    encode_lines,
    subject,
)
from tests.brokers import Broker, client_of
from tests.chaos.processes import WatchProcess, told
from tests.watching import objects

IN_FLIGHT = 256
HEALTH_SECONDS = 5
VARIANTS = 20
"""How many different texts the hosts of a second have."""

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """Processor seconds, and megabytes at most, of a process."""

    cpu: float
    memory: float


def used(pid: int) -> Used:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return Used((int(fields[11]) + int(fields[12])) / _TICKS, int(peak.split()[1]) / 1024)


class Hosts:
    """The trial: `hosts` hosts write `rate` lines a second each, for `seconds` seconds."""

    def __init__(self, folder: Path, hosts: int, rate: int, seconds: float) -> None:
        self._folder = folder
        self._rate = rate
        self._seconds = seconds
        self._hosts = [Host(number) for number in range(hosts)]
        self._lag = Lag(folder / "watch" / "out.txt")
        self._late = 0.0

    def run(self) -> int:
        (self._folder / "broker").mkdir(exist_ok=True)
        broker = Broker(self._folder / "broker")
        broker.setup(max_bytes=2 * 1024**3, max_age=3_600 * 1_000_000_000)
        watch = WatchProcess(self._folder / "watch", broker.url)
        assert broker.process is not None
        assert watch.process is not None
        pids = {"broker": broker.process.pid, "dashboard": watch.process.pid, "hosts": os.getpid()}
        try:
            time.sleep(5)  # until all are started
            self._lag.start()
            before = {name: used(pid) for name, pid in pids.items()}
            sent = asyncio.run(self._publish(broker.url))
            for name, pid in pids.items():
                now = used(pid)
                share = 100 * (now.cpu - before[name].cpu) / self._seconds
                told(f"{name}: {share:.0f} % of a core, {now.memory:.0f} MB at most")
            deadline = time.monotonic() + 60
            while watch.total() < sent and time.monotonic() < deadline:
                time.sleep(0.5)
            self._tell(watch, sent)
            watch.kill(signal.SIGTERM)
            return 0 if watch.saved().lines == sent else 1
        finally:
            self._lag.ended.set()
            watch.kill()
            broker.close()

    async def _publish(self, url: str) -> int:
        """Have each host send what it wrote in a second, hosts spread over the second."""
        client = await client_of(url)
        stream = client.jetstream(publish_async_max_pending=IN_FLIGHT)
        began = time.monotonic()
        sent = 0
        for second in range(int(self._seconds)):
            texts = [encode_lines(_sent(self._rate, number)) for number in range(VARIANTS)]
            for number, host in enumerate(self._hosts):
                ahead = began + second + number / len(self._hosts) - time.monotonic()
                if ahead > 0.002:
                    await asyncio.sleep(ahead)
                self._late = max(self._late, -ahead)
                headers, body = texts[number % VARIANTS]
                own = host.headers(int(headers["Logmon-End"]))
                await stream.publish_async(
                    host.subject, body, headers={**headers, **own}, wait_stall=30
                )
                sent += self._rate
                self._lag.sent(sent)
                if (second + number) % HEALTH_SECONDS == 0:
                    await stream.publish_async(host.health_subject, host.health(), wait_stall=30)
        await stream.publish_async_completed()
        await client.close()
        took = time.monotonic() - began
        told(f"{sent:,} lines of {len(self._hosts):,} hosts in {took:.1f} s: {sent / took:,.0f}/s")
        return sent

    def _tell(self, watch: WatchProcess, sent: int) -> None:
        states = {
            str(each["ingest"]["sources"][0]["state"])  # type: ignore[index]
            for each in objects(watch.output_at.read_text(encoding="utf-8"))
            if each["total_hits"]
        }
        told(f"counted {watch.total():,} of {sent:,}; states: {', '.join(sorted(states))}")
        told(f"the simulated hosts themselves were late by {self._late:.2f} s at most")
        lags = sorted(self._lag.found)
        if lags:
            middle, most = lags[len(lags) // 2], lags[len(lags) * 95 // 100]
            told(f"from publishing to the figures: median {middle:.2f} s, p95 {most:.2f} s")


class Host:
    """The subject and the headers of one host."""

    def __init__(self, number: int) -> None:
        site, host = f"site{number % 10}", f"web{number}"
        self._site, self._host = site, host
        self.subject, self.health_subject = (subject(site, host, kind) for kind in (LINES, HEALTH))
        self._file = f"{number:016x}"
        self._end = 0

    def headers(self, length: int) -> dict[str, str]:
        """Return the headers of the next `length` bytes that are this host's own."""
        start, self._end = self._end, self._end + length
        return {
            "Nats-Msg-Id": f"{self._host}:{self._file}:{start}",
            "Logmon-Host": self._host,
            "Logmon-Site": self._site,
            "Logmon-File": self._file,
            "Logmon-Start": str(start),
            "Logmon-End": str(self._end),
        }

    def health(self) -> bytes:
        health = Health(host=self._host, site=self._site, at=time.time(), agent="0")
        return encode_health(health)


class Lag(threading.Thread):
    """Measures how long after they were sent lines are in the figures that a watch prints."""

    def __init__(self, output: Path) -> None:
        super().__init__(daemon=True)
        self._output = output
        self._counts: list[int] = []
        self._times: list[float] = []
        self.found: list[float] = []
        self.ended = threading.Event()

    def sent(self, count: int) -> None:
        self._times.append(time.monotonic())
        self._counts.append(count)

    def run(self) -> None:
        with self._output.open(encoding="utf-8") as output:
            text = ""
            while not self.ended.wait(0.02):
                text += output.read()
                *lines, text = text.split("\n")
                for line in lines:
                    place = bisect_right(self._counts, json.loads(line)["total_hits"])
                    if 0 < place < len(self._times):
                        self.found.append(time.monotonic() - self._times[place])


def _sent(count: int, number: int) -> Lines:
    """Return the lines of a host in this second."""
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    text = "".join(
        f'10.{number % 250}.{each % 50}.1 - - [{stamp}] "GET /api/{each % 30}/items?id={each} '
        f'HTTP/1.1" 200 {each * 31 % 5_000} "https://example.org/a/{each % 9}" '
        '"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"\n'
        for each in range(count)
    ).encode()
    return Lines("-", "", "0" * 16, 0, len(text), text, "combined", "access.log")
