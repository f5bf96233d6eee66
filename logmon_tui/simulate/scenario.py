"""The scenario of simulated traffic: in each round, every alert fires and recovers once.

Rates are relative to the thresholds of the alerts, and lengths are relative to their window. So
the scenario works with any settings in which the traffic threshold is at least 3 times the ddos
threshold, and a window has at least 100 hits at the former and 20 at the latter. This module uses
no random numbers, no clock and no I/O.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Phase(NamedTuple):
    """A phase of the scenario.

    `windows` is its length in alert windows. `rate` is hits per second, relative to the traffic
    threshold; `failing` is the share of them that fail. `noisy` is the hits per second of one
    additional client, relative to the ddos threshold.
    """

    name: str
    windows: float
    rate: float
    failing: float = 0.0
    noisy: float = 0.0


PHASES = (
    Phase("quiet", 1.0, rate=0.4),
    Phase("burst", 1.5, rate=2.0),
    Phase("quiet", 2.0, rate=0.4),
    Phase("error storm", 1.5, rate=0.6, failing=0.45),
    Phase("quiet", 1.7, rate=0.4),
    Phase("noisy client", 1.5, rate=0.25, noisy=1.8),
    Phase("recovery", 2.8, rate=0.4),
)
"""One round: twelve alert windows, which is two minutes with a window of ten seconds."""

PEAK_RATE = max(phase.rate for phase in PHASES)


@dataclass(frozen=True, slots=True)
class Scenario:
    """The scenario for given alert settings (req/s, req/s, seconds)."""

    threshold: float = 10.0
    ddos_threshold: float = 2.5
    alert_window: int = 120

    @property
    def seconds(self) -> float:
        """The length of one round in seconds."""
        return sum(phase.windows for phase in PHASES) * self.alert_window

    def phase(self, elapsed: float) -> Phase:
        """Return the phase at `elapsed` seconds after the beginning."""
        left = elapsed % self.seconds
        for phase in PHASES:
            left -= phase.windows * self.alert_window
            if left < 0:
                return phase
        return PHASES[-1]

    def flattening(self) -> int:
        """Return how evenly the clients must share the hits (see `site.clients`).

        Even at the peak rate, the busiest client then stays near a sixth of the ddos threshold.
        """
        even = round(2.5 * PEAK_RATE * self.threshold / self.ddos_threshold)
        return min(max(20, even), 5_000)  # more than 50,000 clients would waste memory
