"""Claims: remembers which clients lately claimed to be a known crawler. Pure."""

from collections.abc import Mapping

import numpy as np

from logmon_tui.formats.crawlers import claim_of
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch

MAX_CLIENTS = 500
"""Maximum clients that are remembered, those that claimed last."""

_MAX_AGENTS = 10_000
"""Agents whose claims are remembered. Working one out takes some microseconds."""


class _Claimed(dict[bytes, str]):
    """The claim of each agent, worked out when first asked for."""

    def __missing__(self, agent: bytes) -> str:
        if len(self) >= _MAX_AGENTS:
            self.clear()
        claim = self[agent] = claim_of(agent)
        return claim


class Claims:
    """Which crawler each client claims to be. `of_clients` is a new mapping after each change."""

    def __init__(self) -> None:
        self.of_clients: Mapping[bytes, str] = {}
        self._latest: dict[bytes, str] = {}  # the same, those that claimed last at the end
        self._claimed = _Claimed()

    def note(self, hits: HitBatch) -> None:
        """Note what the clients of `hits` claim to be."""
        agents = hits.columns.get(Dimension.USER_AGENT)
        hosts = hits.columns.get(Dimension.HOST)
        if agents is None or hosts is None:
            return
        claimed = self._claimed
        claiming = [code for code, agent in enumerate(agents.values) if claimed[agent]]
        if not claiming:
            return
        rows = np.flatnonzero(np.isin(agents.codes, claiming))[-MAX_CLIENTS:]
        latest = self._latest
        for row in rows.tolist():
            host = hosts.at(row)
            latest.pop(host, None)  # so it moves to the end
            latest[host] = claimed[agents.at(row)]
        self._latest = dict(list(latest.items())[-MAX_CLIENTS:])
        if self._latest != self.of_clients:
            self.of_clients = dict(self._latest)
