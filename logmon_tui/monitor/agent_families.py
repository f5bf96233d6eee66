"""Count user agents by family (browsers, operating systems, bots) and by kind."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from heapq import nlargest

import msgspec
from msgspec.structs import replace

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.user_agents import Family, Kind, families_of, kinds_of
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.tally import Tally
from logmon_tui.snapshot import CountRow, Ranking, Window

MAX_AGENTS = 2_000
"""Maximum agents, those with the most hits, that are counted by family; the rest is "(other)"."""

MAX_NEW_AGENTS = 300
"""Maximum new agents looked up per snapshot. A hostile one takes half a millisecond."""

MAX_REPORT_AGENTS = 20_000
"""Maximum agents looked up in a report, which is made only once."""


class _Agent(msgspec.Struct, frozen=True):
    """What is known of an agent."""

    family: Family
    kind: Kind


class AgentFamilies:
    """Caches the families of agents from snapshot to snapshot."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Agent] = {}

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
        families = self._families(agents)
        total = (
            sum(agents.hits.values()) + agents.other_hits,
            sum(agents.bytes.values()) + agents.other_bytes,
        )
        return replace(
            window,
            browsers=_ranking(families, lambda each: each.family.names.browser, total, rows),
            systems=_ranking(families, lambda each: each.family.names.system, total, rows),
            bots=_ranking(families, lambda each: each.family.names.bot, total, rows),
            agent_kinds=_ranking(families, lambda each: each.kind.encode(), total, rows),
        )

    def _families(self, agents: Tally) -> dict[_Agent, tuple[int, int]]:
        """Return the hits and bytes of each family: there are far fewer of them than agents."""
        families: dict[_Agent, tuple[int, int]] = {}
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
        families = families_of(unknown)
        known = map(_Agent, families, kinds_of(unknown, families))
        found = dict(zip(unknown, known, strict=True))
        both = ((agent, self._known.get(agent) or found.get(agent)) for agent in loud)
        self._known = {agent: each for agent, each in both if each is not None}


def _ranking(
    families: Mapping[_Agent, tuple[int, int]],
    name_of: Callable[[_Agent], bytes],
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
    shown, other = tuple(found[:rows]), total[0] - hits.total()
    return Ranking(
        rows=shown,
        distinct=len(found),
        other_hits=other,
        other_bytes=total[1] - sizes.total(),
        other_most=other + (shown[-1].hits if 0 < len(shown) < len(found) else 0),
    )
