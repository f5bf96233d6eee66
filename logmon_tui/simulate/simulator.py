"""Simulates traffic: makes the lines of any second, and appends them to a log in real time.

`Simulator` is pure: its lines depend only on seed and second. `simulate` and `DemoTraffic` write
them.
"""

import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Literal, NamedTuple

from logmon_tui.errors import LogmonError, OutputError, SourceError, UsageError
from logmon_tui.simulate import site
from logmon_tui.simulate.scenario import Phase, Scenario

LineFormat = Literal["common", "combined"]

TICKS = 4
"""Writes per second."""

MAX_LATE = 5.0
"""Maximum seconds behind or ahead of the clock before the simulation jumps to its time."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_JITTER = 0.25
"""Maximum relative deviation of the hits of a second from the rate of the phase."""


class Rate(NamedTuple):
    """Lines per second: a random number from `low` to `high`, both included."""

    low: int = 0
    high: int = 20


def parse_rate(text: str) -> Rate:
    """Parse `N` or `LOW-HIGH`. Raises UsageError for anything else."""
    low, dash, high = text.partition("-")
    bounds = (low, high if dash else low)
    if not all(part.isascii() and part.isdigit() for part in bounds):
        raise UsageError(f"rate {text!r}: give lines per second as a number or LOW-HIGH, as 0-20")
    rate = Rate(int(bounds[0]), int(bounds[1]))
    if rate.low > rate.high:
        raise UsageError(f"rate {text!r}: the lower rate must come first")
    return rate


class Simulator:
    """Makes access-log lines: byte for byte the same lines for the same seed and second.

    A scenario decides the rate, and requests then fail only in its error storm.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        line_format: LineFormat = "combined",
        rate: Rate | None = None,
        scenario: Scenario | None = None,
    ) -> None:
        self._seed = Random().getrandbits(64) if seed is None else seed  # noqa: S311 - no secret
        self._rate = rate or Rate()
        self._scenario = scenario
        self._combined = line_format == "combined"
        rng = Random(self._seed)  # noqa: S311 - no secret
        flattening = scenario.flattening() if scenario else 20
        self._clients, self._client_weights = site.clients(rng, flattening)
        self._requests = site.usual_requests(rng)
        self._healthy = [r for r in self._requests if r.status < 500]
        self._failing = site.failing_requests(rng)
        self._refused = site.refused_requests(rng)

    def lines(self, second: int, elapsed: float = 0.0) -> list[bytes]:
        """Return the lines of one second, each ended by a newline.

        `second` is a UTC epoch second. `elapsed`, the seconds since the simulation began,
        decides the phase of the scenario; without a scenario it has no effect.
        """
        rng = Random(f"{self._seed}:{second}")  # noqa: S311 - no secret
        if self._scenario is None:
            count = rng.randint(self._rate.low, self._rate.high)
            pairs = self._pairs(rng, rng.choices(self._requests, k=count))
        else:
            pairs = self._scene(rng, self._scenario, self._scenario.phase(elapsed))
        when = _clf_time(second)
        if self._combined:
            return [
                b"%b - %b %b %b %b %b" % (c.host, r.user, when, r.line, r.referrer, c.agent)
                for c, r in pairs
            ]
        return [b"%b - %b %b %b\n" % (c.host, r.user, when, r.line) for c, r in pairs]

    def _scene(
        self, rng: Random, scenario: Scenario, phase: Phase
    ) -> list[tuple[site.Client, site.Request]]:
        """Return the requests of one second of a phase, each with its client.

        The share of failing requests is exact, not random, so that no alert flaps at its threshold.
        """
        count = _whole(rng, phase.rate * scenario.threshold * rng.uniform(1 - _JITTER, 1 + _JITTER))
        failing = math.ceil(count * phase.failing)
        requests = rng.choices(self._failing, k=failing)
        requests += rng.choices(self._healthy, k=count - failing)
        noisy = _whole(rng, phase.noisy * scenario.ddos_threshold)
        pairs = list(self._pairs(rng, requests))
        pairs += [(site.NOISY_CLIENT, r) for r in rng.choices(self._refused, k=noisy)]
        rng.shuffle(pairs)
        return pairs

    def _pairs(
        self, rng: Random, requests: list[site.Request]
    ) -> Iterable[tuple[site.Client, site.Request]]:
        """Assign a random client to each request."""
        weights = self._client_weights
        return zip(
            rng.choices(self._clients, cum_weights=weights, k=len(requests)), requests, strict=True
        )


