"""User agents counted by family."""

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.user_agents import BOT, NO_BOT
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.tally import Tally
from logmon_tui.monitor.agent_families import AgentFamilies
from logmon_tui.snapshot import Ranking, Window

AGENTS = {b"Googlebot/2.1": 50, b"curl/8.11": 30, b"curl/8.12": 10, b"GPTBot/1": 5, b"-": 5}


def bucket_of(hits: dict[bytes, int]) -> MetricsBucket:
    bucket = MetricsBucket()
    sizes = {agent: count * 10 for agent, count in hits.items()}
    bucket.tallies[Dimension.USER_AGENT] = Tally(dict(hits), sizes)
    return bucket


def hits_of(ranking: Ranking) -> dict[bytes, int]:
    return {row.key: row.hits for row in ranking.rows}


def test_agents_are_added_up_by_family_and_each_view_holds_all_hits() -> None:
    window = AgentFamilies().with_rankings(Window(), bucket_of(AGENTS), None)
    assert hits_of(window.browsers) == {BOT: 55, b"curl": 40, b"(none)": 5}
    assert hits_of(window.systems) == {BOT: 55, b"(unknown)": 40, b"(none)": 5}
    assert hits_of(window.bots) == {b"Googlebot": 50, NO_BOT: 45, b"GPTBot": 5}
    assert [row.hits for row in window.bots.rows] == [50, 45, 5]
    assert hits_of(window.agent_kinds) == {b"bot": 50, b"human": 45, b"ai": 5}
    assert window.browsers.rows[1].bytes == 400
    assert window.bots.other_hits == 0


def test_what_is_beyond_the_first_new_agents_counts_as_other_until_later() -> None:
    families, bucket = AgentFamilies(), bucket_of(AGENTS)
    first = families.with_rankings(Window(), bucket, None, new=2)
    assert hits_of(first.bots) == {b"Googlebot": 50, NO_BOT: 30}
    assert (first.bots.other_hits, first.bots.other_bytes) == (20, 200)
    later = families.with_rankings(Window(), bucket, None, new=2)
    assert later.bots.other_hits == 5
    assert families.with_rankings(Window(), bucket, None, new=2).bots.other_hits == 0


def test_the_quiet_agents_and_what_was_not_kept_are_other() -> None:
    bucket = bucket_of(AGENTS)
    bucket.tallies[Dimension.USER_AGENT].other_hits = 7
    window = AgentFamilies().with_rankings(Window(), bucket, None, loudest=3)
    assert hits_of(window.browsers) == {BOT: 50, b"curl": 40}
    assert window.browsers.other_hits == 17


def test_the_rows_are_bounded_and_what_was_seen_is_told() -> None:
    window = AgentFamilies().with_rankings(Window(), bucket_of(AGENTS), 1)
    assert hits_of(window.bots) == {b"Googlebot": 50}
    assert window.bots.distinct == 3


def test_a_log_without_agents_brings_no_families() -> None:
    window = AgentFamilies().with_rankings(Window(), bucket_of({}), None)
    assert window.browsers == window.systems == window.bots == window.agent_kinds == Ranking()
