"""What is usual: messages, states and checks of rules that compare with former days."""

from typing import Any

import pytest

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Direction
from logmon_tui.alerts.model.state import State
from logmon_tui.alerts.rules.text import rule_text
from logmon_tui.errors import RuleError
from logmon_tui.monitor.alert_manager import AlertManager
from logmon_tui.tui.alerts.rules_text import rules_line
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.alerts.ways import Ruled
from tests.traffic import START, settings_of

DAY, HOUR = 86_400, 3_600
UNUSUAL = {"metric": "rate", "compare": "usual", "warning": 4, "window": 60}


def manager_of(**more: Any) -> AlertManager:
    """Return a manager with this rule only."""
    rules = settings_of(rules={"unusual": {**UNUSUAL, **more}}).alert_rules()
    return AlertManager(Ruled(given=tuple(each for each in rules if each.name == "unusual")))


def feed(manager: AlertManager, begin: int, end: int, gap: int) -> list[Incident]:
    """Feed a hit every `gap` seconds, judge up to `end`; return what changed."""
    seconds = range(START + begin, START + end, gap)
    manager.take(raw_batch([raw_hit(second) for second in seconds]), START + begin)
    return manager.judge_up_to(START + end - 1)


def test_a_rule_in_words() -> None:
    (rule,) = [each for each in manager_of(direction="both").rules if each.name == "unusual"]
    assert rule_text(rule) == (
        "rate more than 4 (warning) deviations above or below the usual of this hour over 1 min; "
        "given 3 of the last 28 days"
    )
    assert (rule.unit, rule.direction) == (Unit.DEVIATIONS, Direction.BOTH)
    (plain,) = [
        each
        for each in settings_of(rules={"own": {**UNUSUAL, "window": 900}}).alert_rules()
        if each.name == "own"
    ]
    unset = {key: value for key, value in UNUSUAL.items() if key != "window"}
    assert settings_of(rules={"own": unset}).alert_rules()[-1] == plain


def test_it_waits_for_days_and_says_how_many_are_recorded() -> None:
    manager = manager_of()
    feed(manager, 0, 2 * DAY + HOUR, 10)  # the hour of START itself began with the log
    status = next(each for each in manager.picture(0.0).rules if each.rule == "unusual")
    assert (status.state, status.basis) == (State.NO_DATA, "2 of 3 days recorded")
    assert rules_line([status]) == "◌ no data: Unusual (2 of 3 days recorded)"
    feed(manager, 2 * DAY + HOUR, 3 * DAY + 10, 10)
    status = next(each for each in manager.picture(0.0).rules if each.rule == "unusual")
    assert (status.state, status.value) == (State.OK, pytest.approx(0.0, abs=2))


def test_ten_times_the_usual_fires_and_says_what_is_usual() -> None:
    manager = manager_of()
    assert feed(manager, 0, 3 * DAY + HOUR, 10) == []
    (fired,) = feed(manager, 3 * DAY + HOUR, 3 * DAY + HOUR + 90, 1)
    assert fired.message == (
        "Unusual generated an alert - rate = 1.0/s, usually 0.1/s (of 3 days) "
        "(9.0 deviations, more than 4, 60 hits in 1 min), triggered at 2026-11-24T13:00:59Z"
    )
    (over,) = feed(manager, 3 * DAY + HOUR + 90, 3 * DAY + HOUR + 300, 10)
    assert over.recovered_at is not None
    assert "recovered - rate = 0.1/s, usually 0.1/s (of 3 days) (" in over.recovery


def test_silence_is_unusual_if_asked_for() -> None:
    manager = manager_of(direction="below", floor=0.01)
    feed(manager, 0, 3 * DAY + HOUR, 10)
    (fired,) = manager.judge_up_to(START + 3 * DAY + HOUR + 200)
    assert (fired.rule, fired.hits) == ("unusual", 0)


def test_an_outage_on_one_of_the_days_is_not_usual() -> None:
    manager = manager_of(days=5)
    for day in range(5):
        feed(manager, day * DAY, (day + 1) * DAY, 2 if day == 2 else 10)
    assert manager.open == []
    assert feed(manager, 5 * DAY, 5 * DAY + 600, 10) == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"metric": "hits"}, 'metric: with compare = "usual" cannot be hits'),
        ({"scope": "section"}, "scope: "),
        ({"when": "below"}, 'is written direction = "below"'),
        ({"window": 90}, "must be whole minutes"),
        ({"window": 7_200}, "3,600 seconds at most"),
        ({"no_data": "alert"}, "days may be missing"),
        ({"days": 2, "minimum_days": 3}, "3 of 2 days can never be recorded"),
        ({"days": 36}, "must be a whole number from 1 to 35"),
        ({"floor": 0}, "must be a number above 0"),
        ({"compare": "value", "days": 5}, 'needs compare = "usual"'),
        ({"compare": "usually"}, "did you mean usual?"),
    ],
)
def test_a_contradiction_is_refused(more: dict[str, Any], message: str) -> None:
    given = settings_of(rules={"own": {**UNUSUAL, **more}})
    with pytest.raises(RuleError) as error:
        given.all_rules()
    assert message in str(error.value)
