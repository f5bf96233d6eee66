"""Things are taken one after the other, in a thread of their own; no error is lost."""

import threading

import pytest

from logmon_tui.pipeline.in_turn import InTurn


def test_all_are_taken_in_their_order_and_only_the_first_by_the_caller() -> None:
    taken: list[int] = []
    threads: list[str] = []

    def take(number: int) -> None:
        taken.append(number)
        threads.append(threading.current_thread().name)

    turns = InTurn(take)
    for number in range(50):
        turns.take(number)
    turns.close()
    assert taken == list(range(50))
    assert threads[0] == threading.current_thread().name
    assert len(set(threads[1:])) == 1
    assert threads[1] != threads[0]


def test_the_caller_goes_on_while_a_thing_is_taken_but_does_not_run_ahead() -> None:
    going_on, taken = threading.Event(), []

    def take(number: int) -> None:
        if number == 1:
            assert going_on.wait(60)
        taken.append(number)

    turns = InTurn(take)
    turns.take(0)
    turns.take(1)
    assert taken == [0]  # and this line is reached
    going_on.set()
    turns.take(2)
    assert taken[:2] == [0, 1]
    turns.close()
    assert taken == [0, 1, 2]


def test_an_error_is_raised_by_the_next_call_or_at_the_end() -> None:
    def take(number: int) -> None:
        if number:
            raise ArithmeticError(number)

    turns = InTurn(take)
    turns.take(0)
    turns.take(1)
    with pytest.raises(ArithmeticError):
        turns.take(2)
    turns.close()
    others = InTurn(take)
    others.take(0)
    others.take(1)
    with pytest.raises(ArithmeticError):
        others.close()
    with pytest.raises(ArithmeticError):
        InTurn(take).take(1)


def test_the_last_work_follows_all_calls_in_their_thread_if_there_is_one() -> None:
    done: list[tuple[object, str]] = []

    def take(thing: object) -> None:
        done.append((thing, threading.current_thread().name))

    here = threading.current_thread().name
    for count, by_caller in ((0, True), (1, True), (5, False)):
        done.clear()
        turns = InTurn(take)
        for number in range(count):
            turns.take(number)
        turns.end_with(lambda: take("the last"))
        turns.close()
        assert [thing for thing, _ in done] == [*range(count), "the last"]
        assert (done[-1][1] == here) == by_caller


def test_an_error_of_the_last_work_is_raised_at_the_end() -> None:
    def fail() -> None:
        raise ArithmeticError

    turns = InTurn(int)
    turns.take(0)
    turns.take(1)
    turns.end_with(fail)
    with pytest.raises(ArithmeticError):
        turns.close()
