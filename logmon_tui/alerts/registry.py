"""The alert rules there are. A new rule is one new file and one line here."""

from collections.abc import Callable

from logmon_tui.alerts.base import Alert
from logmon_tui.alerts.ddos import DdosAlert
from logmon_tui.alerts.error_rate import ErrorRateAlert
from logmon_tui.alerts.traffic import TrafficAlert
from logmon_tui.config import Settings

RULES: tuple[tuple[type[Alert], Callable[[Settings], float]], ...] = (
    (TrafficAlert, lambda settings: settings.threshold),
    (ErrorRateAlert, lambda settings: settings.error_rate),
    (DdosAlert, lambda settings: settings.ddos_threshold),
)
"""Each rule with the setting that is its threshold."""


def make_alerts(settings: Settings) -> list[Alert]:
    """Return one alert for each rule, as the settings say."""
    return [rule(threshold(settings), settings.alert_window) for rule, threshold in RULES]
