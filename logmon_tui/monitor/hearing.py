"""Hearing: which servers are known, when each was heard, and whose silence means trouble. Pure.

A server is judged by its silence only as long as this program listens: while its source is down or
reads a backlog, nothing can be heard, and after that, as after a pause of this program, its silence
counts anew. So a broker that is away is one trouble, and not one for each of its servers.
"""

from collections.abc import Iterable, Sequence

import msgspec

from logmon_tui.alerts.evaluation.silence import Silence
from logmon_tui.config.fleet import FleetSettings
from logmon_tui.snapshot.fleet import ServerState
from logmon_tui.sources.base import Feed, ServerStatus, SourceState

MAX_KNOWN = 4_000
"""Maximum servers that are known by name."""

FORGOTTEN_AFTER = 86_400.0
"""Seconds of silence after which a server is no longer known."""

LOOK_SECONDS = 0.5
"""Seconds between two looks at what sources know."""

PAUSE = 5.0
"""Seconds between two ticks, or by which the wall clock jumps, that count as a pause."""

_DOWN = (SourceState.WAITING, SourceState.FAILED)
_DEAF = (*_DOWN, SourceState.CATCHING_UP)


class KnownServer(msgspec.Struct, frozen=True, array_like=True):
    """A server as the state keeps it; `heard` is wall time in epoch seconds."""

    name: bytes
    site: bytes
    heard: float
    beats: bool = False
    ended: bool = False


class Server(msgspec.Struct):
    """One server. Times are monotonic; `heard` is None if it was never heard.

    `since` is when it became known to this run. `by_hits` says that only its lines tell when it was
    heard. `deaf` tells whether its source cannot be heard now, `listening` since when it can;
    `behind` whether its source still reads a backlog, so that what it says now comes later.
    """

    name: bytes
    site: bytes
    since: float
    heard: float | None = None
    beats: bool = False
    ended: bool = False
    by_hits: bool = False
    deaf: bool = False
    behind: bool = False
    listening: float = 0.0
    listed: int = 0  # the number of the last look at which a source listed it
    status: ServerStatus | None = None

    def quiet(self, now: float) -> float:
        """Return for how many seconds it has said nothing."""
        return max(0.0, now - (self.since if self.heard is None else self.heard))

    def state(self, now: float, settings: FleetSettings, *, silent: bool) -> ServerState:
        """Return whether its figures can be believed; `silent` tells whether a rule says no."""
        if self.ended:
            return ServerState.GONE
        status = self.status
        if silent or self.heard is None or self.quiet(now) >= settings.stale_after:
            if status is not None and status.message:  # which tells more than that it is silent
                return ServerState.FAILED
            if self.behind and not silent:
                return ServerState.CATCHING_UP
            return ServerState.SILENT if silent else ServerState.STALE
        if status is not None and status.backlog and (status.lag or 0) > settings.stale_after:
            return ServerState.CATCHING_UP
        return ServerState.LIVE


