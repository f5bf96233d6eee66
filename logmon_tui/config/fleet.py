"""The settings of many hosts: what is watched, how brokers are reached, when a host is silent."""

from typing import Annotated

import msgspec

RECEIVE_TOKEN = "LOGMON_RECEIVE_TOKEN"  # noqa: S105 - the name of a variable
"""The variable with the token that whoever posts lines must know."""

Wait = Annotated[int, msgspec.Meta(ge=1, le=86_400)]


class FleetSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `fleet`.

    `logs` are watched where no LOG is named. `site` is what agents call the place of this host. The
    files from `credentials` to `key` say who one is to a broker, and how TLS checks it. `stream` is
    the broker's. A host is `stale` and then `silent` once it has said nothing for so many seconds.
    Whoever posts lines to other addresses than loopback must know the token in
    `receive_token_file`; `https://` answers with `certificate` and `key`.
    """

    logs: tuple[str, ...] = ()
    site: str = ""
    stream: str = "LOGMON"
    user: str | None = None
    password_file: str | None = None
    token_file: str | None = None
    credentials: str | None = None
    nkey: str | None = None
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    receive_token_file: str | None = None
    stale_after: Wait = 15
    silent_after: Wait = 60
