"""A policy of notifications, and all that happens around it."""

from dataclasses import dataclass, field

from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.notify.message import Event, EventKind, Group
from logmon_tui.notify.policy import Moment, Policy
from logmon_tui.notify.screen import Bell
from logmon_tui.notify.target import TargetSettings
from tests.notify.examples import START, incident

FIRED, SEVERITY, FIRING, RECOVERED = list(EventKind)[:4]
RENOTIFY = {"traffic": 10, "errors": 25}
Key = tuple[str, bytes | None]


@dataclass
class World:
    """A policy, and all that happens around it; wall and monotonic time differ by START."""

    target: TargetSettings
    now: float = 0.0
    open: dict[Key, Incident] = field(default_factory=dict)
    changed: list[Incident] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    told: list[tuple[float, Group]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.policy = Policy(self.target, RENOTIFY)
        self.number = 0
        self.messages_now: dict[str, str] = {}

    def fire(self, key: Key = ("traffic", None), severity: Severity = Severity.CRITICAL) -> None:
        self.number += 1  # ids must differ within a second, too
        fired = incident(*key, START + int(self.now), id=f"{self.number}", severity=severity)
        self.open[key] = fired
        self.changed.append(fired)

    def recover(self, key: Key = ("traffic", None)) -> None:
        ended = replace(self.open.pop(key), recovered_at=START + int(self.now), recovery="over")
        self.changed.append(ended)

    def alter(self, key: Key = ("traffic", None), **changes: object) -> None:
        self.open[key] = replace(self.open[key], **changes)  # type: ignore[arg-type]

    def step(self, seconds: float = 0.0, *, hold: bool = False) -> list[tuple[str, str]]:
        """Let time pass; return kinds and rules of what is told then."""
        self.now += seconds
        wall = START + self.now
        changed, self.changed = self.changed, []
        moment = Moment(
            self.now,
            wall,
            changed,
            list(self.open.values()),
            tuple(self.silences),
            hold,
            messages_now=self.messages_now,
        )
        groups = self.policy.step(moment)
        self.told += [(self.now, group) for group in groups]
        return [(each.kind.value, each.incident.rule) for group in groups for each in group.events]

    def steps(self, seconds: int) -> list[tuple[str, str]]:
        return [told for _ in range(seconds) for told in self.step(1.0)]

    def silence(self, seconds: float, rule: str | None = None) -> None:
        wall = START + self.now
        self.silences.append(Silence(wall, wall + seconds, rule))

    @property
    def events(self) -> list[tuple[float, Event]]:
        return [(now, event) for now, group in self.told for event in group.events]


def world(**given_settings: object) -> World:
    return World(Bell(**{"group_wait": 0.0, **given_settings}))  # type: ignore[arg-type]
