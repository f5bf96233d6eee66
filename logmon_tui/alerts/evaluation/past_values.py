"""What a rule measured of a subject up to a slot, for the evidence of an incident. Pure."""

from msgspec.structs import replace

from logmon_tui.alerts.evaluation.measuring import measurement_of
from logmon_tui.alerts.evaluation.ring import CountRing
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Rule


def with_past_values(  # noqa: PLR0913 - what a measurement needs
    evidence: Evidence, ring: CountRing, rule: Rule, subject: Subject, slot: int, *, resolution: int
) -> Evidence:
    """Return `evidence` with what a rule measured of a subject in the slots up to `slot`.

    These are as many as `ring` keeps for it. Response times are of `resolution` (µs, 0 if unknown).
    """
    values = tuple(
        measurement_of(rule, subject, now, before, resolution).judged
        for now, before in ring.windows.past(rule, subject, slot)
    )
    start = (slot - len(values) + 2) * ring.bucket_size - 1
    return replace(evidence, start=start, step=ring.bucket_size, values=values)
