"""Twenty-four hosts of three sites, simulated: most are well, and some are not.

The program's own monitor counts, judges and draws; only the clocks and what agents say are made up.
"""

from datetime import UTC, datetime
from random import Random

from msgspec.structs import replace

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.origin import Origin
from logmon_tui.formats.presets import PRESETS
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.simulate.simulator import Rate, Simulator
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import Feed, ServerStatus, SourceState, SourceStatus

BROKER = "nats://broker.example.net:4222"
SETTINGS = Settings(threshold=450, ddos_threshold=50)
START = int(datetime(2026, 11, 22, 3, 6, tzinfo=UTC).timestamp())
SECONDS = 390
END = START + SECONDS

_SITES = {"eu": 12, "us": 8, "ap": 4}
_VERSION = "0.6.0"
_NAMES = tuple(f"{site}/web{n}" for site, hosts in _SITES.items() for n in range(1, hosts + 1))
_QUIET = {"eu/web7": 187, "us/web2": 22, "ap/web3": 41}
"""For how many seconds hosts have said nothing at the end."""
_BAD = "us/web5"
_LATE = "eu/web11"
_FORMAT = next(each for each in PRESETS if each.name == "nginx_time")


class _Host:
    """One host: its lines of any second."""

    def __init__(self, name: str) -> None:
        chance = Random(name)  # noqa: S311 - no secret
        usual = chance.randint(13, 17)
        self.name = name.encode()
        self._chance = chance
        self._simulator = Simulator(seed=chance.getrandbits(32), rate=Rate(usual - 3, usual + 3))
        self._median = 0.34 if name == _BAD else chance.uniform(0.028, 0.036)
        self._failing = 0.12 if name == _BAD else 0.0

    def lines(self, second: int) -> bytes:
        """Return the lines of a second, with response times."""
        return b"".join(map(self._timed, self._simulator.lines(second)))

    def _timed(self, line: bytes) -> bytes:
        if self._chance.random() < self._failing:
            line = line.replace(b'" 200 ', b'" 502 ', 1)
        return b"%b %.3f\n" % (line.rstrip(), self._chance.lognormvariate(0, 0.8) * self._median)


def picture_of_fleet() -> Snapshot:
    """Return what the screen is to show at the end."""
    monitor = HTTPMonitor(SETTINGS)
    hosts = [_Host(name) for name in _NAMES]
    parser = _FORMAT.columnar()
    for second in range(SECONDS):
        now = 1_000.0 + second
        for host in hosts:
            if second < SECONDS - _QUIET.get(host.name.decode(), 0):
                monitor.feed(_batch(parser.parse(host.lines(START + second)), host.name), now)
        monitor.hear([Feed(BROKER, SourceState.LIVE, [_status(name, now) for name in _NAMES])])
        monitor.tick(now, float(START + second))
    source = SourceStatus(BROKER, SourceState.LIVE, 900, 900)
    picture = monitor.snapshot(1_000.0 + SECONDS - 1, float(END))
    return replace(picture, sources=(source,))


def _batch(batch: HitBatch, name: bytes) -> HitBatch:
    site = name.partition(b"/")[0]
    return batch.with_origins([Origin(name, site, len(batch) + batch.unparsed)])


def _status(name: str, now: float) -> ServerStatus:
    """Return what its agent has said of a host until now."""
    end = 1_000.0 + SECONDS - _QUIET.get(name, 0)
    messages = {"ap/web3": "cannot read /var/log/nginx/access.log: add the agent to group adm"}
    late = name == _LATE
    return ServerStatus(
        name.encode(),
        name.partition("/")[0].encode(),
        min(now, end),
        1_000.0,
        beats=True,
        lag=194.0 if late else 0.2,
        backlog=48_300_000 if late else 0,
        version="0.5.2" if name.startswith("ap") else _VERSION,
        message=messages.get(name, "") if now > end else "",
    )
