"""Who may post lines, and with which certificate a receiver answers, by the table `fleet`."""

import hmac
import os
import ssl
from collections.abc import Mapping

from logmon_tui.config.fleet import RECEIVE_TOKEN, FleetSettings
from logmon_tui.config.secret_file import path_of, secret_line
from logmon_tui.config.tls import server_tls
from logmon_tui.errors import SourceError, UsageError
from logmon_tui.escape import printable
from logmon_tui.sources.receivers.addresses import Listening

MIN_TOKEN = 16
"""Minimum characters of a token."""


def token_for(log: str, place: Listening, fleet: FleetSettings) -> bytes | None:
    """Return the token that requests must have; None if this machine's programs need none.

    It comes from the environment, or else from the file that the settings name. Raises UsageError
    if other machines could send without one.
    """
    if token := os.environ.get(RECEIVE_TOKEN):
        where = RECEIVE_TOKEN
    elif fleet.receive_token_file:
        where = fleet.receive_token_file
        token = secret_line(path_of(where))
    elif place.is_local:
        return None
    else:
        mend = f"set {RECEIVE_TOKEN} or receive_token_file in the table fleet"
        raise SourceError(f"{printable(log)}: other machines must send a token; {mend}")
    if len(token) < MIN_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        what = f"a token has {MIN_TOKEN} ASCII characters or more, and no blank"
        raise UsageError(f"{printable(where)}: {what}; make one with openssl rand -hex 32")
    return token.encode()


def may_send(headers: Mapping[str, bytes], token: bytes | None) -> bool:
    """Tell whether the headers of a request have the token."""
    if token is None:
        return True
    scheme, _, given = headers.get("authorization", b"").partition(b" ")
    return scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), token)


def encryption(log: str, place: Listening, fleet: FleetSettings) -> ssl.SSLContext | None:
    """Return how TLS is spoken; None for plain HTTP. Raises SourceError."""
    if place.scheme != "https":
        return None
    if fleet.certificate is None:
        mend = "set certificate and key in the table fleet"
        raise SourceError(f"{printable(log)}: needs a certificate; {mend}")
    try:
        key = None if fleet.key is None else path_of(fleet.key)
        return server_tls(path_of(fleet.certificate), key)
    except UsageError as error:
        raise SourceError(f"{printable(log)}: {error}") from error
