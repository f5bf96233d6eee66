"""Syslog by UDP and TCP on real sockets, from senders of all kinds."""

import contextlib
import resource
import socket
import struct
import threading

import pytest

from logmon_tui.errors import SourceError
from logmon_tui.sources.base import KnowsServers, Source, SourceState
from logmon_tui.sources.receivers import inbox, syslog
from logmon_tui.sources.receivers.framing import MAX_MESSAGE
from logmon_tui.sources.receivers.syslog import BUFFER, SyslogReceiver
from logmon_tui.sources.receivers.troubles import Trouble
from tests.sources.receivers.conftest import Receive
from tests.sources.receivers.lines import LINE, wait_for
from tests.watching import wait_until

HEADER = b"<190>Nov 29 18:00:00 web1 nginx: "
MESSAGE = HEADER + LINE


def address(port: int) -> tuple[str, int]:
    return ("127.0.0.1", port)


def connected(port: int) -> socket.socket:
    return socket.create_connection(address(port), timeout=30)


def test_one_address_takes_datagrams_and_connections(
    receive: Receive, port: int, udp: socket.socket
) -> None:
    source = receive(f"syslog://127.0.0.1:{port}")
    udp.sendto(MESSAGE, address(port))
    with connected(port) as tcp:
        tcp.sendall(b"%d %s" % (len(MESSAGE), MESSAGE) + MESSAGE + b"\n" + LINE)
    found = wait_for(source, 4)
    assert {line.line for line in found} == {LINE}
    assert sorted(line.server for line in found) == [b"127.0.0.1", b"web1", b"web1", b"web1"]
    status = source.status()
    assert (status.state, status.message, status.oversize) == (SourceState.LIVE, "", 0)
    assert status.position == status.size == 4 * len(LINE + b"\n")
    assert sorted(each.server for each in source.servers()) == [b"127.0.0.1", b"web1"]
    known: Source = source
    assert isinstance(known, KnowsServers)
    assert source.position() is None
    assert source.preamble() == b""


def test_by_udp_alone_or_by_tcp_alone(receive: Receive, port: int, udp: socket.socket) -> None:
    source = receive(f"syslog+udp://127.0.0.1:{port}")
    with socket.socket() as tcp:
        assert tcp.connect_ex(address(port)) != 0
    source.close()
    source = receive(f"syslog+tcp://127.0.0.1:{port}")
    udp.sendto(MESSAGE, address(port))
    with connected(port) as tcp:
        tcp.sendall(LINE + b"\n")
    assert [line.server for line in wait_for(source, 1)] == [b"127.0.0.1"]
    assert source.read() == b""


@pytest.mark.parametrize("scheme", ["syslog", "syslog+udp", "syslog+tcp"])
def test_an_address_in_use_is_refused_in_one_line(receive: Receive, port: int, scheme: str) -> None:
    receive(f"syslog://127.0.0.1:{port}")
    with pytest.raises(
        SourceError, match=rf"{port}: cannot be listened at: address already in use"
    ):
        receive(f"{scheme}://127.0.0.1:{port}")


def test_hostile_datagrams_do_no_harm(receive: Receive, port: int, udp: socket.socket) -> None:
    source = receive(f"syslog+udp://127.0.0.1:{port}")
    binary = bytes(byte for byte in range(256) if byte not in b"\n\r\0") * 200
    for datagram in (b"", b"\0", b"\n\n", b"<", b"<999999>", b"<13>1 " + b"[" * 60_000, binary):
        udp.sendto(datagram, address(port))
    udp.sendto(b"\n" * 65_000, address(port))
    udp.sendto(b"x" * 65_507, address(port))
    udp.sendto(MESSAGE, address(port))
    found = wait_for(source, 6)
    lines = [line.line for line in found]
    assert lines == [b"<", b"<999999>", b"1 " + b"[" * 60_000, binary, b"x" * 65_507, LINE]
    assert source.status().message == ""


def test_names_of_hostile_senders_are_their_addresses(
    receive: Receive, port: int, udp: socket.socket
) -> None:
    source = receive(f"syslog+udp://127.0.0.1:{port}")
    for name in (b"\x1b[31m", b"a/b", b"a" * 254, b"-rf", b"\xff\xfe"):
        udp.sendto(b"<190>Nov 29 18:00:00 %s nginx: " % name + LINE, address(port))
    found = wait_for(source, 5)
    assert {(line.server, line.line) for line in found} == {(b"127.0.0.1", LINE)}


def test_broken_connections_are_counted_and_the_others_go_on(receive: Receive, port: int) -> None:
    source = receive(f"syslog+tcp://127.0.0.1:{port}")
    with connected(port) as half:
        half.sendall(b"5000 " + MESSAGE)
    reset = connected(port)
    reset.sendall(b"4000 " + MESSAGE)
    wait_until(lambda: source.status().message != "")
    reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    reset.close()
    with connected(port) as long:
        for _ in range(20):
            long.sendall(b"z" * MAX_MESSAGE)
        long.sendall(b"\n" + MESSAGE + b"\n")
        assert [line.line for line in wait_for(source, 1)] == [LINE]
    wait_until(lambda: source._troubles.count(Trouble.CUT) == 2)
    assert source.status().message == "2 messages cut off by the end of a connection"
    assert source.status().oversize == 1


