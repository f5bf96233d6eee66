"""Feed a RuleEvaluator random cases, and compare it with brute force."""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

import msgspec
from hypothesis import Phase, settings

from logmon_tui.alerts.evaluation.alert import Alert
from logmon_tui.alerts.evaluation.evaluator_state import EvaluatorState
from logmon_tui.alerts.evaluation.limit_state import Phase as LimitPhase
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.incident import Incident
from tests.alerts.raw_traffic import raw_batch
from tests.alerts.raw_verdict import Verdict, as_rows
from tests.alerts.rule_brute_force import judged, slot_ends
from tests.alerts.rule_strategies import Case
from tests.effort import examples
from tests.traffic import pieces

UNSHRUNK = settings(max_examples=examples(50), deadline=None, phases=(Phase.reuse, Phase.generate))
"""Settings without shrinking, which would take minutes for a failing case."""


class Fed:
    """An evaluator that is fed the lines of a case, and the incidents that it returned."""

    def __init__(self, case: Case, chance: random.Random) -> None:
        self.case, self.chance = case, chance
        self.engine = RuleEvaluator(case.rules, case.size)
        self.engine.begin(case.lines.hits[0].second)
        self.known: dict[str, Incident] = {}
        self._fed, self._fed_hits = case.lines.hits[0].second - 1, 0
        self._in_order = sorted(case.lines.hits, key=case.lines.written_at)

    def feed_up_to(self, second: int) -> None:
        """Feed the lines up to `second`, in random pieces."""
        lines = self.case.lines
        end = bisect_right(self._in_order, second, key=lines.written_at)
        for piece in pieces(self._in_order[self._fed_hits : end], self.chance):
            self.engine.take(raw_batch(piece))
        unparsed = Counter(each for each in lines.unparsed if self._fed < each <= second)
        for each, count in sorted(unparsed.items()):
            self.engine.take_unparsed(each, count)
        self._fed, self._fed_hits = max(second, self._fed), max(end, self._fed_hits)

    def judge_up_to(self, second: int) -> None:
        self.known.update((each.id, each) for each in self.engine.judge_up_to(second))

    def reload(self) -> None:
        """Continue with the evaluator of settings that were read again, and are the same."""
        self.engine, orphans = self.engine.renewed(self.case.rules)
        assert orphans == []

    def restart(self) -> None:
        """Continue with another evaluator, restored from the state of this one."""
        state = msgspec.msgpack.encode(self.engine.state())
        ring, former = self.engine.ring, self.engine
        slots = [(slot, ring.slot_counts(slot)) for slot in ring.slots]
        self.engine = RuleEvaluator(self.case.rules, self.case.size)
        state = msgspec.msgpack.decode(state, type=EvaluatorState)
        hours = [*former.long.unsaved(everything=True)]
        known = former.ring.novelties.unsaved(everything=True)
        assert self.engine.restore(state, slots, former.open, hours, known) == []

    def restart_or_reload(self) -> None:
        """Continue with another evaluator, by one way or the other."""
        self.chance.choice((self.restart, self.reload))()

    @property
    def incidents(self) -> list[Incident]:
        """Every incident as it is now."""
        return list((self.known | {each.id: each for each in self.engine.open}).values())


def assert_stands(alerts: Iterable[Alert], verdict: Verdict, second: int) -> None:
    """Check the limit states of every rule, and how many subjects are suppressed."""
    for alert in alerts:
        name = alert.rule.name
        found = {
            subject: [
                (
                    limit_state.phase.name.lower(),
                    limit_state.since
                    if limit_state.phase in {LimitPhase.PENDING, LimitPhase.RECOVERING}
                    else None,
                )
                for limit_state in subject_state.limit_states
            ]
            for subject, subject_state in alert.subject_states.items()
        }
        assert found == verdict.limit_states.get((name, second), {}), (name, second)
        assert alert.suppressed == verdict.suppressed.get((name, second), 0), (name, second)
        assert alert.held == verdict.held.get((name, second), 0), (name, second)


def assert_restarts_change_nothing(case: Case, chance: random.Random, share: float) -> None:
    """Restart or reload in a `share` of all slots, also within one; each stands as expected."""
    verdict = judged(case.rules, case.lines, case.size, case.last)
    fed = Fed(case, chance)
    for second in slot_ends(case.lines.hits[0].second, case.last, case.size):
        fed.feed_up_to(second - chance.choice((0, 0, 1)) * chance.randrange(case.size))
        if chance.random() < share:
            fed.restart_or_reload()
        fed.feed_up_to(second)
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


def assert_late_hits_count(case: Case, chance: random.Random, most: int) -> None:
    """Write some hits up to `most` seconds late; they must count from the next verdict on."""
    late = {each: each.second + chance.randint(1, most) for each in case.lines.hits[1:]}
    written = {each: at for each, at in late.items() if chance.random() < 0.3}
    case = case._replace(lines=case.lines._replace(written=written))
    verdict = judged(case.rules, case.lines, case.size, case.last)
    fed = Fed(case, chance)
    for second in slot_ends(case.lines.hits[0].second, case.last, case.size):
        fed.feed_up_to(second)
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)
