"""A silence that outlives a run: what fired in it is told when it ends, as in one run."""

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.notify.policy import Moment, Policy
from logmon_tui.notify.text import Text
from logmon_tui.notify.webhook import Webhook
from tests.tui.fakes import incident

TARGET = Webhook(url=Text("https://example.net/"), group_wait=0)
SILENCE = (Silence(since=900.0, until=2_000.0),)


@pytest.mark.parametrize(
    ("triggered_at", "told"), [(1_000, [(2_000.0, "fired")]), (800, [(2_400.0, "firing")])]
)
def test_what_fired_in_a_silence_is_told_when_it_ends(
    triggered_at: int, told: list[tuple[float, str]]
) -> None:
    policy = Policy(TARGET, {})
    fired = replace(incident(), triggered_at=triggered_at)
    policy.adopt([fired], 0.0, 1_500.0, SILENCE)
    found = []
    for wall in range(1_500, 2_500):
        in_force = SILENCE if wall < 2_000 else ()
        moment = Moment(wall - 1_500.0, float(wall), open=[fired], silences=in_force)
        for group in policy.step(moment):
            found += [(float(wall), event.kind.value) for event in group.events]
    assert found == told
