"""FleetMonitor: makes the picture of many servers, from their hits and what sources know. Pure.

Figures are of the hits that the panels' filter takes, over the panels' window. They are always of
the present: who looks at a past moment sees the servers as they are now.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.filters.language import Filter
from logmon_tui.formats.model.hit import NONE, Dimension
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.histogram import to_resolution
from logmon_tui.metrics.server_counts import OTHER, ServerCounts, ServerSums, p95_of
from logmon_tui.monitor.hearing import Hearing, Server
from logmon_tui.monitor.peers import Peers, differing, typical
from logmon_tui.monitor.shown import Shown
from logmon_tui.recent.hit_store import SPAN, HitStore
from logmon_tui.recent.view import View
from logmon_tui.snapshot.fleet import Differs, Figures, Fleet, ServerRow, ServerState, SiteRow

PICTURE_SECONDS = 0.9
SECONDS_PER_SERVER = 0.002
"""Minimum seconds between two pictures of the servers, in all and for each of them.

With a thousand, one takes 16 ms. So pictures take less than 1 % of a core.
"""

_MICROSECONDS = 1_000_000  # a second
_NO_MARK: frozenset[Differs] = frozenset()
_UNKNOWN = Figures()


class FleetMoment(msgspec.Struct, frozen=True):
    """When the picture is made: the window's last second and its length, and the time now.

    `now` is monotonic. `resolution` is that of the log's response times (µs).
    """

    end: int
    seconds: int
    now: float
    resolution: int


class _Sums(msgspec.Struct, frozen=True):
    """The sums of each row of a picture, by the row's number in `ServerSums`."""

    sums: ServerSums
    seconds: int
    p95: Sequence[float | None]
    number_of: Mapping[bytes, int]


class FleetMonitor:
    """Counts hits by server and keeps `hearing`, who was heard when; makes the Fleet.

    `shown` says which hits the panels show. With `store`, windows slide, and a filter that changes
    is applied to the hits of the last minutes; without, they are whole intervals.
    """

    def __init__(
        self, settings: FleetSettings, seconds: int, shown: Shown, store: HitStore | None
    ) -> None:
        self.hearing = Hearing()
        self._settings = settings
        self._seconds = seconds
        self._shown = shown
        self._store = store
        self._scope: tuple[Filter, int | None] = (shown.where, shown.seconds)
        self._counts = self._new_counts()
        self._marked: Mapping[bytes, frozenset[Differs]] = {}
        self._made: tuple[int, float, Fleet] | None = None  # of which second, and when

    def _new_counts(self) -> ServerCounts:
        if self._store is None:
            return ServerCounts(self._seconds, whole=True)
        return ServerCounts(self._shown.seconds or SPAN)

    def take(self, hits: HitBatch, now: float, printed: int | None) -> None:
        """Count hits; `printed` is the last second of the whole intervals that were shown."""
        if Dimension.SERVER not in hits.columns:
            return
        where = self._scope[0]
        chosen = hits.select(where.mask(hits)) if where else hits
        self._counts.take(chosen, printed if self._store is None else None)
        self.hearing.note_hits(_unlisted(hits, self.hearing.listed), now)

    def tick(self, now: float, wall: float) -> None:
        """Look at what was heard; `now` is monotonic, `wall` in epoch seconds."""
        self._counts.drop(self.hearing.tick(now, wall))

    def heard(self, now: float, silent: Collection[bytes]) -> tuple[int, int]:
        """Return of how many servers alerts judge all hits, and how many servers there are.

        A server whose backlog is being read counts as heard: alerts judge the past then, and its
        lines of that are there. Those that ended are not counted.
        """
        heard = known = 0
        for name, server in self.hearing.servers.items():
            state = server.state(now, self._settings, silent=name in silent)
            known += state is not ServerState.GONE
            past = state is ServerState.CATCHING_UP and server.behind
            heard += state is ServerState.LIVE or past
        return heard, known

    def picture(self, moment: FleetMoment, silent: Collection[bytes]) -> Fleet:
        """Return the servers at a moment; `silent` are those of which a rule says so."""
        if not self.hearing.servers:
            return Fleet()
        changed = self._follow_filter(moment.end)
        if self._made is not None and not changed:
            end, made_at, fleet = self._made
            pause = max(PICTURE_SECONDS, SECONDS_PER_SERVER * len(fleet.servers))
            fresh = 0 <= moment.now - made_at < pause
            if fresh and (self._store is not None or end == moment.end):
                return fleet
        fleet = self._new_picture(moment, silent)
        self._made = moment.end, moment.now, fleet
        return fleet

    def _follow_filter(self, end: int) -> bool:
        """Count anew if the panels show other hits; tell whether they do."""
        scope = (self._shown.where, self._shown.seconds)
        if self._store is None or scope == self._scope:
            return False
        self._scope = scope
        self._counts = self._new_counts()
        view = View(self._store, self._shown.where, self._shown.seconds or SPAN)
        for block, rows in view.within(end):
            self._counts.take(view.hits_of(block, rows), weight=block.weight)
        return True

    def _new_picture(self, moment: FleetMoment, silent: Collection[bytes]) -> Fleet:
        sums = self._sums(moment)
        servers = [
            (server, server.state(moment.now, self._settings, silent=name in silent))
            for name, server in self.hearing.servers.items()
        ]
        live = [server for server, state in servers if state is ServerState.LIVE]
        peers = _peers(live, sums)
        self._marked = differing(peers, self._marked)
        medians = _typical(peers, self._marked)
        rows = [
            replace(
                self._row(server, state, sums, moment.now),
                typical=medians.get(server.name, _UNKNOWN),
            )
            for server, state in servers
        ]
        if sums.sums.hits[0] and OTHER not in self.hearing.servers:
            figures = _figures(sums, 0, live=True)
            rows.append(ServerRow(OTHER, figures=figures))
        return Fleet(
            tuple(sorted(rows, key=lambda row: row.name)),
            _sites(servers, sums, moment.resolution),
            _summed(sums, [server.name for server in live], moment.resolution, others=True),
        )

    def _sums(self, moment: FleetMoment) -> _Sums:
        """Return the sums over the window; p95 are in seconds."""
        counts = self._counts
        if self._store is None:
            sums = counts.between(moment.end - moment.seconds + 1, moment.end)
            seconds = moment.seconds
        else:
            sums = counts.up_to(moment.end)
            seconds = moment.end - sums.begin + 1
        p95 = [_seconds(each, moment.resolution) for each in p95_of(sums.times, len(sums.names))]
        return _Sums(sums, seconds, p95, {name: row for row, name in enumerate(sums.names) if name})

    def _row(self, server: Server, state: ServerState, sums: _Sums, now: float) -> ServerRow:
        status = server.status
        number = sums.number_of.get(server.name)
        figures = _figures(sums, number, live=state is ServerState.LIVE)
        quiet = None if server.heard is None else server.quiet(now)
        differs = self._marked.get(server.name, _NO_MARK)
        if status is None:
            return ServerRow(server.name, server.site, state, quiet, figures, differs=differs)
        return ServerRow(
            server.name,
            server.site,
            state,
            quiet,
            figures,
            status.lag,
            status.backlog,
            status.version,
            status.lost,
            status.left_out,
            differs,
            status.message,
        )


