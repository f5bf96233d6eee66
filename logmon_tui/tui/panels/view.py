"""View: one of the rankings that a table shows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from logmon_tui.filters.language import term_of
from logmon_tui.snapshot import Ranking, Window
from logmon_tui.tui.paint.cells import shown


class View(NamedTuple):
    """One view of a table: the name of its rows, the title of their key, and their ranking.

    `shows` is the name that this ranking has in a Window.
    """

    name: str
    key_title: str
    shows: str
    text: Callable[[bytes], str] = shown
    """Returns the text of a row's key."""
    field: str = ""
    """The filter's field that has the keys as its values."""
    named: Mapping[bytes, str] = MappingProxyType({})
    """Terms of a filter for keys that stand for several values."""
    optional: bool = False
    """Whether the key for the next view passes it over while it has no rows."""

    def ranking(self, window: Window) -> Ranking:
        """Return the ranking of `window` that this view shows."""
        ranking: Ranking = getattr(window, self.shows)
        return ranking

    def term(self, key: bytes, *, negated: bool = False) -> str:
        """Return a filter's term for the hits of `key`, or for all others."""
        if key in self.named:
            return f"!{self.named[key]}" if negated else self.named[key]
        return term_of(self.field, key, negated=negated)
