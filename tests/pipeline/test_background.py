"""Work in the background: one after the other, with its results and errors."""

import threading

import pytest

from logmon_tui.pipeline.background import Background


def test_work_is_done_in_another_thread_one_after_the_other() -> None:
    background, done = Background(), list[int]()
    begun = threading.Event()

    def first() -> int:
        assert begun.wait(10)
        done.append(1)
        return threading.get_ident()

    results = [background(first), background(lambda: done.append(2) or 0)]
    assert not done
    begun.set()
    assert results[0]() != threading.get_ident()
    assert (results[1](), done) == (0, [1, 2])
    background.close()


def test_an_error_is_raised_where_its_result_is_awaited() -> None:
    background = Background()

    def fail() -> None:
        raise ValueError("broken")

    result = background(fail)
    with pytest.raises(ValueError, match="broken"):
        result()
    background.close()


def test_where_no_thread_can_be_started_the_caller_does_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    background = Background()
    assert background(threading.get_ident)() == threading.get_ident()
