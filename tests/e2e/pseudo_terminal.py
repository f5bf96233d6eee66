"""A program on a pseudo-terminal, and every byte that it writes there."""

import os
import re
import subprocess
import termios
import threading
from pathlib import Path

from tests.watching import DEADLINE, wait_until

# What the program itself has a reason to write: colours, the cursor's place, the modes that
# Textual sets and asks for at its start and end, the shape of the pointer, the ends of lines.
OWN_SEQUENCES = re.compile(
    rb"\x1b\[[0-9;]*m"
    rb"|\x1b\[\d+;\d+H"
    rb"|\x1b\[\?(?:7|25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"
    rb"|\x1b\[\?(?:1016|2026|2048)\$p"
    rb"|\x1b\[(?:>\d+|<)u"
    rb"|\x1b\]22;[a-z-]+\x07"
    rb"|\r?\n"
)


class PseudoTerminal:
    """A command that runs on a terminal of its own, with its homes in `folder`.

    TERM is `term`; None leaves it unset.
    """

    def __init__(
        self,
        command: list[str],
        folder: Path,
        columns: int,
        rows: int,
        *,
        term: str | None = "xterm-256color",
    ) -> None:
        self.columns, self.rows = columns, rows
        self._terminal, far_end = os.openpty()
        termios.tcsetwinsize(far_end, (rows, columns))
        strange = ("COLUMNS", "LINES", "NO_COLOR", "TERM", "TEXTUAL", "LOGMON")
        kept = {key: text for key, text in os.environ.items() if not key.startswith(strange)}
        homes = {"XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
        types = {} if term is None else {"TERM": term}
        self.process = subprocess.Popen(
            command,
            stdin=far_end,
            stdout=far_end,
            stderr=far_end,
            cwd=folder,
            env={**kept, **homes, **types, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        os.close(far_end)
        self._written = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while data := os.read(self._terminal, 65_536):
                self._written += data
        except OSError:  # so Linux says that the other end is closed
            return

    @property
    def output(self) -> bytes:
        """Every byte written so far."""
        return bytes(self._written)

    def mark(self) -> int:
        """Return a point in the output, after which to look for something."""
        return len(self._written)

    def text(self, since: int = 0) -> str:
        """Return what was written, without the sequences that the program has a reason for."""
        return OWN_SEQUENCES.sub(b"", self.output[since:]).decode("utf-8", "backslashreplace")

    def type(self, keys: str) -> None:
        data = keys.encode()
        while data:
            data = data[os.write(self._terminal, data) :]

    def click(self, column: int, row: int) -> None:
        """Press and release the left button on a cell, counted from 1."""
        self.type(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")

    def wait_for(self, *texts: str, since: int = 0) -> None:
        """Wait until all `texts` were written, looking at what came after the mark `since`."""

        def missing() -> list[str]:
            text = self.text(since)
            return [each for each in texts if each not in text]

        def met() -> bool:
            assert self.process.poll() is None, f"ended: {self.text()[-2000:]}"
            return not missing()

        wait_until(met, lambda: f"never written: {missing()}")

    def wait(self) -> int:
        """Wait for the program's end; return its exit code."""
        code = self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(DEADLINE)
        os.close(self._terminal)
