"""The story that simulated traffic can tell: each alert fires and recovers once a round.

Rates are told relative to the thresholds that the alerts judge by, and lengths relative to
their window. So the story holds for any settings with threshold ≥ 3 × ddos threshold and, over a
window, at least 100 hits at the former and 20 at the latter. No chance, clock or I/O lives here.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Phase(NamedTuple):
    """A stretch of the story.

    `windows` is its length in alert windows, `rate` the hits per second relative to the traffic
    threshold, `failing` the share of them that fail, `noisy` the hits per second of one more
    client relative to the ddos threshold.
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
"""Twelve windows: two minutes with an alert window of ten seconds, then from the beginning."""

PEAK_RATE = max(phase.rate for phase in PHASES)


@dataclass(frozen=True, slots=True)
class Scenario:
    """The story, told for these settings of the alerts (req/s, req/s, seconds)."""

    threshold: float = 10.0
    ddos_threshold: float = 2.5
    alert_window: int = 120

    @property
    def seconds(self) -> float:
        """How long one round takes."""
        return sum(phase.windows for phase in PHASES) * self.alert_window

    def phase(self, elapsed: float) -> Phase:
        """Return the phase that the story is in, `elapsed` seconds after its beginning."""
        left = elapsed % self.seconds
        for phase in PHASES:
            left -= phase.windows * self.alert_window
            if left < 0:
                return phase
        return PHASES[-1]

    def flattening(self) -> int:
        """Return how evenly clients must share the hits (see `site.clients`).

        So evenly that the busiest one, at the peak rate, stays near a sixth of the ddos threshold.
        """
        even = round(2.5 * PEAK_RATE * self.threshold / self.ddos_threshold)
        return min(max(20, even), 5_000)  # 50,000 clients are as many as memory is worth