def test_too_many_connections_are_refused_and_later_ones_taken(
    receive: Receive, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syslog, "MAX_CONNECTIONS", 3)
    source = receive(f"syslog+tcp://127.0.0.1:{port}")
    with contextlib.ExitStack() as stack:
        for number in range(3):
            stack.enter_context(connected(port)).sendall(b"line %d\n" % number)
        wait_for(source, 3)
        with connected(port) as fourth:
            assert fourth.recv(1) == b""
    assert "1 connection refused" in source.status().message
    wait_until(lambda: source._connections == 0)
    with connected(port) as later:
        later.sendall(LINE + b"\n")
        wait_for(source, 1)


def test_connections_leave_files_to_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    from logmon_tui.sources.receivers import receiver

    for files, room in ((256, 106), (1_000_000, 1_000), (resource.RLIM_INFINITY, 1_000), (10, 1)):
        monkeypatch.setattr(resource, "getrlimit", lambda _which, files=files: (files, files))
        assert receiver._room(1_000) == room


@pytest.fixture
def small_inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """An inbox with room for a hundred lines or so."""
    defaults = (30_000, *(inbox.Inbox.__init__.__defaults__ or ())[1:])
    monkeypatch.setattr(inbox.Inbox.__init__, "__defaults__", defaults)


@pytest.mark.usefixtures("small_inbox")
def test_a_sender_by_tcp_has_to_wait_and_loses_nothing(
    receive: Receive, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syslog, "FULL_SECONDS", 0.001)
    source = receive(f"syslog+tcp://127.0.0.1:{port}")
    lines = [b"%06d " % number + LINE for number in range(200_000)]  # more than sockets buffer
    with connected(port) as tcp:
        sender = threading.Thread(target=tcp.sendall, args=(b"\n".join(lines) + b"\n",))
        sender.start()
        wait_until(lambda: source._inbox._held > 20_000)
        assert sender.is_alive(), "it waits until somebody reads"
        found = wait_for(source, len(lines))
        sender.join()
    assert [line.line for line in found] == lines
    assert source.status().message == ""


@pytest.mark.usefixtures("small_inbox")
def test_datagrams_without_room_are_counted(
    receive: Receive, port: int, udp: socket.socket
) -> None:
    source = receive(f"syslog+udp://127.0.0.1:{port}")
    for number in range(1_000):
        udp.sendto(b"<14>%06d " % number + LINE, address(port))

    def all_told() -> bool:
        came = source.status().size // len(b"000000 " + LINE + b"\n")
        lost = source._troubles.count(Trouble.FULL) + source._troubles.count(Trouble.DROPPED)
        return came + lost == 1_000

    wait_until(all_told, source.status)
    assert "lines lost, as they came faster than they could be read" in source.status().message


def test_what_the_system_drops_is_counted(
    receive: Receive, port: int, udp: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syslog, "BUFFER", 4_096)
    source = receive(f"syslog+udp://127.0.0.1:{port}")
    assert isinstance(source, SyslogReceiver)
    assert source._udp is not None
    blocked = threading.Event()
    source._loop.call_soon_threadsafe(blocked.wait, 60)
    for _ in range(500):
        udp.sendto(MESSAGE, address(port))
    blocked.set()
    found = 0

    def all_told() -> bool:
        nonlocal found
        found += source.read().count(b"\n")
        source.status()
        return found + source._troubles.count(Trouble.DROPPED) == 500

    wait_until(all_told, source.status)
    assert "datagrams lost in the system's buffer" in source.status().message


def test_the_system_keeps_many_datagrams(receive: Receive, port: int) -> None:
    source = receive(f"syslog+udp://127.0.0.1:{port}")
    assert isinstance(source, SyslogReceiver)
    assert source._udp is not None
    size = source._udp.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as usual:
        assert size >= min(BUFFER, usual.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))


def test_an_error_of_the_program_is_counted_and_it_goes_on(
    receive: Receive, port: int, udp: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = receive(f"syslog://127.0.0.1:{port}")
    with monkeypatch.context() as patched:
        patched.setattr(syslog, "runs_of", lambda *_: 1 / 0)
        udp.sendto(MESSAGE, address(port))
        wait_until(lambda: source._troubles.count(Trouble.FAILED) == 1)
        with connected(port) as tcp:
            tcp.sendall(MESSAGE + b"\n")
            assert tcp.recv(1) == b""
        wait_until(lambda: source._troubles.count(Trouble.FAILED) == 2)
    udp.sendto(MESSAGE, address(port))
    assert wait_for(source, 1)


def test_a_closed_receiver_reads_nothing_and_gives_up_its_port(receive: Receive, port: int) -> None:
    source = receive(f"syslog://127.0.0.1:{port}")
    with connected(port) as tcp:
        tcp.sendall(MESSAGE + b"\n")
        wait_until(lambda: source.status().size > 0)
        source.close()
        assert source.read() == b""
        assert source.status().state is SourceState.ENDED
    receive(f"syslog://127.0.0.1:{port}")