class Hearing(msgspec.Struct):
    """Knows the servers; `servers` has them by name, and sources have `listed` some of them."""

    servers: dict[bytes, Server] = msgspec.field(default_factory=dict)
    listed: set[bytes] = msgspec.field(default_factory=set)
    # Of each source of several servers, since when it is down (monotonic), and how many they are.
    _sources: dict[bytes, tuple[float | None, int]] = msgspec.field(default_factory=dict)
    _feeds: Sequence[Feed] = ()
    _looked: int = 0
    _listening: float = 0.0  # since when this program listens, monotonic
    _ticked: tuple[float, float] | None = None  # monotonic and wall time
    _saved: Sequence[KnownServer] = ()

    def hear(self, feeds: Sequence[Feed]) -> None:
        """Take what sources know; the next `tick` looks at it."""
        self._feeds = feeds

    def note_hits(self, servers: Iterable[tuple[bytes, bytes]], now: float) -> None:
        """Note the names and sites of servers whose lines came, and that no source lists.

        One that is listed is heard when its source says so: its lines may be old.
        """
        for name, site in servers:
            server = self._server(name, site, now)
            if server is not None:
                server.heard, server.by_hits = now, True

    def _server(self, name: bytes, site: bytes, now: float) -> Server | None:
        server = self.servers.get(name)
        if server is None and len(self.servers) < MAX_KNOWN:
            server = self.servers[name] = Server(name, site, now)
        return server

    def tick(self, now: float, wall: float) -> list[bytes]:
        """Look at what was heard; return the names of servers that are forgotten from now on."""
        if self._ticked is not None and 0 <= now - self._ticked[0] < LOOK_SECONDS:
            return []
        self._begin(now, wall)
        self._looked += 1
        sources: dict[bytes, tuple[float | None, int]] = {}
        any_deaf = False
        for feed in self._feeds:
            several = len(feed.servers) != 1
            deaf = feed.state in _DEAF and several
            any_deaf = any_deaf or deaf
            for status in feed.servers:
                behind = feed.state is SourceState.CATCHING_UP
                self._look_at(status, now, deaf=deaf, behind=behind)
            if several and self._beat(feed):
                name = feed.name.encode("utf-8", "surrogateescape")
                before, _ = self._sources.get(name, (None, 0))
                down = (before or now) if feed.state in _DOWN else None
                sources[name] = down, len(feed.servers)
        self._sources = sources
        for server in self.servers.values():
            if server.listed != self._looked:  # it may be one of a source that has not begun yet
                server.deaf = any_deaf
            if server.deaf:
                server.listening = now
        return self._forget(now)

    def _begin(self, now: float, wall: float) -> None:
        """Find out whether this program paused; take over what was saved at the first tick."""
        if self._ticked is None:
            self._listening = now
        else:
            passed, by_wall = now - self._ticked[0], wall - self._ticked[1]
            if passed > PAUSE or abs(by_wall - passed) > PAUSE:
                self._listening = now
                for name, (down, servers) in self._sources.items():
                    self._sources[name] = (now if down else None), servers
        self._ticked = now, wall
        for saved in self._saved:
            server = self._server(saved.name, saved.site, now)
            if server is not None and server.heard is None:
                server.heard = now - max(0.0, wall - saved.heard)
                server.beats, server.ended = saved.beats, saved.ended
        self._saved = ()

    def _look_at(self, status: ServerStatus, now: float, *, deaf: bool, behind: bool) -> None:
        if status.server not in self.servers and _is_forgotten(status, now):
            return
        server = self._server(status.server, status.site, now)
        if server is None:
            return
        self.listed.add(status.server)
        if server.by_hits:  # they came before its source was asked, and may be old
            server.heard, server.by_hits = None, False
        server.status, server.listed = status, self._looked
        server.deaf, server.behind = deaf, behind
        server.beats, server.ended = server.beats or status.beats, status.ended
        if status.heard is not None and (server.heard is None or status.heard > server.heard):
            server.heard = status.heard

    def _beat(self, feed: Feed) -> bool:
        """Tell whether a feed has servers whose silence means trouble; a saved one may be its."""
        if feed.servers:
            return any(status.beats for status in feed.servers)
        return any(
            server.beats and not server.ended and server.listed != self._looked
            for server in self.servers.values()
        )

    def _forget(self, now: float) -> list[bytes]:
        gone = []
        for name, server in self.servers.items():
            if server.quiet(now) >= FORGOTTEN_AFTER:
                status = server.status if server.listed == self._looked else None
                if status is None or _is_forgotten(status, now):
                    gone.append(name)
        for name in gone:
            del self.servers[name]
        self.listed.difference_update(gone)
        return gone

    def silences(self, now: float) -> dict[bytes, Silence]:
        """Return the silence of each server that beats, and of each source of several servers."""
        found = {}
        for name, server in self.servers.items():
            if not server.beats:
                continue
            if server.ended:
                found[name] = Silence(0.0, 0.0, ended=True)
                continue
            quiet = server.quiet(now)
            listening = max(self._listening, server.listening)
            judged = None if server.deaf else min(quiet, now - listening)
            found[name] = Silence(judged, quiet)
        for name, (down, servers) in self._sources.items():
            quiet = 0.0 if down is None else now - down
            found[name] = Silence(quiet, quiet, servers)
        return found

    def state(self, now: float, wall: float) -> tuple[KnownServer, ...]:
        """Return the servers to save."""
        return (
            *self._saved,  # of the run before, which no tick has taken over yet
            *(
                KnownServer(each.name, each.site, wall - (now - each.heard), each.beats, each.ended)
                for each in self.servers.values()
                if each.heard is not None
            ),
        )

    def restore(self, saved: Sequence[KnownServer]) -> None:
        """Know the servers of the run before, from the first tick on."""
        self._saved = saved[:MAX_KNOWN]


def _is_forgotten(status: ServerStatus, now: float) -> bool:
    """Tell whether a server was heard last so long ago that nobody asks for it any more.

    One that cannot be reached is asked for: its message says how to mend it.
    """
    if status.heard is None or now - status.heard < FORGOTTEN_AFTER:
        return False
    return status.ended or not status.message
