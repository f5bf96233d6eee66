"""Addresses to receive lines at: one that cannot be listened at costs a line, at once."""

import errno
import socket
import sys
from collections.abc import Iterator

import pytest

from tests.cli.usage.running import RunCommand, assert_one_line
from tests.sources.receivers.lines import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of loopback that somebody else has, by TCP and by UDP."""
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        port: int = tcp.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))
            yield port


@pytest.mark.parametrize(
    ("log", "part"),
    [
        ("syslog://", "'' is no address such as"),
        ("syslog://127.0.0.1", "'127.0.0.1' is no address such as"),
        ("syslog://127.0.0.1:0", "the port is 1 to 65535"),
        ("syslog+tcp://127.0.0.1:99999", "the port is 1 to 65535"),
        ("http://127.0.0.1:8080/lines", "is no address such as"),
        ("http://user@127.0.0.1:8080", "is no address such as"),
        ("http://\x1b[2J:8080", "is no address such as"),
        ("syslog+udp://192.0.2.1:5514", "cannot be listened at: cannot assign requested address"),
        ("syslog://no-such-host.invalid:5514", "cannot be listened at: "),
        ("http://0.0.0.0:8080", "other machines must send a token; set LOGMON_RECEIVE_TOKEN"),
        ("https://127.0.0.1:8080", "needs a certificate; set certificate and key"),
        ("smtp://127.0.0.1:25", "is no log that can be watched"),
    ],
)
@pytest.mark.parametrize("command", ["watch", "record"])
def test_an_address_that_cannot_be(run: RunCommand, command: str, log: str, part: str) -> None:
    assert_one_line(run(command, log), part)


@pytest.mark.parametrize("scheme", ["syslog", "syslog+udp", "syslog+tcp", "http"])
def test_an_address_in_use(run: RunCommand, taken: int, scheme: str) -> None:
    result = run("watch", f"{scheme}://127.0.0.1:{taken}")
    assert_one_line(result, "cannot be listened at: address already in use; name another address")


def test_a_state_cannot_be_kept_of_what_is_sent(run: RunCommand) -> None:
    result = run("watch", "--state", "a.sqlite", f"syslog://127.0.0.1:{free_port()}")
    assert_one_line(result, "--state is for logs that are followed")


def test_a_low_port_needs_rights(run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)
    result = run("watch", "syslog://127.0.0.1:514")
    assert_one_line(result, "permission denied; choose a port from 1024 on")


def test_a_missing_library_is_told(run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h11", None)
    monkeypatch.delitem(sys.modules, "logmon_tui.sources.receivers.http", raising=False)
    result = run("watch", f"http://127.0.0.1:{free_port()}")
    assert_one_line(result, "needs h11; install it with pip install 'logmon-tui[fleet]'")
