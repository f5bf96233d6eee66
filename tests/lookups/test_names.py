"""Names of addresses: confirmed or not, in time or not, remembered or asked again."""

import socket
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import pytest

from logmon_tui.formats.crawlers import Answer
from logmon_tui.lookups import names
from logmon_tui.lookups.names import Names, SystemResolver

WAIT = 60
"""Seconds until a test gives up on an answer."""


class FakeResolver:
    """Knows names and addresses; an exception in place of one is raised."""

    def __init__(self, reverse: dict[str, object], forward: dict[str, object]) -> None:
        self.reverse, self.forward = reverse, forward
        self.asked: list[str] = []

    def name_of(self, address: str) -> str:
        self.asked.append(address)
        return self._told(self.reverse.get(address, ""))

    def addresses_of(self, name: str) -> list[str]:
        return self._told(self.forward.get(name, socket.gaierror(socket.EAI_NONAME, "no such")))

    @staticmethod
    def _told(found: object) -> object:
        if isinstance(found, Exception):
            raise found
        return found


class StuckResolver:
    """Answers no question until the test lets it."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.asked = 0

    def name_of(self, address: str) -> str:
        self.asked += 1
        assert self.free.wait(WAIT)
        return "late.example"

    def addresses_of(self, name: str) -> list[str]:
        return ["192.0.2.1"]


@pytest.fixture
def stuck() -> Iterator[StuckResolver]:
    resolver = StuckResolver()
    yield resolver
    resolver.free.set()


def answer_of(asked: Names, address: str) -> Answer:
    told: SimpleQueue[Answer] = SimpleQueue()
    asked.ask(address, told.put)
    return told.get(timeout=WAIT)


@pytest.mark.parametrize(
    ("reverse", "forward", "answer"),
    [
        ("host.example", ["192.0.2.9", "192.0.2.1"], Answer("host.example", confirmed=True)),
        ("host.example", ["192.0.2.9"], Answer("host.example")),
        ("host.example", [], Answer("host.example")),
        ("host.example", ["nonsense"], Answer("host.example")),
        ("", [], Answer()),
        ("gone.example", socket.gaierror(socket.EAI_NONAME, "no"), Answer("gone.example")),
        ("a..b", UnicodeError("label empty"), Answer("a..b")),
        (
            "x",
            socket.gaierror(socket.EAI_AGAIN, "later"),
            Answer(problem="DNS could not tell: later"),
        ),
        ("x", OSError(101, "unreachable"), Answer(problem="DNS could not tell: unreachable")),
        (socket.herror(2, "try again"), [], Answer(problem="DNS could not tell: try again")),
        (UnicodeError("odd"), [], Answer(problem="DNS could not tell: odd")),
    ],
)
def test_a_name_is_confirmed_if_it_leads_back(
    reverse: object, forward: object, answer: Answer
) -> None:
    resolver = FakeResolver({"192.0.2.1": reverse}, {str(reverse): forward})
    assert answer_of(Names(resolver), "192.0.2.1") == answer


def test_addresses_of_ipv6_are_the_same_however_they_are_written() -> None:
    resolver = FakeResolver({"2001:db8::1": "six.example"}, {"six.example": ["2001:DB8:0::1%1"]})
    assert answer_of(Names(resolver), "2001:db8::1") == Answer("six.example", confirmed=True)


def test_answers_are_remembered_but_not_that_dns_could_not_tell() -> None:
    failing = socket.herror(2, "try again")
    resolver = FakeResolver({"192.0.2.1": "a.example", "192.0.2.2": failing}, {})
    asked = Names(resolver)
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.2"):
        answer_of(asked, address)
    assert resolver.asked == ["192.0.2.1", "192.0.2.2", "192.0.2.2"]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MAX_ANSWERS", 2)
    resolver = FakeResolver({}, {})
    asked = Names(resolver)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3", "192.0.2.1", "192.0.2.2"):
        answer_of(asked, address)
    assert resolver.asked == ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.2"]


def test_there_is_an_answer_by_the_deadline(stuck: StuckResolver) -> None:
    asked = Names(stuck, deadline=0.05)
    assert answer_of(asked, "192.0.2.1") == Answer(problem="DNS did not answer within 0.05 s")
    for number in range(2, names.MAX_OPEN + 1):
        assert "did not answer" in answer_of(asked, f"192.0.2.{number}").problem
    busy = Answer(problem="DNS has not answered earlier questions yet")
    assert answer_of(asked, "192.0.2.99") == busy
    assert stuck.asked == names.MAX_OPEN
    stuck.free.set()
    # What came late is known from then on, and there is room for other questions.
    until(lambda: answer_of(asked, "192.0.2.1") == Answer("late.example", confirmed=True))
    until(lambda: answer_of(asked, "192.0.2.99") == Answer("late.example"))


def until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(WAIT * 100):
        if condition():
            return
        pause.wait(0.01)
    pytest.fail("did not come true")


def test_the_answer_comes_on_another_thread_and_asking_waits_for_nothing(
    stuck: StuckResolver,
) -> None:
    told: SimpleQueue[threading.Thread] = SimpleQueue()
    Names(stuck).ask("192.0.2.1", lambda _: told.put(threading.current_thread()))
    assert told.empty()
    stuck.free.set()
    thread = told.get(timeout=WAIT)
    assert thread is not threading.current_thread()
    assert thread.daemon


@pytest.mark.parametrize(("code", "problem"), [(1, ""), (4, ""), (2, "later"), (3, "later")])
def test_the_system_tells_that_there_is_no_name_from_that_it_could_not_tell(
    code: int, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_address: str) -> None:
        raise socket.herror(code, "later")

    monkeypatch.setattr(socket, "gethostbyaddr", fails)
    answer = answer_of(Names(SystemResolver()), "192.0.2.1")
    assert answer == Answer(problem=f"DNS could not tell: {problem}" if problem else "")


def test_the_system_knows_this_machine() -> None:
    try:
        name = socket.gethostbyaddr("127.0.0.1")[0]
    except OSError:
        pytest.skip("this machine has no name for 127.0.0.1")
    answer = answer_of(Names(SystemResolver()), "127.0.0.1")
    assert answer == Answer(name, confirmed=True)
