"""Naming: a table with a key that asks DNS for the names of the clients behind a row.

Nothing is asked unless the user presses the key: the content of a log causes no traffic.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from logmon_tui.formats.crawlers import Answer
from logmon_tui.tui.paint.cells import shown, width_of
from logmon_tui.tui.paint.keys import NAME_KEYS
from logmon_tui.tui.panels.rank_table import RankTable

MAX_ROWS = 200
"""Rows that were asked for at which a table forgets them all."""

ASKING = "asking DNS …"

_SEPARATOR = " ─ "
_EDGES = 6
"""Cells that the border and the blanks around a hint take."""


class NameWanted(Message):
    """The user wants to know the name of a client behind a row, which is a view and a key."""

    def __init__(self, table: "Naming", row: tuple[str, bytes], client: bytes) -> None:
        super().__init__()
        self.table = table
        self.row = row
        self.client = client


class NameTold(Message):
    """DNS answered what a table asked."""

    def __init__(self, wanted: NameWanted, answer: Answer) -> None:
        super().__init__()
        self.wanted = wanted
        self.answer = answer


class Naming(RankTable):
    """Base of the tables that ask for names; the lower edge shows what is known of a row."""

    BINDINGS: ClassVar[list[BindingType]] = list(NAME_KEYS.bindings)

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[tuple[str, bytes], Sequence[bytes]] = {}  # clients by view and row
        self._answers: dict[bytes, Answer | None] = {}  # by client, None while DNS is asked

    def clients_of(self, key: bytes) -> Sequence[bytes]:
        """Return the clients behind the row `key` that have an address to ask for."""
        raise NotImplementedError

    def why_none(self) -> str:
        """Return why the row under the cursor has no client to ask for."""
        raise NotImplementedError

    def facts(self, key: bytes) -> Sequence[str]:
        """Return what the log and databases tell of the row `key`, printable.

        When room is short, the last goes first.
        """
        raise NotImplementedError

    def words(self, key: bytes, answers: Mapping[bytes, Answer]) -> str:
        """Return what the `answers` for its clients say of the row `key`; it may be hostile."""
        raise NotImplementedError

    def found(self, key: bytes) -> str:
        """Return what DNS said of the row `key`, printable; empty if it was not asked."""
        asked = self._asked.get((self.view.name, key))
        if asked is None:
            return ""
        answers = {client: self._answers.get(client) for client in asked}
        told = {client: answer for client, answer in answers.items() if answer is not None}
        return shown(self.words(key, told)) if len(told) == len(answers) else ASKING

    def hint(self) -> str:
        """Return what is known of the row under the cursor, and the keys, as far as they fit."""
        keys, key = self.key_hints(), self.cursor_key
        if not isinstance(key, bytes) or self.filter_text:
            return super().hint()
        found, facts = self.found(key), [*filter(None, (self.then(),)), *self.facts(key)]
        asks = "d: name" if self.clients_of(key) else ""
        choices = [
            *(
                (found, *facts[:count], asks, " · ".join(keys[:keys_told]))
                for count in range(len(facts), -1, -1)
                for keys_told in range(len(keys), 0, -1)
            ),
            (found, keys[0]),
            (found or keys[0],),
        ]
        joined = [_SEPARATOR.join(filter(None, parts)) for parts in choices]
        return next(filter(self._fits, joined), joined[-1])

    def _fits(self, text: str) -> bool:
        return width_of(text) <= self.size.width - _EDGES

    def action_ask_name(self) -> None:
        """Ask for the names of the clients behind the row under the cursor."""
        key = self.cursor_key
        clients = self.clients_of(key) if isinstance(key, bytes) else ()
        if not isinstance(key, bytes) or not clients:
            self.app.notify(self.why_none(), markup=False)
            return
        self.hold_cursor()
        if len(self._asked) >= MAX_ROWS:
            self._asked.clear()
            self._answers.clear()
        row = self.view.name, key
        self._asked[row] = clients
        self._answers |= dict.fromkeys(clients)
        for client in clients:
            self.post_message(NameWanted(self, row, client))
        self.arrange_titles()

    def tell(self, wanted: NameWanted, answer: Answer) -> None:
        """Show an answer; in a toast, too, if the lower edge is too narrow for the words."""
        self._answers[wanted.client] = answer
        self.arrange_titles()
        view, key = wanted.row
        found = self.found(key) if view == self.view.name else ""
        if found not in {"", ASKING} and not self._fits(found):
            self.app.notify(found, markup=False)
