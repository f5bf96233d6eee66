"""Notifier: passes incidents to each target's policy, and what that decides to its worker."""

import socket
import time
from collections.abc import Mapping, Sequence

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.errors import UsageError
from logmon_tui.notify.message import Group, Message
from logmon_tui.notify.policy import Moment, Policy
from logmon_tui.notify.target import Sender, TargetSettings, UnavailableSender
from logmon_tui.notify.worker import RetryPolicy, Worker
from logmon_tui.snapshot import TargetStatus

CLOSE_SECONDS = 3.0
"""Maximum seconds that the end of the program waits for targets."""

_ANOTHER = "another logmon-tui watches these logs and notifies"


class Notifier:
    """Notifies `targets`, by name, of the incidents in `logs`.

    `renotify` maps names of rules to seconds. One thread calls `adopt` and `post`, which never wait
    for a target; `close` is the last call. If a target's secrets cannot be read, its status says
    why, and its messages are dropped.

    Set `stands_back` while another watch of the same logs notifies the targets. Moments posted
    meanwhile must have `hold` set.
    """

    def __init__(
        self,
        targets: Mapping[str, TargetSettings],
        renotify: Mapping[str, int],
        logs: Sequence[str] = (),
        retry: RetryPolicy | None = None,
    ) -> None:
        self._logs = tuple(logs)
        self._targets = [
            (Policy(target, renotify), Worker(name, target.KIND, sender, retry))
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
        """Mark firing incidents as already notified by a former run, except under `silences`."""
        for policy, _ in self._targets:
            policy.adopt(open_, now, wall, silences)

    def post(self, moment: Moment) -> None:
        """Take the present moment and send what is due; call this regularly, as messages wait."""
        self._moment = moment
        for policy, worker in self._targets:
            for group in policy.step(moment):
                worker.put(message_of(group, self._logs))

    def statuses(self) -> tuple[TargetStatus, ...]:
        """Return each target's status; any thread may call this."""
        statuses = (worker.status() for _, worker in self._targets)
        if not self.stands_back:
            return tuple(statuses)
        return tuple(each._replace(problem=each.problem or _ANOTHER) for each in statuses)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Send the waiting messages, for at most `seconds` seconds."""
        self.post(self._moment._replace(now=time.monotonic(), changed=(), last=True))
        for _, worker in self._targets:
            worker.finish()
        deadline = time.monotonic() + seconds
        for _, worker in self._targets:
            worker.join(max(0.0, deadline - time.monotonic()))


def message_of(group: Group, logs: Sequence[str] = ()) -> Message:
    """Return a message that names this machine as its host."""
    return Message(group, socket.gethostname(), logs)


def _sender(target: TargetSettings) -> Sender | None:
    """Return a target's sender; None if the screen itself notifies."""
    try:
        return target.open()
    except UsageError as error:
        return UnavailableSender(str(error))
