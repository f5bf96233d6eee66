"""Notifier: hears of incidents, and has each target told what its policy decides."""

import socket
import time
from collections.abc import Mapping, Sequence

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.errors import UsageError
from logmon_tui.notify.message import Group, Message
from logmon_tui.notify.policy import Moment, Policy
from logmon_tui.notify.target import Dead, Sender, TargetSettings
from logmon_tui.notify.worker import Patience, Worker
from logmon_tui.snapshot import TargetStatus

CLOSE_SECONDS = 3.0

_ANOTHER = "another logmon-tui watches these logs and notifies"


class Notifier:
    """Tells `targets`, by their names, of what the watch of `logs` finds.

    `renotify` tells seconds by names of rules. One thread calls `adopt` and `post`, which never
    wait for a target; `close` comes after the last of them. A target whose secrets cannot be read
    is dead: its status says why, and what it should hear of is dropped.

    `stands_back` is set while another watch of the logs tells the targets; the moments posted
    meanwhile are to be held.
    """

    def __init__(
        self,
        targets: Mapping[str, TargetSettings],
        renotify: Mapping[str, int],
        logs: Sequence[str] = (),
        patience: Patience | None = None,
    ) -> None:
        self._logs = tuple(logs)
        self._told = [
            (Policy(target, renotify), Worker(name, target.KIND, sender, patience))
            for name, target in targets.items()
            if (sender := _sender(target)) is not None
        ]
        self.stands_back = False
        self._moment = Moment(0.0, 0.0, hold=True)

    def adopt(
        self,
        open_: Sequence[Incident],
        now: float,
        wall: float,
        silences: tuple[Silence, ...] = (),
    ) -> None:
        """Take what fires, and nothing else, for told: another run did so, but for `silences`."""
        for policy, _ in self._told:
            policy.adopt(open_, now, wall, silences)

    def post(self, moment: Moment) -> None:
        """Take how things are; call this again and again, as messages wait for their time."""
        self._moment = moment
        for policy, worker in self._told:
            group = policy.step(moment)
            if group is not None:
                worker.put(message_of(group, self._logs))

    def statuses(self) -> tuple[TargetStatus, ...]:
        """Tell how the targets do; any thread may ask."""
        statuses = (worker.status() for _, worker in self._told)
        if not self.stands_back:
            return tuple(statuses)
        return tuple(each._replace(problem=each.problem or _ANOTHER) for each in statuses)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Send what waits, as far as that takes no more than so many seconds."""
        self.post(self._moment._replace(now=time.monotonic(), changed=(), last=True))
        for _, worker in self._told:
            worker.finish()
        deadline = time.monotonic() + seconds
        for _, worker in self._told:
            worker.join(max(0.0, deadline - time.monotonic()))


def message_of(group: Group, logs: Sequence[str] = ()) -> Message:
    """Return a message of this machine."""
    return Message(group, socket.gethostname(), logs)


def _sender(target: TargetSettings) -> Sender | None:
    """Return what sends to a target, or says why nothing can; None for the screen's own."""
    try:
        return target.open()
    except UsageError as error:
        return Dead(str(error))
