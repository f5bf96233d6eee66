"""Take over the counts of another run, whose rules or bucket size may have been others."""

from collections.abc import Iterable

from logmon_tui.alerts.evaluation.counter_keys import CounterKey
from logmon_tui.alerts.evaluation.crowd import Loss
from logmon_tui.alerts.evaluation.evaluator_state import EvaluatorState
from logmon_tui.alerts.evaluation.heirs import heirs_of, inherited
from logmon_tui.alerts.evaluation.ring import CountRing, SlotCounts


def restore_counts(
    ring: CountRing, state: EvaluatorState, slots: Iterable[tuple[int, SlotCounts]]
) -> dict[CounterKey, int]:
    """Put saved counts into a ring; return from which slot on those of each key are complete.

    Unless a new slot is some whole old ones, no count fits: then all begin after the saved ones.
    """
    counted = ring.counter_keys()
    heirs = heirs_of(dict(state.since), counted)
    wider, rest = divmod(ring.bucket_size, state.bucket_size)
    if rest:
        last = max((slot for slot, _ in slots), default=state.judged or 0)
        second = (max(last, state.judged or 0) + 1) * state.bucket_size
        return dict.fromkeys(counted, -(-second // ring.bucket_size))
    ring.restore((slot // wider, dict(inherited(each.items(), heirs))) for slot, each in slots)
    ring.admissions.set_losses(
        (key, [Loss(each.first // wider, each.last // wider, each.most) for each in losses])
        for key, losses in inherited(state.losses, heirs)
    )
    ring.admissions.set_refused(
        (key, [(slot // wider, subjects) for slot, subjects in refused.items()])
        for key, refused in inherited(state.refused, heirs)
    )
    since = inherited(state.since, heirs)
    return {key: -(-slot // wider) for key, slot in since if key in counted}
