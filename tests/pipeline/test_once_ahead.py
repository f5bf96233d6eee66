"""One of many things is worked on in a thread of its own, and nobody is worse off if that fails."""

import threading

import pytest

from logmon_tui.pipeline.once_ahead import CHOSEN, OnceAhead


def test_one_thing_is_worked_on_by_another_thread_while_the_caller_goes_on() -> None:
    going_on, taken = threading.Event(), []

    def work(number: int) -> None:
        assert going_on.wait(60)
        taken.append((number, threading.current_thread() is threading.main_thread()))

    ahead = OnceAhead(work)
    for number in range(1, 20):
        ahead.take(number)
    assert taken == []  # and this line is reached
    going_on.set()
    ahead.close()
    assert taken == [(CHOSEN, False)]


def test_a_few_things_need_no_thread() -> None:
    taken: list[int] = []
    ahead = OnceAhead(taken.append)
    for number in range(1, CHOSEN):
        ahead.take(number)
    ahead.close()
    assert taken == []


def test_an_error_is_left_to_whoever_does_the_work_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(number: int) -> None:
        raise ArithmeticError(number)

    ahead = OnceAhead(fail)
    for number in range(CHOSEN):
        ahead.take(number)
    ahead.close()
    assert capsys.readouterr().err == ""


def test_where_no_thread_can_be_started_the_work_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    taken: list[int] = []
    ahead = OnceAhead(taken.append)
    for number in range(CHOSEN):
        ahead.take(number)
    ahead.close()
    assert taken == []
