from msgspec.structs import replace

from logmon_tui.alerts.evaluation.counter_keys import counter_key_of
from logmon_tui.alerts.evaluation.coverage import Coverage
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, When
from tests.notify.examples import START, incident

RATE = Rule(name="traffic", title="Traffic", metric=Metric.RATE, critical=10.0, window=60)
QUIET = Rule(
    name="quiet", title="Quiet", metric=Metric.RATE, critical=1.0, window=60, when=When.BELOW
)
SILENT = Rule(
    name="silent",
    title="Silent",
    metric=Metric.RATE,
    critical=1.0,
    window=60,
    no_data=NoData.ALERT,
    minimum_hits=1,
)
FIRST = START // 10  # a slot of 10 seconds


def covered(*rules: Rule) -> Coverage:
    coverage = Coverage(10)
    coverage.begin(map(counter_key_of, rules), FIRST)
    return coverage


def test_a_counter_begins_once() -> None:
    coverage, keys = Coverage(10), [counter_key_of(RATE)]
    assert not coverage.has_all(keys)
    coverage.begin(keys, FIRST)
    coverage.begin(keys, FIRST + 5)
    assert coverage.has_all(keys)
    assert coverage.first_judged(RATE, None) == FIRST


def test_a_rule_that_counts_nothing_yet_is_judged_from_the_next_slot_on() -> None:
    assert Coverage(10).first_judged(RATE, FIRST) == FIRST + 1


def test_missing_traffic_is_judged_once_a_window_is_counted() -> None:
    assert covered(QUIET).first_judged(QUIET, None) == FIRST + 5


def test_no_data_means_something_once_a_window_is_counted() -> None:
    coverage = covered(SILENT)
    assert coverage.first_full(SILENT, None) == FIRST + 5
    assert coverage.first_judged(SILENT, None) == FIRST
    assert coverage.first_full(RATE, None) == 0


def test_an_incident_that_began_before_the_counts_waits_for_a_counted_window() -> None:
    fires = incident("traffic", second=START - 30, window=60)
    coverage, rules = covered(RATE), {"traffic": RATE}
    coverage.note_open([fires], rules, FIRST)
    assert coverage.first_judged(RATE, FIRST) == FIRST + 5
    coverage.note_open([replace(fires, triggered_at=START)], rules, FIRST)
    assert coverage.first_judged(RATE, FIRST) == FIRST


def test_so_does_one_whose_window_is_longer_now() -> None:
    fires = incident("traffic", second=START, window=30)
    coverage = covered(RATE)
    coverage.note_open([fires], {"traffic": RATE}, FIRST)
    assert coverage.first_judged(RATE, FIRST) == FIRST + 5
    coverage.note_open([fires], {"traffic": RATE}, FIRST + 10)  # all of it is counted by then
    assert coverage.first_judged(RATE, FIRST + 10) == FIRST


def test_what_is_saved_says_from_when_counts_are_still_kept() -> None:
    coverage, key = covered(RATE), counter_key_of(RATE)
    assert coverage.state(None, lambda _: 6) == [(key, FIRST)]
    assert coverage.state(FIRST + 100, lambda _: 6) == [(key, FIRST + 94)]
    another = Coverage(10)
    another.restore(dict(coverage.state(FIRST + 100, lambda _: 6)))
    assert another.first_judged(RATE, FIRST + 100) == FIRST + 94
