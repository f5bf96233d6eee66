from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.history.incident_history import IncidentHistory
from logmon_tui.alerts.model.incident import Hosts, Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.monitor.incident_book import IncidentBook
from tests.traffic import START, batch_of, hit

RULE = Rule(
    name="busy", title="Busy", metric=Metric.RATE, critical=4.0, window=5, message="{value} now"
)


class Watch:
    """A rule that fires as long as many hits come, and the book of its incidents."""

    def __init__(self) -> None:
        self.evaluator = RuleEvaluator([RULE], 1)
        self.history = IncidentHistory()
        self.book = IncidentBook(self.evaluator, self.history)
        self.second = START

    def judge(self, hits: int) -> list[Incident]:
        """Judge a second with so many hits; return what changed."""
        if hits:
            self.evaluator.begin(self.second)
            self.evaluator.take(batch_of([hit(self.second)] * hits))
        changed = self.evaluator.judge_up_to(self.second)
        self.history.add(each for each in changed if not each.firing)
        self.second += 1
        return changed

    def fire(self) -> Incident:
        (fired,) = self.judge(30)
        return fired

    def recover(self) -> None:
        while not any(not each.firing for each in self.judge(0)):
            pass


def test_what_users_say_of_an_incident_stays_when_it_recovers() -> None:
    watch = Watch()
    fired = watch.fire()
    watch.book.acknowledge(fired.id, 5.0)
    watch.book.set_note(fired.id, "seen")
    watch.recover()
    (kept,) = watch.book.all()
    assert (kept.firing, kept.acknowledged_at, kept.note) == (False, 5.0, "seen")
    watch.book.acknowledge(kept.id, None)
    watch.book.set_note(kept.id, "")
    (kept,) = watch.book.all()
    assert (kept.acknowledged_at, kept.note) == (None, "")


def test_nothing_is_said_of_an_incident_that_is_not_there() -> None:
    watch = Watch()
    watch.fire()
    before = watch.book.all()
    watch.book.set_note("another", "seen")
    assert watch.book.all() is before


def test_firing_incidents_come_first_then_the_newest() -> None:
    watch = Watch()
    for _ in range(2):
        watch.fire()
        watch.recover()
    watch.fire()
    found = watch.book.all()
    assert [each.firing for each in found] == [True, False, False]
    assert found[1].triggered_at > found[2].triggered_at


def test_messages_in_words_of_a_rule_say_what_is_now() -> None:
    watch = Watch()
    fired = watch.fire()
    assert watch.book.messages_now() == {}
    watch.judge(30)
    assert fired.message == "6.0/s now"
    assert watch.book.messages_now() == {fired.id: "12.0/s now"}


def test_an_incident_says_its_mark_and_of_how_many_hosts_it_speaks() -> None:
    watch, mark = Watch(), Mark(START - 5, "deployed")
    watch.book.set_marks((mark,))
    changed = watch.book.with_hosts(watch.book.with_marks([watch.fire()]), Hosts(2, 3))
    assert [(each.mark, each.hosts) for each in changed] == [(mark, Hosts(2, 3))]
    assert list(watch.book.all()) == changed


def test_incidents_found_elsewhere_are_taken_over_with_what_users_said() -> None:
    watch, elsewhere = Watch(), Watch()
    watch.fire()
    watch.book.set_note(watch.book.all()[0].id, "seen")
    watch.book.adopt([elsewhere.fire()])
    assert [(each.firing, each.note) for each in watch.book.all()] == [(True, "seen")]
    elsewhere.recover()
    watch.book.adopt(elsewhere.book.all())
    assert [(each.firing, each.note) for each in watch.book.all()] == [(False, "seen")]
    assert watch.evaluator.open == []
