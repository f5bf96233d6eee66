"""Cut the network between agent, broker and dashboard, each in a network namespace of its own."""

import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.brokers import Broker
from tests.chaos.processes import WatchProcess, Writers, agent, told, until_counted, verdict

_BRIDGE = "logmon-br"
_NET = "10.213.77"
_LENGTHS = (4, 45, 15)
"""Seconds of the cuts, in turn: shorter and longer than a broker that vanished goes unnoticed."""


def _ip(*words: str, check: bool = True) -> None:
    subprocess.run(["ip", *words], check=check, capture_output=True)


def missing() -> str:
    """Return why the network cannot be cut here, or ""."""
    if shutil.which("ip") is None:
        return "needs the program ip"
    try:
        _ip("netns", "add", "logmon-probe")
    except subprocess.CalledProcessError:
        return "needs the right to make network namespaces: be root, with CAP_NET_ADMIN"
    _ip("netns", "del", "logmon-probe")
    return ""


class Namespace:
    """A network namespace joined to the bridge by a cable that can be cut."""

    def __init__(self, name: str, number: int) -> None:
        self.name = f"logmon-{name}"
        self._cable, self._inside = f"lm-{name}", f"lm-{name}-in"
        _ip("netns", "add", self.name)
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", self._inside)
        _ip("link", "set", self._inside, "netns", self.name)
        _ip("link", "set", self._cable, "master", _BRIDGE)
        _ip("link", "set", self._cable, "up")
        within = ("netns", "exec", self.name, "ip")
        _ip(*within, "addr", "add", f"{_NET}.{number}/24", "dev", self._inside)
        _ip(*within, "link", "set", self._inside, "up")
        _ip(*within, "link", "set", "lo", "up")

    @property
    def prefix(self) -> tuple[str, ...]:
        return "ip", "netns", "exec", self.name

    def cut(self) -> None:
        _ip("link", "set", self._cable, "down")

    def mend(self) -> None:
        _ip("link", "set", self._cable, "up")

    def close(self) -> None:
        _ip("link", "del", self._cable, check=False)
        _ip("netns", "del", self.name, check=False)


@contextmanager
def _network() -> Iterator[tuple[Namespace, Namespace]]:
    places: list[Namespace] = []
    try:
        _ip("link", "add", _BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{_NET}.1/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        places.append(Namespace("agent", 2))
        places.append(Namespace("watch", 3))
        yield places[0], places[1]
    finally:
        for each in places:
            each.close()
        _ip("link", "del", _BRIDGE, check=False)


class Cut:
    """The trial: `lines` lines are written while the network is cut `cuts` times."""

    def __init__(self, folder: Path, lines: int, cuts: int) -> None:
        self._folder, self._lines, self._cuts = folder, lines, cuts

    def run(self) -> int:
        if why := missing():
            told(f"skipped: {why}")
            return 0
        with _network() as (sending, watching):
            return self._run(sending, watching)

    def _run(self, sending: Namespace, watching: Namespace) -> int:
        for name in ("broker", "web1"):
            (self._folder / name).mkdir(exist_ok=True)
        broker = Broker(self._folder / "broker", f"{_NET}.1")
        broker.setup()
        log = self._folder / "web1" / "access.log"
        log.touch()
        sender = agent(log.parent, broker.url, "web1", log, prefix=sending.prefix)
        watch = WatchProcess(self._folder / "watch", broker.url, prefix=watching.prefix)
        lengths = [_LENGTHS[number % len(_LENGTHS)] for number in range(self._cuts)]
        writers = Writers([log], self._lines, 10 + sum(10 + each for each in lengths), 3, _DRAWN)
        try:
            writers.start()
            for number, length in enumerate(lengths):
                time.sleep(10)
                cut = ((sending,), (watching,), (sending, watching))[number % 3]
                told(f"cut {', '.join(each.name for each in cut)} for {length} s")
                for each in cut:
                    each.cut()
                time.sleep(length)
                told(f"mended; counted {watch.total():,}")
                for each in cut:
                    each.mend()
            writers.join()
            until_counted(watch, self._lines)
            watch.kill(signal.SIGTERM)
        finally:
            for each in (sender, watch):
                each.kill()
            broker.close()
        return verdict(writers.counted, watch.saved())


_DRAWN = random.Random(1)
