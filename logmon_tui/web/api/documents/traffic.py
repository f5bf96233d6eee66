"""Answers about traffic: any window of it, and graphs."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from logmon_tui.snapshot import Known
from logmon_tui.web.api.documents.common import Amount, Count, Document, Time


class Times(Document, frozen=True, kw_only=True):
    """Response times in seconds, accurate to 1 %."""

    p50: Amount
    p95: Amount
    p99: Amount
    max: Amount


class Sizes(Document, frozen=True, kw_only=True):
    """Sizes of responses in bytes."""

    mean: Amount
    p50: Count
    p95: Count
    max: Count


class Errors(Document, frozen=True, kw_only=True):
    """Hits that were answered with an error: of the client, and of the server."""

    client: Count = field(name="4xx")
    server: Count = field(name="5xx")


class Row(Document, frozen=True, kw_only=True):
    """A row of a ranking: its name, under the key of the ranking, and its figures.

    A row of an own panel has its name under the panel's name.
    """

    hits: Count
    bytes: Count
    section: str | UnsetType = UNSET
    path: str | UnsetType = UNSET
    route: str | UnsetType = UNSET
    host: str | UnsetType = UNSET
    network: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    asn: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET
    referrer: str | UnsetType = UNSET
    method: str | UnsetType = UNSET
    virtual_host: str | UnsetType = UNSET
    tls: str | UnsetType = UNSET
    browser: str | UnsetType = UNSET
    system: str | UnsetType = UNSET
    bot: str | UnsetType = UNSET
    agent_kind: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    server: str | UnsetType = UNSET
    site: str | UnsetType = UNSET
    status: Annotated[dict[str, Count], Meta(description="Hits by class.")] | UnsetType = UNSET
    errors: Errors | UnsetType = UNSET
    response_time: Times | UnsetType | None = UNSET
    total_time: Amount | UnsetType = UNSET


class Where(Document, frozen=True, kw_only=True):
    """The filter that chose the hits."""

    where: str


class Traffic(Document, frozen=True, kw_only=True):
    """The traffic of a window of log time, the `window` seconds up to `time`."""

    time: Time | None
    window: Count
    hits: Count
    bytes: Count
    rate: Amount
    status: Annotated[dict[str, Count], Meta(description="Hits by status code.")]
    response_time: Times | None
    total_time: Amount | UnsetType = UNSET
    upstream_time: Times | UnsetType | None = UNSET
    bytes_in: Count | UnsetType = UNSET
    filter: Where | UnsetType = UNSET


class OneRequest(Document, frozen=True, kw_only=True):
    """One hit, with what its log tells of it; own fields are under their panel's name."""

    time: Time
    status: str
    bytes: Count
    section: str | UnsetType = UNSET
    path: str | UnsetType = UNSET
    route: str | UnsetType = UNSET
    host: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET
    referrer: str | UnsetType = UNSET
    method: str | UnsetType = UNSET
    virtual_host: str | UnsetType = UNSET
    tls: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    server: str | UnsetType = UNSET
    site: str | UnsetType = UNSET
    response_time: Amount | UnsetType = UNSET
    upstream_time: Amount | UnsetType = UNSET
    bytes_in: Count | UnsetType = UNSET


class Answer(Traffic, frozen=True, kw_only=True):
    """The traffic that was asked for, and what is known of it.

    Rankings have the names that a report gives them; one of an own panel has the panel's name.
    `known` tells what the figures of a past moment are made of. If not all hits of the window are
    known, `since` is the first second that is. If `sampled`, the figures are estimates. With a
    filter, only the rankings in `answered` could be filtered; null if every figure is right.
    """

    response_size: Sizes
    unique_hosts: Count
    known: Known
    since: Time | None
    sampled: bool
    answered: list[str] | None
    requests: list[OneRequest] | UnsetType = UNSET
    sections: list[Row] | UnsetType = UNSET
    paths: list[Row] | UnsetType = UNSET
    routes: list[Row] | UnsetType = UNSET
    hosts: list[Row] | UnsetType = UNSET
    networks: list[Row] | UnsetType = UNSET
    countries: list[Row] | UnsetType = UNSET
    asns: list[Row] | UnsetType = UNSET
    users: list[Row] | UnsetType = UNSET
    user_agents: list[Row] | UnsetType = UNSET
    referrers: list[Row] | UnsetType = UNSET
    methods: list[Row] | UnsetType = UNSET
    virtual_hosts: list[Row] | UnsetType = UNSET
    tls: list[Row] | UnsetType = UNSET
    browsers: list[Row] | UnsetType = UNSET
    systems: list[Row] | UnsetType = UNSET
    bots: list[Row] | UnsetType = UNSET
    agent_kinds: list[Row] | UnsetType = UNSET
    sources: list[Row] | UnsetType = UNSET
    servers: list[Row] | UnsetType = UNSET
    sites: list[Row] | UnsetType = UNSET


class Column(Document, frozen=True, kw_only=True):
    """A column of a graph: `seconds` of it are known, and these are their sums."""

    seconds: Count
    hits: Count
    bytes: Count
    status: Annotated[dict[str, Count], Meta(description="Hits by class.")]
    response_time: Times | None
    clients: Annotated[float, Meta(description="Mean of the clients in a minute.")] | None


class Graph(Document, frozen=True, kw_only=True):
    """The traffic of a time in columns of `step` seconds, the first of which begins at `start`.

    A column of which nothing is known is null. `since` is the first second of which anything is
    known. The graph is of all hits if it is not `filtered`. Before the first hit `start` is null.
    """

    start: Time | None
    step: Count
    since: Time | None
    filtered: bool
    columns: list[Column | None]
