"""Count user agents by family (browsers, operating systems, bots) and by kind."""

from collections import Counter
from dataclasses import replace
from heapq import nlargest

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.user_agents import Family, families_of, kind_of
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.tally import Tally
from logmon_tui.snapshot import CountRow, Ranking, Window

MAX_AGENTS = 2_000
"""Maximum agents, those with the most hits, that are counted by family; the rest is "(other)"."""

MAX_NEW_AGENTS = 300
"""Maximum new agents looked up per snapshot. A hostile one takes half a millisecond."""

MAX_REPORT_AGENTS = 20_000
"""Maximum agents looked up in a report, which is made only once."""


class AgentFamilies:
    """Caches the families of agents from snapshot to snapshot."""

    def __init__(self) -> None:
        self._known: dict[bytes, Family] = {}

    def with_rankings(
        self,
        window: Window,
        bucket: MetricsBucket,
        rows: int | None,
        *,
        loudest: int = MAX_AGENTS,
        new: int = MAX_NEW_AGENTS,
    ) -> Window:
        """Return `window`, made of `bucket`, with rankings by family and kind of agents added.

        Each ranking adds up to all hits: all bots together are one browser and one system. The
        `loudest` agents are counted by family, of which at most `new` are looked up in one call.
        The rest counts as other, until a later call. `rows` bounds each ranking; None keeps all
        rows.
        """
        agents = bucket.tallies[Dimension.USER_AGENT]
        self._learn(agents, loudest, new)
        known = [(agent, family.names) for agent, family in self._known.items()]
        return replace(
            window,
            browsers=_ranking(agents, [(agent, each.browser) for agent, each in known], rows),
            systems=_ranking(agents, [(agent, each.system) for agent, each in known], rows),
            bots=_ranking(agents, [(agent, each.bot) for agent, each in known], rows),
            agent_kinds=_ranking(agents, [(a, kind_of(a).encode()) for a in self._known], rows),
        )

    def _learn(self, agents: Tally, loudest: int, new: int) -> None:
        """Look up the loudest agents, and forget those that no longer are among them."""
        loud = nlargest(loudest, agents.hits, key=agents.hits.__getitem__)
        unknown = [agent for agent in loud if agent not in self._known][:new]
        found = dict(zip(unknown, families_of(unknown), strict=True))
        known = ((agent, self._known.get(agent) or found.get(agent)) for agent in loud)
        self._known = {agent: family for agent, family in known if family is not None}


def _ranking(agents: Tally, names: list[tuple[bytes, bytes]], rows: int | None) -> Ranking:
    hits: Counter[bytes] = Counter()
    sizes: Counter[bytes] = Counter()
    for agent, name in names:
        hits[name] += agents.hits[agent]
        sizes[name] += agents.bytes.get(agent, 0)
    found = [CountRow(name, count, sizes[name]) for name, count in hits.items()]
    found.sort(key=lambda row: (-row.hits, row.key))
    return Ranking(
        rows=tuple(found[:rows]),
        distinct=len(found),
        other_hits=sum(agents.hits.values()) + agents.other_hits - hits.total(),
        other_bytes=sum(agents.bytes.values()) + agents.other_bytes - sizes.total(),
    )
