"""What the format strings of servers have in common: the choice between fields, and checks."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from logmon_tui.errors import FormatError
from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token, token
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform


class Part(msgspec.Struct, frozen=True):
    """A field that a format string names.

    If several parts have the same field, the one with the least `rank` counts. A `spaced` part may
    contain spaces.
    """

    token: Token
    rank: int = 0
    spaced: bool = False


def forwarded_for(rank: int) -> Part:
    """Return the part for a client that a proxy names: it counts only if no other part does."""
    return Part(token(Field.HOST, transform=Transform.FIRST_OF_LIST, listed=True), rank)


_REPLACES: dict[Field, tuple[Field, ...]] = {
    Field.REQUEST: (Field.METHOD, Field.TARGET),
    Field.TIME: (Field.DATE, Field.CLOCK),
}
"""The fields that are redundant beside another field."""


def settled(items: Sequence[bytes | Part]) -> list[bytes | Token]:
    """Return texts and tokens in which every field occurs at most once.

    Redundant tokens are skipped, but must still match: a time has to be a time.
    """
    best: dict[Field, tuple[int, int]] = {}
    for place, item in enumerate(items):
        if isinstance(item, Part):
            field = item.token.field
            best[field] = min(best.get(field, (item.rank, place)), (item.rank, place))
    for field, redundant in _REPLACES.items():
        if field in best:
            for each in redundant:
                best.pop(each, None)
    taken = {place for _, place in best.values()}
    return [
        item
        if isinstance(item, bytes)
        else item.token
        if place in taken
        else item.token.changed(field=Field.OTHER, transform=None)
        for place, item in enumerate(items)
    ]


def format_of(
    name: str, items: Sequence[bytes | Part], *, definition: str, example: str = ""
) -> DelimitedFormat:
    """Build a format from the texts and parts of a format string.

    Raises FormatError when the time, the request or the status is missing, because every hit needs
    them, or when the string is ambiguous.
    """
    used = [item for item in items if item != b""]
    if used and isinstance(last := used[-1], Part) and last.spaced:
        used[-1] = replace(last, token=last.token.changed(rest=True))
    tokens = settled(used)
    for place, item in enumerate(tokens):
        if isinstance(item, bytes) and b"\n" in item:
            raise FormatError(f"format {definition!r} has more than one line; a hit must be one")
        if isinstance(item, Token) and item.field is Field.USER_AGENT:
            _check_agent(tokens[place + 1 : place + 2], definition)
    return DelimitedFormat.of(name, *tokens, definition=definition, example=example)


def _check_agent(behind: Sequence[bytes | Token], definition: str) -> None:
    """Raise FormatError for a user agent that ends at a space: user agents contain spaces."""
    if behind and isinstance(behind[0], bytes) and behind[0].startswith(b" "):
        message = f"format {definition!r}: the user agent has spaces in it"
        raise FormatError(f"{message}; put it in quotes, in the server's configuration too")
