"""Coverage: since when each counter counts, and so in which slot a rule is first judged. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping

from logmon_tui.alerts.evaluation.counter_keys import CounterKey, counter_key_of
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, When


class Coverage:
    """The first slot whose hits were counted, for each counter. Slots have `bucket_size` seconds.

    `judged` is always the last slot that was judged, None if none was.
    """

    def __init__(self, bucket_size: int) -> None:
        self._bucket_size = bucket_size
        self._since: dict[CounterKey, int] = {}
        self._incomplete: set[str] = set()  # rules with incidents that began before their counts

    def begin(self, counter_keys: Iterable[CounterKey], slot: int) -> None:
        """Note the first counted slot of each counter that has none yet."""
        for counter_key in counter_keys:
            self._since.setdefault(counter_key, slot)

    def has_all(self, counter_keys: Collection[CounterKey]) -> bool:
        """Tell whether each of the counters has a first slot."""
        return len(self._since) >= len(counter_keys)

    def first_judged(self, rule: Rule, judged: int | None) -> int:
        """Return the first slot in which a rule can be judged.

        Rules that fire below a threshold, or compare windows, need a fully counted window first:
        hits not counted would look like missing traffic. So does a rule with an incident that
        began before its counts: otherwise the incident would recover for lack of them.
        """
        needs_window = rule.when is When.BELOW or rule.metric is Metric.CHANGE
        if needs_window or rule.name in self._incomplete:
            return self._counted_window(rule, judged)
        return self._counted_from(rule, judged)

    def first_full(self, rule: Rule, judged: int | None) -> int:
        """Return the first slot in which no data means something, if the rule fires without data.

        Before a window is fully counted, hits may be few only because the log has just begun.
        """
        return self._counted_window(rule, judged) if rule.no_data is NoData.ALERT else 0

    def _counted_from(self, rule: Rule, judged: int | None) -> int:
        return self._since.get(counter_key_of(rule), (judged or 0) + 1)

    def _counted_window(self, rule: Rule, judged: int | None) -> int:
        """Return the first slot that ends a fully counted window."""
        return self._counted_from(rule, judged) + max(1, rule.reach // self._bucket_size) - 1

    def state(
        self, judged: int | None, kept: Callable[[CounterKey], int]
    ) -> list[tuple[CounterKey, int]]:
        """Return the first slot whose hits each counter still has.

        `kept` gives the number of slots that a counter keeps.
        """
        return [
            (counter_key, max(slot, (judged or 0) - kept(counter_key)))
            for counter_key, slot in self._since.items()
        ]

    def restore(self, since: Mapping[CounterKey, int]) -> None:
        """Go on with the first slots of another evaluator's counters."""
        self._since = dict(since)

    def note_open(
        self, incidents: Iterable[Incident], rules: Mapping[str, Rule], judged: int | None
    ) -> None:
        """Note which rules lack counts of hits that their open `incidents` are based on."""
        self._incomplete = {
            each.rule for each in incidents if self._lacks_counts(each, rules[each.rule], judged)
        }

    def _lacks_counts(self, incident: Incident, rule: Rule, judged: int | None) -> bool:
        """Tell whether an incident began before the counts did, or its window is longer now."""
        # Counts are kept for longer than its windows, or none are.
        if rule.long or rule.of_silence or rule.combines:
            return False
        since = self._since.get(counter_key_of(rule))
        if since is None or judged is None:
            return True
        begin = (judged + 1) * self._bucket_size - rule.reach
        longer = rule.window > incident.window and since * self._bucket_size > begin
        return longer or incident.triggered_at < since * self._bucket_size
