"""The program on a pseudo-terminal that notes when what was written there arrived."""

import os
import threading
import time
from pathlib import Path

from tests.e2e.pseudo_terminal import PseudoTerminal

COLUMNS, ROWS = 120, 36
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class TimedTerminal(PseudoTerminal):
    """A pseudo-terminal that is emptied at once, and knows when its last bytes came."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._arrival = threading.Condition()
        self._arrived = time.monotonic()
        self.started = self._arrived
        super().__init__(command, folder, COLUMNS, ROWS)

    def _read(self) -> None:
        try:
            while data := os.read(self._terminal, 65_536):
                with self._arrival:
                    self._written += data
                    self._arrived = time.monotonic()
                    self._arrival.notify()
        except OSError:  # so Linux says that the other end is closed
            return

    def arrival(self, text: str, since: int, timeout: float = 10.0) -> float | None:
        """Return when `text` had come that was written after the mark `since`; None if not."""
        wanted = text.encode()
        with self._arrival:
            came = self._arrival.wait_for(lambda: wanted in self._written[since:], timeout)
            return self._arrived if came else None

    def cpu(self) -> float:
        """Return the processor's seconds that the program has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").split()
        return (int(fields[13]) + int(fields[14])) / TICKS

    def memory(self) -> int:
        """Return the program's resident memory in bytes."""
        statm = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii")
        return int(statm.split()[1]) * PAGE
