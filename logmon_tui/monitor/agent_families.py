"""Count user agents by family: browsers, operating systems, bots."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from heapq import nlargest

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.user_agents import Family, families_of
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.tally import Tally
from logmon_tui.snapshot import CountRow, Ranking, Window

BOT = b"(bot)"
NO_BOT = b"(not a bot)"
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
        """Return `window`, made of `bucket`, with rankings of browsers, systems and bots added.

        Each ranking adds up to all hits: all bots together are one browser and one system. The
        `loudest` agents are counted by family, of which at most `new` are looked up in one call.
        The rest counts as other, until a later call. `rows` bounds each ranking; None keeps all
        rows.
        """
        agents = bucket.tallies[Dimension.USER_AGENT]
        self._learn(agents, loudest, new)
        families = self._families(agents)
        total = (
            sum(agents.hits.values()) + agents.other_hits,
            sum(agents.bytes.values()) + agents.other_bytes,
        )
        return replace(
            window,
            browsers=_ranking(families, lambda f: BOT if f.bot else f.browser, total, rows),
            systems=_ranking(families, lambda f: BOT if f.bot else f.system, total, rows),
            bots=_ranking(families, lambda f: f.browser if f.bot else NO_BOT, total, rows),
        )

    def _families(self, agents: Tally) -> dict[Family, tuple[int, int]]:
        """Return the hits and bytes of each family: there are far fewer of them than agents."""
        families: dict[Family, tuple[int, int]] = {}
        for agent, family in self._known.items():
            hits, sizes = families.get(family, (0, 0))
            families[family] = hits + agents.hits[agent], sizes + agents.bytes.get(agent, 0)
        return families

    def _learn(self, agents: Tally, loudest: int, new: int) -> None:
        """Look up the loudest agents, and forget those that no longer are among them."""
        loud: Iterable[bytes] = agents.hits
        if len(agents.hits) > min(loudest, new):
            loud = nlargest(loudest, agents.hits, key=agents.hits.__getitem__)
        unknown = [agent for agent in loud if agent not in self._known][:new]
        found = dict(zip(unknown, families_of(unknown), strict=True))
        known = ((agent, self._known.get(agent) or found.get(agent)) for agent in loud)
        self._known = {agent: family for agent, family in known if family is not None}


def _ranking(
    families: Mapping[Family, tuple[int, int]],
    name_of: Callable[[Family], bytes],
    total: tuple[int, int],
    rows: int | None,
) -> Ranking:
    """Rank the hits and bytes of `families` by name; the rest of the `total` counts as other."""
    hits: Counter[bytes] = Counter()
    sizes: Counter[bytes] = Counter()
    for family, (count, size) in families.items():
        hits[name_of(family)] += count
        sizes[name_of(family)] += size
    found = [CountRow(name, count, sizes[name]) for name, count in hits.items()]
    found.sort(key=lambda row: (-row.hits, row.key))
    return Ranking(
        rows=tuple(found[:rows]),
        distinct=len(found),
        other_hits=total[0] - hits.total(),
        other_bytes=total[1] - sizes.total(),
    )
