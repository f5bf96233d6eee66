"""Burn rates: how fast the error budget of an objective is used up. Pure.

The method is that of the Site Reliability Workbook (O'Reilly 2018), chapter 5, "Alerting on SLOs",
approach 6: "Multiwindow, Multi-Burn-Rate Alerts" (sre.google/workbook/alerting-on-slos):

    burn rate of a window = (bad hits / hits of the window) / (1 - target)

At a burn rate of 1 the budget of 30 days lasts exactly 30 days. A pair of a long and a short
window fires if both burn faster than the factor of the pair. So it ends soon after the errors do,
when the short window has let go of them. A factor is the part of the budget that may be used up in
the long window, times the 30 days, divided by the window: 2 % in an hour are 0.02 × 720 h / 1 h =
14.4; 5 % in six hours are 6; 10 % in three days are 1.

A window of n minutes at a second holds the n minutes that end with the minute of this second, the
last one as far as it has come.

A pair does not fire with fewer bad hits in its long window than `minimum_bad`: else a single one
of few hits would.
"""

import numpy as np

from logmon_tui import units
from logmon_tui.alerts.evaluation.long_counts import DAY, MINUTE, LongCounts, Passage
from logmon_tui.alerts.evaluation.series import Floats, Ints, Series
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.rule import Burn, Rule

BUDGET_DAYS = 30
_BUDGET_MINUTES = BUDGET_DAYS * DAY // MINUTE


def burn_series(rule: Rule, burn: Burn, passage: Passage, ends: Ints) -> Series:
    """Return the burn rates of a pair of windows: of both the lower one, 0 with too few bad hits.

    Without hits in the long window there is no value.
    """
    hits, bad = passage.sums(ends, rule.window // MINUTE)
    long = _burn_rates(hits, bad, burn)
    short = _burn_rates(*passage.sums(ends, burn.short // MINUTE), burn)
    values = np.where(bad >= burn.minimum_bad, np.minimum(long, short), 0.0)

    def basis(place: int) -> str:
        rates = ((long, rule.window), (short, burn.short))
        return " and ".join(
            f"{units.plain(float(each[place]))}× over {units.window(window)}"
            for each, window in rates
        )

    return Series(np.where(hits > 0, values, np.nan), hits, basis)


def _burn_rates(hits: Ints, bad: Ints, burn: Burn) -> Floats:
    """Return the burn rates of windows; those without hits burn nothing."""
    rates: Floats = bad / np.maximum(hits, 1) / burn.budget
    return rates


def objective_status(burn: Burn, counts: LongCounts) -> ObjectiveStatus:
    """Return how much of an objective's error budget is left of the last 30 days."""
    hits, bad = counts.total(_BUDGET_MINUTES)
    first = None
    if counts.newest is not None and counts.since is not None:
        first = max(counts.since, (counts.newest + 1 - _BUDGET_MINUTES) * MINUTE)
    return ObjectiveStatus(burn.objective, burn.title, burn.target, hits, bad, first)