def _whole(rng: Random, amount: float) -> int:
    """Round up or down at random, so that the mean stays right for small amounts too."""
    return math.floor(amount + rng.random())


def _clf_time(second: int) -> bytes:
    """Return a UTC epoch second as `[22/Nov/2026:08:26:40 +0000]`, in any locale."""
    t = time.gmtime(second)
    return (
        f"[{t.tm_mday:02}/{_MONTHS[t.tm_mon - 1]}/{t.tm_year:04}"
        f":{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} +0000]"
    ).encode()


def simulate(  # noqa: PLR0913 - the last two are for tests
    path: Path,
    simulator: Simulator,
    *,
    duration: float | None = None,
    stop: threading.Event,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] | None = None,
) -> int:
    """Append simulated lines to `path` in real time, until `stop` is set or `duration` is over.

    `duration` is in seconds. Begins with the present second, creates a missing log, and writes only
    whole lines. Returns the number of lines written.
    Raises SourceError when `path` cannot be opened, OutputError when a write fails.
    """
    try:
        log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror}; name a file that can be"
        raise SourceError(message) from error
    written = 0
    lines: list[bytes] = []
    try:
        for second, elapsed, part in _due(duration, stop, clock, sleep or stop.wait):
            if part == 0:
                lines = simulator.lines(second, elapsed)
            first, last = (len(lines) * p // TICKS for p in (part, part + 1))
            _write(log, b"".join(lines[first:last]))
            written += last - first
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror}; mend that and start again"
        raise OutputError(message) from error
    finally:
        os.close(log)
    return written


def _due(
    duration: float | None,
    stop: threading.Event,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
) -> Iterator[tuple[int, int, int]]:
    """Yield (second, seconds since the beginning, part of the second) when each is due.

    Begins at part 0. If it is late, parts follow each other without a pause. If it is more than
    `MAX_LATE` off (the clock was set, or the machine slept), it continues at the present time.
    """
    start = math.floor(clock())
    ticks = math.inf if duration is None else math.ceil(duration * TICKS)
    tick = 0
    while tick < ticks and not stop.is_set():
        elapsed, part = divmod(tick, TICKS)
        early = start + tick / TICKS - clock()
        if abs(early) > MAX_LATE:
            start -= math.floor(early)
        elif early > 0:
            sleep(min(early, 1 / TICKS))
            continue
        yield start + elapsed, elapsed, part
        tick += 1


def _write(descriptor: int, data: bytes) -> None:
    """Write all of `data`; usually one call suffices, unless the disk is nearly full."""
    while data:
        data = data[os.write(descriptor, data) :]


class DemoTraffic:
    """A context manager that writes simulated traffic to a temporary log and returns its path.

    The log is in a directory that only this user can read; leaving the context removes it. Leaving
    raises OutputError if the log could not be written.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-traffic", daemon=True)
        self._failure: LogmonError | None = None

    def __enter__(self) -> Path:
        """Start the traffic and return the log's path."""
        try:
            self._directory = tempfile.TemporaryDirectory(prefix="logmon-demo-")
            self._log = Path(self._directory.name) / "access.log"
            self._log.touch(mode=0o600)
        except OSError as error:
            message = f"no temporary log for the demo: {error.strerror}; set TMPDIR to a directory"
            raise OutputError(message) from error
        self._thread.start()
        return self._log

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the traffic and remove the log."""
        self._stop.set()
        self._thread.join()
        self._directory.cleanup()
        if self._failure is not None and error is None:
            raise self._failure

    def _run(self) -> None:
        try:
            simulate(self._log, self._simulator, stop=self._stop)
        except LogmonError as error:
            self._failure = error
