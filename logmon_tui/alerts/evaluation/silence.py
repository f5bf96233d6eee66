"""SilenceEvaluator: judges the rules of `silence`, by what was heard of servers. Pure.

Such a rule counts no hits. Its value is for how many seconds a server has said nothing, and its
seconds are those of the wall clock: the silence of all servers would hold up log time.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import NOTHING_HEARD
from logmon_tui.filters.patterns import pattern_of

_DAY = 86_400


class Silence(NamedTuple):
    """For how many seconds a server has said nothing: as far as that is judged, and in truth.

    `judged` leaves out what nobody could hear; it is None while nobody can. `servers` is how many
    servers there are behind a source, which is judged as one. `ended` is true of a server that said
    that it ends.
    """

    judged: float | None
    whole: float
    servers: int = 0
    ended: bool = False


class SilenceEvaluator:
    """Judges the rules of `alerts`, all of which measure silence."""

    def __init__(self, alerts: Iterable[Alert]) -> None:
        self._alerts = list(alerts)
        self._judged = 0  # second

    @property
    def silent(self) -> frozenset[bytes]:
        """The servers of which a rule says that they are silent."""
        return frozenset(
            subject
            for alert in self._alerts
            for subject, state in alert.subject_states.items()
            if subject is not None and state.limit_states[0].holds
        )

    def judge(self, second: int, silences: Mapping[bytes, Silence]) -> list[Incident]:
        """Judge what is known at a second of the wall clock; return the incidents that changed.

        A server that is not among `silences` is no longer known.
        """
        self._judged = second = max(second, self._judged)  # the wall clock may be set back
        changed: list[Incident] = []
        for alert in self._alerts:
            changed += alert.judge(second, _measurements(alert, second, silences))
        return changed


def _measurements(
    alert: Alert, second: int, silences: Mapping[bytes, Silence]
) -> dict[bytes | None, Measurement]:
    """Return the measurements of the servers whose verdict may change."""
    least = alert.rule.limits[0].threshold
    fits = pattern_of(alert.rule.match) if alert.rule.match else None
    found: dict[bytes | None, Measurement] = {}
    for server, silence in silences.items():
        state = alert.subject_states.get(server)
        # What fires is over when something is heard, and not when somebody begins to listen.
        fires = state is not None and state.limit_states[0].holds
        value = silence.whole if fires else silence.judged
        if value is None or (state is None and value <= least):
            continue
        if fits is None or fits(server):
            found[server] = Measurement(value, 0, basis=_said(second, silence))
    for subject in alert.subject_states:
        if subject not in silences:
            found[subject] = Measurement(0.0, 0, basis="is no longer known")
    return found


def _said(second: int, silence: Silence) -> str:
    """Say what was heard last, in the words that a message goes on with after the name."""
    if silence.ended:
        return "said that it ends"
    heard = datetime.fromtimestamp(second - silence.whole, UTC)
    since = f"{heard:%H:%M:%S}" if silence.whole < _DAY else f"{heard:%Y-%m-%d %H:%M:%S}"
    of_servers = f" of its {silence.servers:,} hosts" if silence.servers else ""
    return f"{NOTHING_HEARD}{of_servers} since {since}"
