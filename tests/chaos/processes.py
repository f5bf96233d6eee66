"""Agents, a watch and writers of logs as processes and threads, for the trials."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from logmon_tui.state.state_file import StateFile
from tests.publishers import Counted

_END_BYTES = 4 * 1024 * 1024
"""Bytes at the end of an output that hold the last line: it tells of every host."""

PATIENCE = 45.0
"""Seconds without any further line after which those that are missing are lost."""


class Process:
    """A command of logmon-tui that can be killed and started again."""

    def __init__(self, folder: Path, *arguments: str, prefix: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._command = [*prefix, sys.executable, "-m", "logmon_tui", *arguments]
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with self.output_at.open("ab") as out, self.errors_at.open("ab") as errors:
            self.process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                env={**os.environ, "XDG_CONFIG_HOME": str(self.folder)},
            )

    @property
    def errors_at(self) -> Path:
        return self.folder / "errors.txt"

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    @property
    def output_at(self) -> Path:
        return self.folder / "out.txt"


class WatchProcess(Process):
    """A watch in JSON of a broker, and what it has counted."""

    def __init__(self, folder: Path, url: str, *, prefix: Sequence[str] = ()) -> None:
        self._url = url
        self._state = folder / "state.sqlite"
        super().__init__(
            folder,
            *("watch", url, "--output", "json", "--stats-interval", "1", "--from-start"),
            *("--state", str(self._state)),
            prefix=prefix,
        )

    def total(self) -> int:
        with self.output_at.open("rb") as output:
            output.seek(max(0, output.seek(0, os.SEEK_END) - _END_BYTES))
            lines = output.read().splitlines()
        whole = [line for line in lines if line.startswith(b"{") and line.endswith(b"}")]
        told = [each for each in map(json.loads, whole) if each["kind"] == "interval"]
        return int(told[-1]["total_hits"]) if told else 0

    def saved(self) -> Counted:
        """Return what it counted in all its runs, once it has ended."""
        store = StateFile(self._state, [self._url])
        try:
            left = store.load()
            assert left is not None
            return Counted(left.monitor.state.hits, left.monitor.state.bytes)
        finally:
            store.close()


def agent(folder: Path, url: str, host: str, log: Path, *, prefix: Sequence[str] = ()) -> Process:
    """Return an agent that sends `log` as `host`."""
    return Process(
        folder,
        *("agent", "--to", url, "--site", "eu", "--host", host, "--from-start"),
        *("--state", str(folder / "state"), str(log)),
        prefix=prefix,
    )


class Writers(threading.Thread):
    """Writes `lines` lines in turn to `logs` within `seconds`, and rotates one now and then."""

    def __init__(
        self, logs: Sequence[Path], lines: int, seconds: float, rotations: int, drawn: random.Random
    ) -> None:
        super().__init__(daemon=True)
        self._logs = logs
        self._lines = lines
        self._seconds = seconds
        self._drawn = drawn
        self._rotate_at = sorted(drawn.uniform(0, seconds) for _ in range(rotations))
        self._rotated: dict[Path, int] = {}
        self.counted = Counted()

    def run(self) -> None:
        files = {log: log.open("ab", buffering=0) for log in self._logs}
        began = time.monotonic()
        while self.counted.lines < self._lines:
            passed = time.monotonic() - began
            while self._rotate_at and self._rotate_at[0] < passed:
                self._rotate_at.pop(0)
                log = self._drawn.choice(self._logs)
                files[log] = self._rotate(log, files[log])
            due = int(self._lines * min(1.0, passed / self._seconds)) - self.counted.lines
            for log in self._logs:
                files[log].write(self._text(max(0, due) // len(self._logs)))
            if passed >= self._seconds:  # the rest
                files[self._logs[0]].write(self._text(self._lines - self.counted.lines))
            time.sleep(0.1)
        for file in files.values():
            file.close()

    def _text(self, count: int) -> bytes:
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
        sizes = [self._drawn.randrange(1, 1_000_000) for _ in range(count)]
        self.counted.lines += count
        self.counted.sizes += sum(sizes)
        line = '10.{}.{}.1 - - [{}] "GET /a/b HTTP/1.1" 200 {} "-" "Mozilla/5.0 (X11)"\n'
        return "".join(line.format(size % 200, size % 250, stamp, size) for size in sizes).encode()

    def _rotate(self, log: Path, file: object) -> object:
        """Rotate as logrotate does: rename the older ones, then the log, and begin a new one."""
        count = self._rotated.get(log, 0)
        for number in range(count, 0, -1):
            log.with_name(f"{log.name}.{number}").rename(log.with_name(f"{log.name}.{number + 1}"))
        log.rename(log.with_name(f"{log.name}.1"))
        self._rotated[log] = count + 1
        file.close()  # type: ignore[attr-defined]
        return log.open("ab", buffering=0)


def told(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def verdict(wanted: Counted, found: Counted) -> int:
    """Tell whether every line was counted once; return the exit code."""
    if wanted == found:
        told(f"{wanted.lines:,} lines written, {found.lines:,} counted: 0 lost, 0 double")
        return 0
    told(f"WRONG: written {wanted}, counted {found}")
    return 1


def until_counted(watch: WatchProcess, lines: int) -> None:
    """Wait until a watch has counted so many lines, and a little longer, for doubles."""
    counted, since = -1, time.monotonic()
    while counted < lines and time.monotonic() - since < PATIENCE:
        if watch.total() > counted:
            counted, since = watch.total(), time.monotonic()
        time.sleep(0.5)
    time.sleep(5)
