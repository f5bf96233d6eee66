"""A real sshd on loopback, with keys and settings of its own in a temporary folder."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.watching import wait_until

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
SSH = shutil.which("ssh")
KEYGEN = shutil.which("ssh-keygen")

MISSING = not (SSHD and SSH and KEYGEN)
WHY = "needs sshd, ssh and ssh-keygen"

_SERVER = """
Port {port}
ListenAddress 127.0.0.1
ListenAddress ::1
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin yes
LogLevel ERROR
MaxStartups 100
"""

_CLIENT = """
Host unknown
  HostName 127.0.0.1
  UserKnownHostsFile {folder}/known_nobody
Host stranger
  HostName 127.0.0.1
  IdentityFile {folder}/other_key
Host changed
  HostName 127.0.0.1
  UserKnownHostsFile {folder}/known_wrong
Host web1 web2 web3
  HostName 127.0.0.1
Host * !stranger
  IdentityFile {folder}/user_key
Host *
  Port {port}
  User {user}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking ask
"""


class Sshd:
    """A running server; `words` is the command that reaches it by the names web1, web2 and web3."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        for name in ("host_key", "user_key", "other_key"):
            words = [str(KEYGEN), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
        user = pwd.getpwuid(os.getuid()).pw_name
        texts = {"port": self.port, "folder": folder, "user": user}
        (folder / "sshd_config").write_text(_SERVER.format(**texts))
        (folder / "ssh_config").write_text(_CLIENT.format(**texts))
        self._know("known_hosts", "host_key")
        self._know("known_wrong", "other_key")
        self.process = self._started()

    def _know(self, file: str, key: str) -> None:
        public = (self.folder / f"{key}.pub").read_text()
        hosts = f"[127.0.0.1]:{self.port},[::1]:{self.port}"
        (self.folder / file).write_text(f"{hosts} {public}")

    @property
    def words(self) -> tuple[str, ...]:
        return (str(SSH), "-F", str(self.folder / "ssh_config"))

    def _started(self) -> subprocess.Popen[bytes]:
        with suppress(OSError):  # a server run by root needs it
            Path("/run/sshd").mkdir(exist_ok=True)
        with (self.folder / "sshd.err").open("ab") as errors:
            process = subprocess.Popen(
                [str(SSHD), "-D", "-e", "-f", str(self.folder / "sshd_config")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        wait_until(self._answers, (self.folder / "sshd.err").read_text)
        return process

    def _answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def sessions(self) -> list[int]:
        """Return the process ids of the servers of single connections."""
        return children(self.process.pid)

    def cut(self) -> int:
        """Kill the server of each connection, without a word; return how many there were."""
        sessions = self.sessions()
        for each in sessions:
            for process in (each, *children(each)):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        return len(sessions)

    def stop(self) -> None:
        self.cut()
        self.process.terminate()
        self.process.wait()

    def start(self) -> None:
        self.process = self._started()


def children(parent: int) -> list[int]:
    """Return the children of a process, as Linux tells them."""
    with suppress(OSError):
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        return [int(each) for each in text.split()]
    return []


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    server = Sshd(folder)
    try:
        yield server
    finally:
        server.stop()
