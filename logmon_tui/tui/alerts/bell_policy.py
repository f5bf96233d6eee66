"""Decides when the terminal's bell rings, and which desktop notifications it shows. Pure."""

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
"""The bell if the settings have none: it rings for every incident."""


class Call(NamedTuple):
    """What to do now: ring the bell, and notify the desktop of each of `texts`."""

    ring: bool = False
    texts: tuple[str, ...] = ()


class BellPolicy:
    """Applies each target's notification Policy to one Snapshot after the other.

    Of `targets`, only bells and desktops count; the pipeline notifies the others. `renotify` maps
    names of rules to seconds. Incidents that already fire when the logs have been read are old
    news, and ring no bell.
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
        """Return what to do for `snapshot`, at wall time `wall` and monotonic time `now`."""
        if not snapshot.sources:  # reading failed, so the Snapshot lacks the alerts
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
        for_bells = [group for policy in self._bells for group in policy.step(moment)]
        for_desktops = [group for policy in self._desktops for group in policy.step(moment)]
        # Only bad news is worth a sound; a recovery can wait until someone looks.
        ring = any(
            event.kind is not EventKind.RECOVERED for group in for_bells for event in group.events
        )
        return Call(ring, tuple(Message(group).line for group in for_desktops))
