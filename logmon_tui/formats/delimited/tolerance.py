"""Tolerance: how a line of a known format is read whatever its client sent.

A client chooses its name, its user agent, its referrer and most other headers. Some servers write
them without quotes, or with quotes inside that they do not escape. A client that knows this could
make lines that fit no format, and so hide its requests from every count and alert.
"""

import re
from collections.abc import Sequence

from logmon_tui.formats.delimited.tokens import Token
from logmon_tui.formats.model.converters import Shape
from logmon_tui.formats.model.field import Field

Patterns = Sequence[tuple[bytes, bytes]]
"""For each token the expressions of the text before it and of the token; the tail is last."""


def has_clients_texts(tokens: Sequence[Token]) -> bool:
    """Tell whether a tolerant format reads any of the tokens otherwise than a strict one."""
    return any(has_client_shape(each) or _is_tolerated(each) for each in tokens)


def tolerant_pattern(tokens: Sequence[Token], patterns: Patterns) -> re.Pattern[bytes]:
    """Return the expression for lines with clients' texts of any form; each token has one group."""
    tolerant = [_tolerant(place, tokens, patterns) for place in range(len(tokens))]
    pairs = zip(patterns, [*tolerant, None], strict=True)
    whole = b"".join(before + (other or strict) for (before, strict), other in pairs)
    return re.compile(whole + rb"\Z", re.DOTALL)


def _tolerant(place: int, tokens: Sequence[Token], patterns: Patterns) -> bytes | None:
    """Return the expression of a client's text of any form; None for any other token.

    The text ends where it usually does, or else at the first place behind which the line goes on as
    it must. The atomic group makes the search linear.
    """
    each = without_client_shape(tokens[place])
    if not _is_tolerated(each):
        return None if each is tokens[place] else each.pattern
    # Two words could be a client and its name: only a lone dash shows that both are a name.
    is_user = each.field is Field.USER and each.before == b" "
    after_name = is_user and tokens[place - 1].field is Field.OTHER
    start = rb"(?<= - )" if after_name else b""
    ends = b"(?=" + _goes_on(place + 1, tokens, patterns) + b")"
    usual = b"(?:" + each.pattern[1:-1] + b")" + ends
    return b"(?>(" + usual + b"|" + start + b".*?" + ends + b"))"


def _goes_on(place: int, tokens: Sequence[Token], patterns: Patterns) -> bytes:
    """Return the expression of a line from the text before a token to the next client's text.

    It matches in bounded time, because it is tried at every place of a line.
    """
    pieces = []
    for (before, pattern), each in zip(patterns[place:], tokens[place:], strict=False):
        pieces.append(before)
        if _has_no_bound(each):
            return b"".join(pieces)
        if each.converter is None:
            least = b"0" if each.optional else b"1"
            pieces.append(b"[^" + re.escape(each.stops) + b"]{" + least + _MOST_BYTES)
        else:
            pieces.append(b"(?:" + pattern[1:-1] + b")")
    return b"".join([*pieces, patterns[-1][0], rb"\Z"])


_MOST_BYTES = b",255}+"
"""Ends the repetition of bytes of a text that a server writes between two clients' texts."""


def _has_no_bound(each: Token) -> bool:
    """Tell whether a text may be of any length, such as a client's, or a list."""
    clients = _is_clients(without_client_shape(each))
    return clients or each.rest or each.listed or each.field is Field.TARGET


def without_client_shape(each: Token) -> Token:
    """Return a token that takes a client's text of any shape."""
    return each.changed(converter=None) if has_client_shape(each) else each


def has_client_shape(each: Token) -> bool:
    """Tell whether a token is a client's text of which recognition checks the shape."""
    return isinstance(each.converter, Shape) and each.converter.of_client


def _is_tolerated(each: Token) -> bool:
    """Tell whether a text may end later than it usually does."""
    return _is_clients(each) and not each.rest and not each.doubled


def _is_clients(each: Token) -> bool:
    """Tell whether a client may have written the text of a token freely."""
    free = each.quoted or each.listed or each.free or each.field is Field.USER
    return free and each.converter is None
