"""What viewers of the page cost a watch, in one run on a log that grows.

    python -m tests.benchmarks.web --viewers 0,1,10,80 --rate 1000

For each number of viewers it prints which share of a core the process took, and each of its busy
threads; how many pictures a viewer got; and how many bytes a picture has.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click

from tests.benchmarks.processes import OURS, machine

TOKEN = "a-token-for-benchmarks"
SETTLING = 3.0
BUSY = 0.002
"""Share of a core from which on a thread is told."""
_TICKS = os.sysconf("SC_CLK_TCK")


class Seen(NamedTuple):
    """What all viewers got: pictures, and their bytes."""

    pictures: int
    size: int


def processor_seconds(process: int) -> dict[int, float]:
    """Return the seconds that each thread of a process has taken of the processors."""
    found = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        try:
            fields = (task / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        found[int(task.name)] = (int(fields[11]) + int(fields[12])) / _TICKS
    return found


async def view(port: int, question: str, until: float) -> Seen:
    """Read events until the monotonic time `until`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    head = f"GET /events?{question} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    writer.write(f"{head}Authorization: Bearer {TOKEN}\r\n\r\n".encode())
    pictures = size = 0
    try:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - time.monotonic()):
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    pictures, size = pictures + 1, size + len(line)
    except TimeoutError:
        pass
    writer.close()
    return Seen(pictures, size)


async def viewed(port: int, count: int, questions: list[str], until: float) -> Seen:
    asked = [questions[each % len(questions)] for each in range(count)]
    seen = await asyncio.gather(*(view(port, question, until) for question in asked))
    return Seen(sum(each.pictures for each in seen), sum(each.size for each in seen))


def measure(process: int, port: int, count: int, questions: list[str], seconds: float) -> str:
    """Return a line on so many viewers."""
    until = time.monotonic() + seconds
    before, began = processor_seconds(process), time.monotonic()
    seen = asyncio.run(viewed(port, count, questions, until))
    time.sleep(max(0.0, until - time.monotonic()))
    took = time.monotonic() - began
    shares = {
        thread: (now - before.get(thread, 0.0)) / took
        for thread, now in processor_seconds(process).items()
    }
    busy = ", ".join(f"{share:.1%}" for _, share in sorted(shares.items()) if share > BUSY)
    line = f"{count:3} viewers: {sum(shares.values()):6.1%} of a core ({busy})"
    if count:
        line += f"; {seen.pictures / count:.1f} pictures each in {took:.0f} s"
        line += f", {seen.size / max(1, seen.pictures) / 1e3:.0f} KB each"
    return line


@click.command()
@click.option("--viewers", default="0,1,10,80", show_default=True)
@click.option("--rate", default=1_000, show_default=True, help="Lines a second.")
@click.option("--seconds", default=20.0, show_default=True)
@click.option("--question", default=("",), multiple=True, help="What viewers ask, in turn.")
def main(viewers: str, rate: int, seconds: float, question: tuple[str, ...]) -> None:
    counts = [int(each) for each in viewers.split(",")]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "access.log"
        log.touch()
        whole = str((seconds + 2 * SETTLING) * len(counts) + 60)
        writer = [sys.executable, "-m", "tests.benchmarks.live_writer", str(log)]
        writer += ["--rate", str(rate), "--seconds", whole, "--notes", f"{folder}/notes"]
        homes = {"XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder, "LOGMON_WEB_TOKEN": TOKEN}
        watch = [*OURS, "--output=json", f"--web={port}", str(log)]
        with (
            subprocess.Popen(writer) as writing,
            subprocess.Popen(
                watch,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **homes},
            ) as watching,
        ):
            try:
                time.sleep(3 * SETTLING)
                click.echo(f"{machine().processor}, {rate:,} lines/s")
                for count in counts:
                    click.echo(measure(watching.pid, port, count, list(question), seconds))
                    time.sleep(SETTLING)
            finally:
                for each in (watching, writing):
                    each.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    main()
