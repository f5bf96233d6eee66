"""A program in a terminal with a shell: tmux, with a server of its own."""

import os
import shlex
import subprocess
import uuid
from pathlib import Path

from tests.e2e.servers import TMUX
from tests.watching import wait_until


class Terminal:
    """A tmux server of its own with one window."""

    def __init__(self, columns: int, rows: int, folder: Path) -> None:
        self._socket = f"logmon-{uuid.uuid4().hex}"
        size = ("-x", str(columns), "-y", str(rows))
        homes = {"XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder), "LC_ALL": "C.UTF-8"}
        environment = {key: value for key, value in os.environ.items() if key != "TMUX"} | homes
        # A plain shell stays behind when the program has ended, and shows its exit code.
        self._tmux("-f", os.devnull, "new-session", "-d", *size, "sh", environment=environment)

    def _tmux(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        command = [str(TMUX), "-L", self._socket, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        return done.stdout

    def run(self, *command: str) -> None:
        self._tmux("send-keys", shlex.join(command) + "; echo exit code $?", "Enter")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def wait_for(self, *texts: str) -> None:
        wait_until(lambda: all(text in self.screen for text in texts), lambda: self.screen)

    def tells(self, format_: str) -> str:
        """Return what tmux makes of one of its formats, such as #{alternate_on}."""
        return self._tmux("display-message", "-p", format_).strip()

    def wait_until_gone(self, text: str) -> None:
        wait_until(lambda: text not in self.screen, lambda: self.screen)

    def close(self) -> None:
        subprocess.run([str(TMUX), "-L", self._socket, "kill-server"], check=False)
