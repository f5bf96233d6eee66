"""Whom the screen itself calls: when the bell rings, and what the desktop is told. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.notify.message import EventKind, Message
from logmon_tui.notify.policy import Moment, Policy
from logmon_tui.notify.screen import Bell, Desktop
from logmon_tui.notify.target import TargetSettings
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.reading import caught_up

ANY_BELL = Bell(group_wait=0.0)
"""The bell, unless the settings tell of one: it rings for everything."""


class Call(NamedTuple):
    """What to do now: ring, and tell the desktop each of `texts`."""

    ring: bool = False
    texts: tuple[str, ...] = ()


class BellPolicy:
    """Decides by the policy of notifications, from one Snapshot after the other.

    `targets` are those of the settings; all but bells and desktops are the business of others.
    `renotify` tells seconds by names of rules. What fires already when all is read is old news.
    """

    def __init__(
        self,
        targets: Sequence[TargetSettings] = (),
        renotify: Mapping[str, int] | None = None,
        *,
        silent: bool = False,
    ) -> None:
        bells = [target for target in targets if isinstance(target, Bell)] or [ANY_BELL]
        desktops = [target for target in targets if isinstance(target, Desktop)]
        self._bells = [] if silent else [Policy(target, renotify or {}) for target in bells]
        self._desktops = [Policy(target, renotify or {}) for target in desktops]
        self._known: dict[str, Incident] = {}
        self._caught_up = False

    def step(self, snapshot: Snapshot, wall: float, now: float) -> Call:
        """Return what `snapshot` calls for; `wall` is the wall time, `now` measures intervals."""
        if not snapshot.sources:  # a picture of a fault, which knows nothing of the alerts
            return Call()
        incidents, before = snapshot.alerts.incidents, self._known
        self._known = {incident.id: incident for incident in incidents}
        firing = [incident for incident in incidents if incident.firing]
        if not self._caught_up:
            self._caught_up = caught_up(snapshot)
            for policy in (*self._bells, *self._desktops):
                policy.adopt(firing, now, wall)
            return Call()
        changed = [each for each in incidents if before.get(each.id) is not each]
        alerts = snapshot.alerts
        moment = Moment(
            now, wall, changed, firing, alerts.silences, messages_now=alerts.messages_now
        )
        rung = [policy.step(moment) for policy in self._bells]
        told = [policy.step(moment) for policy in self._desktops]
        # What recovers can wait until someone looks: only bad news is worth a sound.
        ring = any(
            event.kind is not EventKind.RECOVERED
            for group in rung
            if group is not None
            for event in group.events
        )
        return Call(ring, tuple(Message(group).line for group in told if group is not None))
