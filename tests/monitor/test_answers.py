"""Questions are answered apart from what the screen shows."""

import pytest
from msgspec.structs import fields

from logmon_tui.filters.language import Filter, parsed
from logmon_tui.monitor.commands import ShowGraph, ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Order, Question, Ranking, Snapshot, Window
from tests.traffic import START, batch_of, hit, settings_of

SECONDS = 90
END = START + SECONDS - 1


def fed(*, headless: bool = False) -> HTTPMonitor:
    monitor = HTTPMonitor(settings_of(), whole_intervals=headless, keeps_hits=True)
    for second in range(SECONDS):
        now = START + second
        hits = [
            hit(now, path=b"/a/%d" % (second % 7), status=500 if second % 9 == 0 else 200),
            hit(now, path=b"/b", host=b"10.0.0.%d" % (second % 5)),
        ]
        monitor.feed(batch_of(hits), second)
        monitor.tick(second, now)
    return monitor


def answer(monitor: HTTPMonitor, question: Question) -> Snapshot:
    return monitor.answer(question, SECONDS - 1, END)


def shown(monitor: HTTPMonitor) -> Snapshot:
    return monitor.snapshot(SECONDS - 1, END)


def rankings(window: Window) -> dict[str, object]:
    found = ((each.name, getattr(window, each.name)) for each in fields(Window))
    return {name: value.rows for name, value in found if isinstance(value, Ranking)}


def assert_same(found: Snapshot, expected: Snapshot) -> None:
    assert rankings(found.now) == rankings(expected.now)
    same = ("rate", "traffic", "requests", "moment", "graph", "scope", "log_time")
    for name in same:
        assert getattr(found, name) == getattr(expected, name), name
    assert (found.now.hits, found.now.end) == (expected.now.hits, expected.now.end)


QUESTIONS = [
    Question(),
    Question(parsed("path:/b")),
    Question(parsed("status:5xx"), 60),
    Question(seconds=30, end=START + 50),
    Question(parsed("path:/a/*"), 20, START + 40, 40, 2, Order.NEWEST),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
@pytest.mark.parametrize("headless", [False, True], ids=["screen", "headless"])
def test_an_answer_is_what_a_screen_would_show(question: Question, headless: bool) -> None:
    screen = fed()
    if question.where or question.seconds:
        screen.shown.set_filter(question.where)
        screen.shown.set_window(question.seconds or 10)
    screen.shown.order = question.order
    if question.end is not None:
        screen.past.moment = ShowMoment(question.end, question.seconds)
    screen.past.graph = ShowGraph(question.columns, question.step, question.end)
    assert_same(answer(fed(headless=headless), question), shown(screen))


def test_an_answer_changes_nothing_on_the_screen() -> None:
    asked, left_alone = fed(), fed()
    asked.shown.set_filter(parsed("path:/b"))
    left_alone.shown.set_filter(parsed("path:/b"))
    for question in QUESTIONS:
        answer(asked, question)
    assert_same(shown(asked), shown(left_alone))


def test_many_questions_take_turns() -> None:
    monitor = fed()
    paths = [parsed(f"path:/a/{number}") for number in range(7)] * 3
    for where in [*paths, Filter()]:
        found = answer(monitor, Question(where, 60)).now
        expected = answer(fed(), Question(where, 60)).now
        assert found.hits == expected.hits
        assert rankings(found) == rankings(expected)


def test_a_question_may_ask_for_more_rows_than_the_screen_has() -> None:
    monitor = HTTPMonitor(settings_of(), keeps_hits=True)
    monitor.feed(batch_of([hit(START, path=b"/%d" % number) for number in range(500)]), 0)
    for rows, expected in ((None, 100), (300, 300), (1_000, 500), (None, 100)):
        found = monitor.answer(Question(seconds=60, rows=rows), 0, START).now.paths
        assert len(found.rows) == expected
        assert found.distinct == 500


def test_a_question_before_the_first_hit_is_answered() -> None:
    assert HTTPMonitor(settings_of()).answer(Question(), 0, START).log_time is None
