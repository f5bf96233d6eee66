"""Running `watch` as a process, and waiting for what it prints."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

DEADLINE = 60


def wait_until(condition: Callable[[], bool], told: Callable[[], object] = lambda: "") -> None:
    """Wait for `condition`; after a generous deadline fail with what `told` returns."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)


def objects(output: str) -> list[dict[str, object]]:
    """Return the whole lines of JSON output that tell of intervals."""
    return of_kind("interval", output)


def of_kind(kind: str, output: str) -> list[dict[str, object]]:
    """Return the whole lines of JSON output that are of a kind."""
    lines = (json.loads(line) for line in output.splitlines() if line.endswith("}"))
    return [line for line in lines if line["kind"] == kind]


class Watch:
    """A running `watch`; its output goes to a file that can be read at any time."""

    def __init__(self, log: str, folder: Path, *options: str, stdin: int | None = None) -> None:
        self._out = folder / "out.txt"
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "logmon_tui", "watch", *options, log],
                stdout=out,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                env={**os.environ, "XDG_CONFIG_HOME": str(folder)},
            )

    @property
    def output(self) -> str:
        return self._out.read_text(encoding="utf-8")

    def wait_for(self, condition: Callable[[str], bool]) -> None:
        def met() -> bool:
            code = self.process.poll()
            assert code is None, f"ended too early, with {code}: {self._errors()}"
            return condition(self.output)

        wait_until(met, lambda: self.output)

    def _errors(self) -> str:
        return self.process.stderr.read().decode() if self.process.stderr else ""

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; return the exit code and what was written to standard error."""
        self.process.send_signal(number)
        _, error = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, error.decode()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()
