"""Tables: which rankings of a Snapshot are made anew, because somebody sees them. Pure."""

from collections.abc import Collection

from msgspec.structs import fields, replace

from logmon_tui.snapshot import Ranking, Window

UNSEEN_SECONDS = 10.0
"""Seconds after which rankings that nobody sees are made again: a panel may open at any time."""

AGENT_FAMILIES = frozenset({"browsers", "systems", "bots", "agent_kinds"})
CLIENT_GROUPS = frozenset({"networks", "countries", "asns"})

_ALWAYS = frozenset({"sections", "servers", "sites"})
"""What the header, trends, the fleet and Prometheus need."""

_UNSEEN = tuple(
    each.name for each in fields(Window) if each.type is Ranking and each.name not in _ALWAYS
)
"""Rankings that may be as they were some seconds ago."""


class Tables:
    """Keeps the rankings that were made last.

    Public attribute: `seen`, the names of the rankings that somebody sees, None for all.
    """

    def __init__(self) -> None:
        self.seen: frozenset[str] | None = None
        self._asked: object | None = None  # which hits are shown
        self._due = 0.0  # monotonic
        self._last: Window | None = None

    def to_make(self, asked: object | None, now: float) -> Collection[str] | None:
        """Return the names of the rankings to make at the monotonic time `now`, None for all.

        `asked` says which hits are shown. If these are others than before, or `asked` is None, all
        are made.
        """
        known = asked is not None and asked == self._asked and now < self._due
        if self.seen is None or not known:
            self._asked, self._due = asked, now + UNSEEN_SECONDS
            return None
        return self.seen | _ALWAYS

    def completed(self, view: Window, made: Collection[str] | None) -> Window:
        """Return `view`, of which only the rankings `made` are new, with the others added."""
        if made is not None and self._last is not None:
            last = {name: getattr(self._last, name) for name in _UNSEEN if name not in made}
            if "hosts" in last:  # the header tells how many there are
                last["hosts"] = replace(last["hosts"], distinct=view.hosts.distinct)
            view = replace(view, **last)
        self._last = view
        return view
