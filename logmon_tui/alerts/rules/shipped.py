"""Rules that a user can switch on with `enabled = true` in `[rules.NAME]`.

All are off by default: what is too much differs from site to site, and scripts that read reports
should find only the incidents of the three built-in rules. To avoid flapping, most wait (`for_`)
until a burst has lasted, and each has recovery thresholds well within its thresholds.
"""

import msgspec

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Against, NoData, Rule, Scope, When

_MEGABYTE = 1_000_000

_FOR_P95 = 100
"""Minimum hits for a p95. With fewer, a handful of odd hits would decide it."""


SHIPPED = (
    Rule(
        name="endpoint_errors",
        title="Endpoint errors",
        metric=Metric.SHARE,
        scope=Scope.SECTION,
        status=("5xx",),
        warning=0.05,
        critical=0.2,
        warning_recovery=0.03,
        critical_recovery=0.1,
        for_=60,
        keep_firing_for=120,
        minimum_hits=50,
        enabled=False,
    ),
    Rule(
        name="endpoint_traffic",
        title="Endpoint traffic",
        metric=Metric.RATE,
        scope=Scope.SECTION,
        warning=10,
        critical=50,
        warning_recovery=8,
        critical_recovery=40,
        for_=60,
        keep_firing_for=120,
        enabled=False,
    ),
    Rule(
        name="response_size",
        title="Large responses",
        metric=Metric.RESPONSE_SIZE,
        scope=Scope.SECTION,
        warning=1 * _MEGABYTE,
        critical=10 * _MEGABYTE,
        warning_recovery=0.8 * _MEGABYTE,
        critical_recovery=8 * _MEGABYTE,
        for_=60,
        keep_firing_for=300,
        minimum_hits=_FOR_P95,
        enabled=False,
    ),
    Rule(
        name="client_4xx",
        title="Storm of 4xx",
        metric=Metric.RATE,
        scope=Scope.CLIENT,
        status=("4xx",),
        warning=1,
        critical=5,
        warning_recovery=0.5,
        critical_recovery=2.5,
        keep_firing_for=120,
        renotify=3_600,  # scanners come and go
        max_incidents=20,
        enabled=False,
    ),
    Rule(
        name="slow_endpoint",
        title="Slow endpoint",
        metric=Metric.RESPONSE_TIME,
        scope=Scope.SECTION,
        warning=1,
        critical=3,
        warning_recovery=0.8,
        critical_recovery=2,
        for_=60,
        keep_firing_for=120,
        minimum_hits=_FOR_P95,
        enabled=False,
    ),
    Rule(
        name="traffic_drop",
        title="Traffic dropped",
        metric=Metric.CHANGE,
        against=Against.BASELINE,
        baseline=3_600,
        when=When.BELOW,
        critical=0.1,
        critical_recovery=0.3,
        for_=60,
        keep_firing_for=60,
        minimum_hits=600,  # ten a minute: less may pause by chance
        no_data=NoData.KEEP,  # after an hour of nothing there is nothing to compare with
        enabled=False,
    ),
)
"""A new one is one more `Rule` here; `shipped_rules` gives each its window."""


def shipped_rules(window: int) -> tuple[Rule, ...]:
    """Return them, over windows of `window` seconds."""
    return tuple(msgspec.structs.replace(rule, window=window) for rule in SHIPPED)
