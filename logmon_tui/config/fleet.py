"""The settings of many hosts: what is watched, how brokers are reached, when a host is silent."""

from typing import Annotated

import msgspec

from logmon_tui.config.braces import expanded
from logmon_tui.errors import TableError
from logmon_tui.toml_tables import shown

RECEIVE_TOKEN = "LOGMON_RECEIVE_TOKEN"  # noqa: S105 - the name of a variable
"""The variable with the token that whoever posts lines must know."""

Wait = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
Sample = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class FleetSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `fleet`.

    `logs` are watched where no LOG is named; braces in them stand for several. `ssh` is how other
    machines are reached: a command and its options, as a list. `site` is what agents call the
    place of this host, and `host` is its name. An agent sends `to` that broker; `anonymise` masks
    clients, users and queries, with the key in the file `anonymise_key`; it sends one of `sample`
    lines with a status of 2xx, and none of `drop_fields`. The files from `credentials` to `key` say
    who one is to a broker, and how TLS checks it. `stream` is the broker's. A host is `stale` and
    then `silent` once it has said nothing for so many seconds.

    Whoever posts lines to other addresses than loopback must know the token in
    `receive_token_file`; `https://` answers with `certificate` and `key`.
    """

    logs: tuple[str, ...] = ()
    ssh: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("ssh",)
    site: str = ""
    host: str | None = None
    to: str | None = None
    anonymise: bool = False
    anonymise_key: str | None = None
    sample: Sample = 1
    drop_fields: tuple[str, ...] = ()
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

    def watched(self) -> tuple[str, ...]:
        """Return `logs`, with braces expanded. Raises TableError for what cannot be."""
        found: list[str] = []
        for place, log in enumerate(self.logs):
            try:
                found += expanded(log)
            except ValueError as error:
                raise TableError(("fleet", "logs", place), f"{shown(log)}: {error}") from error
        return tuple(found)
