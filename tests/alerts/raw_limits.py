"""The state of one limit of a rule, as simply as possible."""

from dataclasses import dataclass
from enum import Enum

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Limit, NoData, Rule, When
from tests.alerts.raw_measurements import Measurement


class Phase(Enum):
    """The phases of a limit."""

    OFF = "off"
    PENDING = "pending"
    ON = "on"
    RECOVERING = "recovering"
    HELD = "held"


@dataclass
class LimitState:
    """One limit of a rule, for one subject."""

    rule: Rule
    limit: Limit
    phase: Phase = Phase.OFF
    since: int | None = None  # when pending or recovering began
    pending_since: int | None = None

    @property
    def fires(self) -> bool:
        return self.phase in {Phase.ON, Phase.RECOVERING}

    def beyond(self, measurement: Measurement, *, young: bool) -> bool:
        value = measurement.value
        if value is None and self.fires and self.goes_on(young=young):
            value = measurement.of_few
        if value is None:
            if self.rule.no_data is NoData.KEEP:
                return self.phase in {Phase.PENDING, Phase.ON, Phase.HELD}
            return self.rule.no_data is NoData.ALERT and not young
        threshold = self.limit.recovery if self.fires else self.limit.threshold
        return value > threshold if self.rule.when is When.ABOVE else value < threshold

    def goes_on(self, *, young: bool) -> bool:
        """Tell whether few hits that are bad keep up what fires."""
        quiet = self.rule.no_data is NoData.OK or (young and self.rule.no_data is NoData.ALERT)
        return quiet and self.rule.metric in {
            Metric.SHARE,
            Metric.UNPARSED_SHARE,
            Metric.RESPONSE_TIME,
            Metric.RESPONSE_SIZE,
        }

    def judge(self, second: int, measurement: Measurement, *, young: bool) -> None:
        beyond = self.beyond(measurement, young=young)
        if self.phase is Phase.HELD:
            self.phase, self.since = (Phase.PENDING if beyond else Phase.OFF), second
        elif self.phase is Phase.OFF and beyond:
            self.phase, self.since, self.pending_since = Phase.PENDING, second, second
        elif self.phase is Phase.PENDING and not beyond:
            self.phase, self.since = Phase.OFF, None
        elif self.phase is Phase.ON and not beyond:
            self.phase, self.since = Phase.RECOVERING, second
        elif self.phase is Phase.RECOVERING and beyond:
            self.phase, self.since = Phase.ON, None
        waited = second - (second if self.since is None else self.since)
        if self.phase is Phase.PENDING and waited >= self.rule.for_:
            self.phase, self.since = Phase.ON, None
        elif self.phase is Phase.RECOVERING and waited >= self.rule.keep_firing_for:
            self.phase, self.since = Phase.OFF, None

    def hold(self, second: int, measurement: Measurement, *, young: bool) -> None:
        """Judge a second in which the rule is held back, and has no incident of the subject."""
        if self.fires:
            self.phase = Phase.PENDING if self.phase is Phase.ON else Phase.OFF
        if not self.beyond(measurement, young=young):
            self.phase = Phase.OFF
        elif self.phase is Phase.OFF:
            self.phase, self.pending_since = Phase.HELD, second
        else:
            self.phase = Phase.HELD
        self.since = None


PhaseSince = tuple[str, int | None]
"""The phase of a limit, and since when it was pending or recovering."""
