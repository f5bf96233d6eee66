"""Notifier: passes incidents to each target's policy, and what that decides to its worker."""

import socket
import time
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

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
        self._retry = retry
        self._settings: dict[str, TargetSettings] = {}
        self._workers: dict[str, tuple[Policy, Worker]] = {}
        self._open(targets, renotify)
        self.stands_back = False
        self._moment = Moment(0.0, 0.0, hold=True)

    def _open(self, targets: Mapping[str, TargetSettings], renotify: Mapping[str, int]) -> None:
        """Open the targets that are new or changed, and put all into their order."""
        known, self._workers = self._workers, {}
        for name, target in targets.items():
            if name in known and self._settings.get(name) == target:
                policy, worker = known.pop(name)
                policy.renotify = renotify
                self._workers[name] = policy, worker
            elif (sender := _sender(target)) is not None:
                policy = Policy(target, renotify)
                self._workers[name] = policy, Worker(name, target.KIND, sender, self._retry)
        for _, worker in known.values():
            worker.finish()  # it sends what waits, and ends by itself
        self._settings = dict(targets)

    @property
    def _targets(self) -> Iterable[tuple[Policy, Worker]]:
        return self._workers.values()

    def reload(self, targets: Mapping[str, TargetSettings], renotify: Mapping[str, int]) -> None:
        """Notify other targets from now on; those that are the same go on where they stand.

        New ones do not hear of what fires already.
        """
        before = {id(policy) for policy, _ in self._targets}
        self._open(targets, renotify)
        moment = self._moment
        for policy, _ in self._targets:
            if id(policy) not in before:
                policy.adopt(moment.open, moment.now, moment.wall, moment.silences)

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
        for policy, worker in list(self._targets):
            for group in policy.step(moment):
                worker.put(message_of(group, self._logs))

    def statuses(self) -> tuple[TargetStatus, ...]:
        """Return each target's status; any thread may call this."""
        statuses = (worker.status() for _, worker in self._targets)
        if not self.stands_back:
            return tuple(statuses)
        return tuple(replace(each, problem=each.problem or _ANOTHER) for each in statuses)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Send the waiting messages, for at most `seconds` seconds."""
        self.post(self._moment._replace(now=time.monotonic(), changed=(), last=True))
        for _, worker in self._targets:
            worker.finish()
        deadline = time.monotonic() + seconds
        for _, worker in self._targets:
            worker.join(max(0.0, deadline - time.monotonic()))


def message_of(group: Group, logs: Sequence[str]) -> Message:
    """Return a message that names this machine as its host."""
    return Message(group, socket.gethostname(), logs)


def _sender(target: TargetSettings) -> Sender | None:
    """Return a target's sender; None if the screen itself notifies."""
    try:
        return target.open()
    except UsageError as error:
        return UnavailableSender(str(error))
