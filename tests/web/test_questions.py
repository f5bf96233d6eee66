"""From the parameters of a request to a question."""

import pytest

from logmon_tui.filters.language import Filter
from logmon_tui.snapshot import Order, Question
from logmon_tui.web.problems import ProblemError
from logmon_tui.web.questions import Questions
from tests.traffic import settings_of

ERRORS = "status:5xx"


def asked(**given: str) -> Question:
    return Questions(settings_of(filters={"mine": "path:/api/*"})).of(given)


def test_nothing_asks_for_the_present() -> None:
    assert asked() == Question()


def test_all_can_be_asked_for() -> None:
    graph = {"columns": "50", "step": "5", "until": "1200"}
    found = asked(where=ERRORS, window="60", end="1000", order="slowest", **graph)
    assert found.where.text == ERRORS
    assert found == Question(found.where, 60, 1_000, 50, 5, Order.SLOWEST, graph_end=1_200)


@pytest.mark.parametrize("end", ["2026-11-21T12:00:00Z", "2026-11-21 12:00", "1795262400"])
def test_times_are_written_in_more_ways_than_one(end: str) -> None:
    assert asked(end=end).end == 1_795_262_400


def test_filters_of_the_settings_have_their_names_here_too() -> None:
    assert asked(where="@mine").where.text == "@mine"


def test_without_a_filter_it_is_that_of_the_watch() -> None:
    questions = Questions(settings_of(where=ERRORS))
    assert questions.of({}).where.text == ERRORS
    assert questions.of({"where": ""}).where == Filter()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("where", "status:", "where: "),
        ("where", "@yours", "where: "),
        ("where", "x" * 1_001, "1000 characters"),
        ("window", "0", "from 1 to"),
        ("window", "-1", "from 1 to"),
        ("window", "1e3", "from 1 to"),
        ("window", "٣", "from 1 to"),
        ("window", "9" * 5_000, "from 1 to"),
        ("window", "", "from 1 to"),
        ("columns", "401", "from 0 to 400"),
        ("step", "0", "from 1 to"),
        ("end", "", "end is a time"),
        ("until", "soon", "until is a time"),
        ("end", "yesterday", "end is a time"),
        ("end", "99999999999999", "end is a time"),
        ("end", "2h", "end is a time"),
        ("end", "9999-12-31T23:59:60Z", "end is a time"),
        ("end", "0001-01-01", "end is a time"),
        ("order", "oldest", "order is one of newest"),
        ("nothing", "1", "is no parameter"),
        ("\x1b]0;x", "1", "is no parameter"),
    ],
)
def test_anything_else_is_refused_with_what_would_do(name: str, value: str, told: str) -> None:
    with pytest.raises(ProblemError, match=told) as refused:
        asked(**{name: value})
    assert refused.value.status_code == 400
    assert refused.value.detail.isprintable()
