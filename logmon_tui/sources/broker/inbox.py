"""Inbox: where a StreamReader puts what it reads."""

from typing import NamedTuple, Protocol

from logmon_tui.sources.broker.feed import Message, Place


class Begun(NamedTuple):
    """Reading begins at `place`, and `missing` messages are there. `note` is for the user."""

    place: Place
    missing: int
    note: str = ""


class Received(NamedTuple):
    """A message, the bytes that it holds in memory, and how many follow it in the stream by now."""

    message: Message
    size: int
    missing: int


class Inbox(Protocol):
    """Where a StreamReader puts what it reads, and what it has to tell."""

    def put(self, item: Begun | Received) -> None:
        """Take the next item."""

    async def room(self) -> None:
        """Wait until there is room for more."""

    def tell(self, problem: str, *, no_stream: bool = False) -> None:
        """Take one line that says what is wrong, empty if nothing is.

        `no_stream` is true if all that is wrong is that there is no stream yet.
        """
