"""What format strings of servers have in common: which of their fields are taken, and checks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from logmon_tui.errors import FormatError
from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import Token, token
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform


@dataclass(frozen=True)
class Part:
    """A field that a format string names; of those that tell the same, the least `rank` counts.

    One that is `spaced` may have spaces in it.
    """

    token: Token
    rank: int = 0
    spaced: bool = False


def forwarded_for(rank: int) -> Part:
    """Return what a proxy says of the client: the host where nothing else tells one."""
    return Part(token(Field.HOST, transform=Transform.FIRST_OF_LIST, listed=True), rank)


_TOLD_BY: dict[Field, tuple[Field, ...]] = {
    Field.REQUEST: (Field.METHOD, Field.TARGET),
    Field.TIME: (Field.DATE, Field.CLOCK),
}
"""What a field makes needless."""


def settled(items: Sequence[bytes | Part]) -> list[bytes | Token]:
    """Return texts and tokens in which no two tokens tell the same.

    The others are passed over; a time or number among them still has to be one.
    """
    best: dict[Field, tuple[int, int]] = {}
    for place, item in enumerate(items):
        if isinstance(item, Part):
            field = item.token.field
            best[field] = min(best.get(field, (item.rank, place)), (item.rank, place))
    for field, needless in _TOLD_BY.items():
        if field in best:
            for each in needless:
                best.pop(each, None)
    taken = {place for _, place in best.values()}
    return [
        item
        if isinstance(item, bytes)
        else item.token
        if place in taken
        else replace(item.token, field=Field.OTHER, transform=None)
        for place, item in enumerate(items)
    ]


def format_of(
    name: str, items: Sequence[bytes | Part], *, definition: str, example: str = ""
) -> DelimitedFormat:
    """Make a format of what a format string names.

    Raises FormatError when the time, the request or the status is missing, which hits cannot do
    without, or when the string has a form that cannot be told apart.
    """
    used = [item for item in items if item != b""]
    if used and isinstance(last := used[-1], Part) and last.spaced:
        used[-1] = replace(last, token=replace(last.token, rest=True))
    told = settled(used)
    for place, item in enumerate(told):
        if isinstance(item, bytes) and b"\n" in item:
            raise FormatError(f"format {definition!r} has more than one line; a hit must be one")
        if isinstance(item, Token) and item.field is Field.USER_AGENT:
            _check_agent(told[place + 1 : place + 2], definition)
    return DelimitedFormat.of(name, *told, definition=definition, example=example)


def _check_agent(behind: Sequence[bytes | Token], definition: str) -> None:
    """Refuse a user agent that a space ends: it has spaces in it."""
    if behind and isinstance(behind[0], bytes) and behind[0].startswith(b" "):
        message = f"format {definition!r}: the user agent has spaces in it"
        raise FormatError(f"{message}; put it in quotes, in the server's configuration too")
