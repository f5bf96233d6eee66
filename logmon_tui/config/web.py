"""The token of the page and the API, and the secret's place. Opens no socket."""

import os

import msgspec

from logmon_tui.config.secret_file import path_of, secret_line
from logmon_tui.config.settings import WEB_TOKEN
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

MIN_TOKEN = 16
"""Minimum characters of a token."""
_BYTES = 16
"""Random bytes of a token that is made here: with more, the screen would break the address."""


class Token(msgspec.Struct, frozen=True):
    """What a request must know; `made` if it was made just now, so that nobody knows it yet."""

    text: str
    made: bool = False


def web_token(file: str | None) -> Token:
    """Return the token of the environment, or else of `file`, or else a new one.

    Raises UsageError for a token that cannot be read, that others may read, or that is too weak.
    """
    if given := os.environ.get(WEB_TOKEN):
        where = WEB_TOKEN
    elif file:
        where, given = f"--web-token-file {file}", secret_line(path_of(file))
    else:
        import secrets  # imported late: few runs need it, and it imports much

        return Token(secrets.token_urlsafe(_BYTES), made=True)
    if len(given) < MIN_TOKEN or not given.isascii() or not given.isprintable() or " " in given:
        what = f"a token has {MIN_TOKEN} ASCII characters or more, and no blank"
        raise UsageError(f"{printable(where)}: {what}; make one with openssl rand -hex 32")
    return Token(given)