def _unlisted(hits: HitBatch, listed: Container[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names and sites of servers that wrote hits, except those that are `listed`."""
    column, sites = hits.columns[Dimension.SERVER], hits.columns.get(Dimension.SITE)
    for code, name in enumerate(column.values):
        if name != NONE and name not in listed:
            rows = np.flatnonzero(column.codes == code)
            if len(rows):
                site = NONE if sites is None else sites.at(int(rows[0]))
                yield name, b"" if site == NONE else site


def _peers(live: Sequence[Server], sums: _Sums) -> Peers:
    """Return the live servers that ever had hits."""
    known = [server for server in live if server.name in sums.number_of]
    rows = np.array([sums.number_of[server.name] for server in known], dtype=np.intp)
    p95 = np.array([np.nan if each is None else each for each in sums.p95], dtype=np.float64)
    return Peers(
        [server.name for server in known],
        [server.site for server in known],
        sums.sums.hits[rows],
        sums.sums.errors[rows],
        p95[rows],
    )


def _typical(peers: Peers, marked: Mapping[bytes, frozenset[Differs]]) -> dict[bytes, Figures]:
    """Return the medians of the peers of each server that differs, in what it does."""
    if not marked:
        return {}
    errors, p95 = (typical(figure, peers).tolist() for figure in (Differs.ERRORS, Differs.TIME))
    return {
        name: Figures(
            errors=errors[place] if Differs.ERRORS in marked[name] else None,
            p95=p95[place] if Differs.TIME in marked[name] else None,
        )
        for place, name in enumerate(peers.names)
        if name in marked
    }


def _figures(sums: _Sums, number: int | None, *, live: bool) -> Figures:
    """Return the figures of one server; `number` is its row, None if it never had a hit."""
    if number is None:
        return Figures(rate=0.0) if live else Figures()
    hits, errors = int(sums.sums.hits[number]), int(sums.sums.errors[number])
    return Figures(
        hits,
        hits / sums.seconds if live and sums.seconds else None,
        errors / hits if hits else None,
        sums.p95[number],
    )


def _summed(sums: _Sums, live: Iterable[bytes], resolution: int, *, others: bool) -> Figures:
    """Return the figures of all `live` servers together, and of the `others` without a name."""
    rows = [sums.number_of[name] for name in live if name in sums.number_of]
    if others and 0 not in rows:
        rows.append(0)
    hits, errors = int(sums.sums.hits[rows].sum()), int(sums.sums.errors[rows].sum())
    times = sums.sums.times
    if times is not None:
        some = times[rows] if len(rows) < len(times) else times
        times = some.sum(axis=0, dtype=np.uint32)[None, :]
    p95 = p95_of(times, 1)[0]
    return Figures(
        hits,
        hits / sums.seconds if sums.seconds else None,
        errors / hits if hits else None,
        _seconds(p95, resolution),
    )


def _sites(
    servers: Sequence[tuple[Server, ServerState]], sums: _Sums, resolution: int
) -> tuple[SiteRow, ...]:
    """Return the sites; none if no server belongs to one."""
    by_site: dict[bytes, list[tuple[Server, ServerState]]] = {}
    for server, state in servers:
        by_site.setdefault(server.site, []).append((server, state))
    if not any(by_site):
        return ()
    rows = []
    for site in sorted(by_site):
        live = [server.name for server, state in by_site[site] if state is ServerState.LIVE]
        figures = _summed(sums, live, resolution, others=False) if live else Figures()
        rows.append(SiteRow(site, len(by_site[site]), len(live), figures))
    return tuple(rows)


def _seconds(microseconds: float | None, resolution: int) -> float | None:
    if microseconds is None:
        return None
    return to_resolution(microseconds, resolution) / _MICROSECONDS
