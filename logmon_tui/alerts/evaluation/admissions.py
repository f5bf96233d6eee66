"""Admissions: who is counted by name for each counter of subjects, from run to run. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from logmon_tui.alerts.evaluation.admission import Admission
from logmon_tui.alerts.evaluation.counter_keys import CounterKey, counter_key_of
from logmon_tui.alerts.evaluation.counts import Bounds
from logmon_tui.alerts.evaluation.crowd import Loss
from logmon_tui.alerts.model.rule import Rule


class Admissions:
    """The Admission of each counter key whose rules judge subjects on their own.

    `bounds` has the bounds of each counter key, `kept` how many slots of it are kept.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        bounds: Mapping[CounterKey, Bounds],
        kept: Mapping[CounterKey, int],
    ) -> None:
        self._all = {
            key: Admission(key.kind, mine, bounds[key].subjects, kept[key])
            for key, mine in _sharing(rules).items()
        }

    def set_rules(self, rules: Iterable[Rule]) -> None:
        """Take the same rules, perhaps with other thresholds."""
        for key, mine in _sharing(rules).items():
            self._all[key].set_rules(mine)

    def of(self, counter_key: CounterKey) -> Admission | None:
        """Return the admission of a counter key, None if it counts all traffic at once."""
        return self._all.get(counter_key)

    def items(self) -> Iterator[tuple[CounterKey, Admission]]:
        """Yield each counter key with its admission."""
        yield from self._all.items()

    def name_everybody(self) -> None:
        """Count all subjects by name, as far as there is room: also those who cannot fire."""
        for admission in self._all.values():
            admission.name_everybody()

    # From run to run

    def losses(self) -> list[tuple[CounterKey, list[Loss]]]:
        """Return what the crowd of each counter key can have lost."""
        return [(key, each.losses) for key, each in self._all.items() if each.losses]

    def set_losses(self, losses: Iterable[tuple[CounterKey, list[Loss]]]) -> None:
        """Take over what the crowds of another run can have lost."""
        for key, mine in losses:
            if key in self._all:
                self._all[key].losses = list(mine)

    def refused(self) -> list[tuple[CounterKey, dict[int, int]]]:
        """Return how many subjects of each counter key found no room, by slot."""
        return [(key, dict(each.refused)) for key, each in self._all.items() if each.refused]

    def set_refused(self, refused: Iterable[tuple[CounterKey, Iterable[tuple[int, int]]]]) -> None:
        """Take over how many subjects found no room in the slots of another run."""
        for key, mine in refused:
            for slot, subjects in mine if key in self._all else ():
                self._all[key].note_refused(slot, subjects)


def _sharing(rules: Iterable[Rule]) -> dict[CounterKey, list[Rule]]:
    """Return the rules that judge subjects on their own, by counter key."""
    sharing: dict[CounterKey, list[Rule]] = {}
    for rule in rules:
        if rule.scopes:
            sharing.setdefault(counter_key_of(rule), []).append(rule)
    return sharing
