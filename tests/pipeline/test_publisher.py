from collections.abc import Sequence

import pytest

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.pipeline.publisher import Listener, Publisher
from logmon_tui.snapshot import Snapshot
from tests.notify.examples import incident


class Heard:
    """Notes what a publisher of snapshots every 0.5 seconds passes on."""

    def __init__(self, *, every_window: bool = False) -> None:
        self.pictures = 0
        self.incidents: list[Incident] = []
        self.publisher = Publisher(
            Listener(self._picture, self._changed, every=0.5), 10.0, every_window=every_window
        )

    def _picture(self, _snapshot: Snapshot) -> None:
        self.pictures += 1

    def _changed(self, changed: Sequence[Incident]) -> None:
        self.incidents += changed

    def publish(
        self, now: float, second: int = 100, window_end: int | None = None, *, early: bool = True
    ) -> int:
        """Publish what is due; return how many snapshots were, up to now."""
        self.publisher.publish(now, second, window_end, Snapshot, early=early)
        return self.pictures


def test_the_first_snapshot_is_due_at_once_and_the_next_after_an_interval() -> None:
    heard = Heard()
    assert heard.publish(10.0) == 1
    heard.publisher.note()
    assert heard.publish(10.2) == 1
    assert heard.publish(10.3) == 2


def test_while_a_backlog_is_read_no_snapshot_comes_early() -> None:
    heard = Heard()
    heard.publish(10.0, early=False)
    heard.publisher.note()
    assert heard.publish(10.4, early=False) == 1
    assert heard.publish(10.5, early=False) == 2


def test_when_nothing_happens_only_the_clocks_change() -> None:
    heard = Heard()
    heard.publish(10.0, second=100)
    assert heard.publish(10.9, second=100) == 1
    assert heard.publish(11.0, second=101) == 2


def test_what_is_in_a_hurry_waits_for_no_interval() -> None:
    heard = Heard()
    heard.publish(10.0)
    heard.publisher.hurry()
    assert heard.publish(10.0) == 1  # nothing happened
    heard.publisher.note()
    assert heard.publish(10.0) == 2


def test_each_window_that_ends_is_published_if_it_is_asked_for() -> None:
    heard, each = Heard(), Heard(every_window=True)
    for one in (heard, each):
        one.publish(10.0, window_end=9)
        one.publish(10.1, window_end=19)
    assert (heard.pictures, each.pictures) == (1, 2)
    assert each.publish(10.7, window_end=19) == 3  # at each interval too


def test_incidents_are_passed_on_once_and_without_a_snapshot() -> None:
    heard = Heard()
    heard.publish(10.0)
    heard.publisher.note([incident()])
    heard.publish(10.1)
    heard.publisher.pass_incidents()
    assert (len(heard.incidents), heard.pictures) == (1, 1)


def test_an_exception_of_the_listener_is_passed_on() -> None:
    def gone(_snapshot: Snapshot) -> None:
        raise BrokenPipeError

    publisher = Publisher(Listener(gone), 10.0, every_window=False)
    with pytest.raises(BrokenPipeError):
        publisher.publish(10.0, 100, None, Snapshot)
