"""SyslogReceiver: a `Source` of syslog messages, by UDP and TCP."""

import asyncio
import socket
import struct
from contextlib import suppress

from logmon_tui.sources.base import SourceStatus
from logmon_tui.sources.receivers.addresses import listening
from logmon_tui.sources.receivers.framing import FrameSplitter
from logmon_tui.sources.receivers.inbox import Run
from logmon_tui.sources.receivers.receiver import FULL_SECONDS, Receiver, bound
from logmon_tui.sources.receivers.syslog_messages import address_name, runs_of
from logmon_tui.sources.receivers.troubles import Trouble

MAX_CONNECTIONS = 1_000
"""Maximum connections at a time; further ones are closed."""

BUFFER = 16 * 1024 * 1024
"""Bytes of datagrams that the system is asked to keep while the program is busy."""

_AT_ONCE = 200
"""Maximum datagrams taken before connections have their turn."""

_MAX_DATAGRAM = 64 * 1024
_BLOCK = 16 * 1024
_SO_RCVBUFFORCE = 33
_SO_MEMINFO = 55
_MEMINFO = struct.Struct("9I")
_DROPS = 8  # the number of datagrams dropped, in SO_MEMINFO (linux/sock_diag.h)


class SyslogReceiver(Receiver):
    """A `Source` of the messages that come to the address `log`. Raises SourceError.

    UDP tells no sender to slow down: what finds no room is lost, and counted.
    """

    def __init__(self, log: str) -> None:
        self._udp, self._tcp = _sockets(log)
        self._buffer = memoryview(bytearray(_MAX_DATAGRAM))
        self._dropped = 0
        super().__init__(log, [each for each in (self._udp, self._tcp) if each is not None])

    def status(self) -> SourceStatus:
        """Return the status, with the datagrams that the system has dropped."""
        if self._udp is not None and not self._closed:
            dropped = _drops(self._udp)
            self._troubles.note(Trouble.DROPPED, max(0, dropped - self._dropped))
            self._dropped = dropped
        return super().status()

    async def _listen(self) -> None:
        if self._udp is not None:
            self._loop.add_reader(self._udp.fileno(), self._take_datagrams, self._udp)
        if self._tcp is not None:
            await asyncio.start_server(self._take_messages, sock=self._tcp, limit=_BLOCK)

    def _take_datagrams(self, udp: socket.socket) -> None:
        """Take the datagrams that have come."""
        runs: list[Run] = []
        for _ in range(_AT_ONCE):
            try:
                size, sender = udp.recvfrom_into(self._buffer)
            except BlockingIOError:
                break
            except OSError:  # of an earlier answer to nobody
                continue
            runs += runs_of(bytes(self._buffer[:size]), address_name(sender[0]))
        if runs and not self._inbox.offer(runs):
            self._troubles.note(Trouble.FULL, len(runs))

    async def _take_messages(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take the messages of one connection until its sender ends it."""
        frames = FrameSplitter()
        try:
            if self._enter(MAX_CONNECTIONS):
                _keep_alive(writer)
                address = address_name(writer.get_extra_info("peername", ("",))[0])
                while block := await reader.read(_BLOCK):
                    await self._hand_over(frames.feed(block), address)
                    self._oversize += frames.oversize
                    frames.oversize = 0
                await self._hand_over(frames.finish(), address)
                self._troubles.note(Trouble.CUT, frames.cut)
        except OSError:
            self._troubles.note(Trouble.CUT, bool(frames.held))  # the sender broke off
        finally:
            self._leave(writer)

    async def _hand_over(self, messages: list[bytes], address: bytes) -> None:
        """Put messages into the inbox; while it is full, the sender has to wait."""
        runs = [run for message in messages for run in runs_of(message, address)]
        # No event tells that there is room: the reader is another thread, and rarely so late.
        while runs and not self._inbox.offer(runs):  # noqa: ASYNC110
            await asyncio.sleep(FULL_SECONDS)


def check_syslog(log: str) -> None:
    """Raise SourceError if the address `log` cannot be listened at."""
    for each in _sockets(log):
        if each is not None:
            each.close()


def _sockets(log: str) -> tuple[socket.socket | None, socket.socket | None]:
    """Return the sockets for UDP and for TCP that `log` stands for. Raises SourceError."""
    scheme, address = listening(log)
    udp = None
    if scheme != "syslog+tcp":
        udp = bound(log, address, socket.SOCK_DGRAM)
        _enlarge(udp)
    try:
        tcp = None if scheme == "syslog+udp" else bound(log, address, socket.SOCK_STREAM)
    except BaseException:
        if udp is not None:
            udp.close()
        raise
    return udp, tcp


def _enlarge(udp: socket.socket) -> None:
    """Have the system keep many datagrams: beyond its usual maximum if this user may ask for it."""
    for option in (socket.SO_RCVBUF, _SO_RCVBUFFORCE):
        with suppress(OSError):
            udp.setsockopt(socket.SOL_SOCKET, option, BUFFER)


def _drops(udp: socket.socket) -> int:
    """Return how many datagrams the system has dropped; 0 where it does not tell."""
    try:
        info = udp.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        return int(_MEMINFO.unpack(info)[_DROPS])
    except (OSError, struct.error):
        return 0


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Find out in time that a sender's machine is gone."""
    made = writer.get_extra_info("socket")
    with suppress(OSError):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
