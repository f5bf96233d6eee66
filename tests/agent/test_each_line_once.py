from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logmon_tui.agent.followed import FollowedLog
from tests.agent.dashboards import Dashboard, followed, messages_of, send_all
from tests.agent.logs import numbered, write
from tests.effort import examples


class Machine:
    """A log that is written and rotated, an agent that is killed, a broker that loses the end."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "access.log"
        self.log.touch()
        self.folder = folder / "state"
        self.written: list[bytes] = []
        self.dashboard = Dashboard()
        self.rotations = 0
        self.begin()

    def begin(self) -> None:
        self.agent: FollowedLog = followed(self.log, self.folder)
        self.agent.read()
        self.agent.save()  # an agent does so before anything else

    def write(self, count: int) -> None:
        lines = numbered(len(self.written), len(self.written) + count)
        self.written += lines
        write(self.log, *lines)

    def rotate(self, _: int) -> None:
        self.rotations += 1
        self.log.rename(self.log.with_name(f"access.log.{1_000 - self.rotations}"))
        self.log.touch()

    def read(self, _: int) -> None:
        self.agent.read()

    def look(self, _: int) -> None:
        self.agent.look()
        self.agent.save_what_waits()

    def arrive(self, count: int) -> None:
        if self.agent.read():
            self.agent.save()
            self.dashboard.hear(messages_of(self.agent)[:count])

    def send(self, _: int) -> None:
        send_all(self.agent, self.dashboard)

    def kill(self, _: int) -> None:
        self.agent.close()
        self.begin()


steps = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "rotate", "read", "look", "arrive", "send", "kill"]),
        st.integers(0, 5),
    ),
    max_size=25,
)


@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_each_line_counts_once_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, taken: list[tuple[str, int]]
) -> None:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    for name, number in taken:
        getattr(machine, name)(number)
    machine.send(0)
    machine.send(0)
    machine.agent.close()
    assert sorted(machine.dashboard.lines) == sorted(machine.written)
