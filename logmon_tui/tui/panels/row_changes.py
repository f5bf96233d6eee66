"""RowChanges: what changed in the rows of a table, as a column and as rows of gone keys."""

from collections.abc import Callable, Collection

from logmon_tui.snapshot import Baseline, CountRow, Ranking, Window
from logmon_tui.snapshot.comparison import Change, Changes, Mark, changes_in
from logmon_tui.tui.paint.changes import (
    NOTHING,
    WIDTH,
    ChangeText,
    Lengths,
    change_text,
    is_known,
    then_text,
)
from logmon_tui.tui.paint.columns import Column

GONE_ROWS = 10
"""Maximum rows of keys that are gone, those that had most hits."""

CHANGE = "change"
"""The id of the column."""


class RowChanges:
    """The changes of the rows of one ranking; of none if nothing is known to compare with."""

    def __init__(self, changes: Changes, lengths: Lengths) -> None:
        self._lengths = lengths
        self._by_key = {change.key: change for change in changes.rows}
        gone = [
            change for change in changes.rows if change.mark is Mark.GONE and self._awaited(change)
        ]
        self._gone = [change.key for change in gone[:GONE_ROWS]]

    def _awaited(self, change: Change) -> bool:
        """Tell whether a key's former hits let expect one now: its absence says nothing else."""
        hits = 0 if change.baseline is None else change.baseline.hits
        return hits * self._lengths.now >= self._lengths.then

    def gone(self, rows: Collection[CountRow]) -> list[CountRow]:
        """Return rows of keys that are gone, as far as `rows` has none of them."""
        here = {row.key for row in rows}
        return [CountRow(key, 0, 0) for key in self._gone if key not in here]

    def told(self, key: object) -> str:
        """Return what a key was in the baseline; empty if nothing is known of it."""
        change = self._by_key.get(key) if isinstance(key, bytes) else None
        return "" if change is None else then_text(change, self._lengths.then)

    def column(self) -> Column:
        """Return the column; in its order, the keys whose hits a second changed most are first."""
        return Column(
            CHANGE,
            "Δ",
            WIDTH,
            0,
            lambda row, _: self._text(row).text,
            self._order,
            ink=lambda row: self._text(row).ink,
        )

    def _order(self, row: CountRow) -> float:
        change = self._by_key.get(row.key)
        return -1.0 if change is None else abs(change.rate)

    def _text(self, row: CountRow) -> ChangeText:
        change = self._by_key.get(row.key)
        return NOTHING if change is None else change_text(change, self._lengths)


class RowComparer:
    """Compares the rows of a table with a baseline, anew only if one of them is another."""

    def __init__(self) -> None:
        self._compared: tuple[object, ...] = ()
        self._changes: RowChanges | None = None

    def changes(
        self, baseline: Baseline | None, window: Window, pick: Callable[[Window], Ranking]
    ) -> RowChanges | None:
        """Return the changes in the ranking that `pick` returns; None if nothing is compared."""
        if baseline is None or not is_known(baseline):
            return None
        if baseline.window.hits and not pick(baseline.window).rows:
            return None  # these keys were not counted
        compared = baseline, window, pick
        if self._compared != compared:
            lengths = Lengths(baseline.window.seconds, window.seconds)
            self._compared = compared
            self._changes = RowChanges(changes_in(baseline.window, window, pick), lengths)
        return self._changes
