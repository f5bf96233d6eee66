"""`logmon-tui fleet`: makes a broker's stream, and shows who sends to it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from logmon_tui import units
from logmon_tui.cli import in_force, options
from logmon_tui.cli.broker_options import broker_options, stream
from logmon_tui.cli.groups import CommandGroup
from logmon_tui.cli.options import GroupedCommand, option, output_option
from logmon_tui.config.fleet import FleetSettings
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

if TYPE_CHECKING:
    from logmon_tui.fleet.access import Access
    from logmon_tui.fleet.stream import SentBy, StreamStatus

_SETUP_EXAMPLES = """
logmon-tui fleet setup --to nats://broker:4222              a day, 10 GB at most
logmon-tui fleet setup --to nats://broker:4222 --max-age 3d --max-bytes 200GB
"""
_STATUS_EXAMPLES = """
logmon-tui fleet status --to nats://broker:4222
logmon-tui fleet status --to nats://broker:4222 --output json | jq '.hosts[] | select(.lost > 0)'
"""
_STREAM = "Stream"

_to = option(
    "--to", "fleet_to", group="Broker", metavar="URL", help="The broker: nats:// or tls://."
)


class _Scaled(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A number with a unit, such as `24h`; `units` are what the units stand for."""

    def __init__(self, name: str, pattern: str, units: Mapping[str, int], example: str) -> None:
        self.name = name
        self._pattern = re.compile(pattern, re.ASCII | re.IGNORECASE)
        self._units, self._example = units, example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; fail with an example for anything else."""
        if isinstance(value, int):
            return value
        found = self._pattern.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no {self.name} such as {self._example}.", param, ctx)
        return int(found[1]) * self._units[found[2].lower()]


_AGE = _Scaled("time", "([1-9][0-9]{0,5})([mhd])", {"m": 60, "h": 3_600, "d": 86_400}, "24h or 3d")
_SIZE = _Scaled(
    "size",
    "([1-9][0-9]{0,8}) ?(MB|GB|TB)",
    {"mb": 10**6, "gb": 10**9, "tb": 10**12},
    "500MB or 10GB",
)


@click.group("fleet", cls=CommandGroup, no_args_is_help=False)
def fleet_commands() -> None:
    """Make a broker's stream, or show the hosts that send to it."""


@fleet_commands.command(cls=GroupedCommand, epilog=_SETUP_EXAMPLES)
@_to
@option(
    "--max-age",
    group=_STREAM,
    metavar="TIME",
    default="24h",
    show_default=True,
    type=_AGE,
    help="How long the broker keeps lines, such as 90m, 24h or 3d.",
)
@option(
    "--max-bytes",
    group=_STREAM,
    metavar="SIZE",
    default="10GB",
    show_default=True,
    type=_SIZE,
    help="How many bytes it keeps; the oldest go first.",
)
@option(
    "--replicas",
    group=_STREAM,
    type=click.IntRange(1, 5),
    metavar="N",
    default=1,
    show_default=True,
    help="On how many brokers of a cluster.",
)
@stream
@broker_options
@options.config
def setup(max_age: int, max_bytes: int, replicas: int, **parameters: Any) -> None:
    """Make the stream for the lines of agents, or change its limits."""
    import asyncio

    reached, fleet = _reached(parameters)
    from logmon_tui.fleet.stream import Limits, set_up

    limits = Limits(max_age, max_bytes, replicas)
    new = asyncio.run(set_up(reached, fleet.stream, limits))
    made = "made" if new else "changed"
    kept = f"{units.duration(max_age)} and {units.spoken_size(max_bytes)} at most"
    click.echo(f"{made} stream {printable(fleet.stream)} at {reached.address}: {kept}")


@fleet_commands.command(cls=GroupedCommand, epilog=_STATUS_EXAMPLES)
@_to
@output_option("text", "json")
@stream
@broker_options
@options.config
def status(output: str, **parameters: Any) -> None:
    """Show what a stream holds, and how each sending host is."""
    import asyncio

    reached, fleet = _reached(parameters)
    from logmon_tui.fleet.stream import status as status_of

    found = asyncio.run(status_of(reached, fleet.stream))
    if output == "json":
        click.echo(json.dumps(_as_json(found, fleet)))
    else:
        click.echo("\n".join(_as_text(found, fleet)))


def _reached(parameters: dict[str, Any]) -> "tuple[Access, FleetSettings]":
    fleet = in_force.settings_from(parameters).fleet
    if fleet.to is None:
        raise UsageError("no broker is named; give --to, such as --to nats://broker:4222")
    from logmon_tui.fleet.access import access

    return access(fleet, fleet.to), fleet


def _state(host: "SentBy", fleet: FleetSettings) -> str:
    """Return how a host is: what it said last, unless it has been silent for too long."""
    if host.health is None or host.age is None:
        return "silent"
    if host.health.state == "ended":
        return "ended"
    if host.age > fleet.silent_after:
        return "silent"
    return "stale" if host.age > fleet.stale_after else host.health.state


def _as_json(found: "StreamStatus", fleet: FleetSettings) -> dict[str, Any]:
    return {
        "stream": found.name,
        "messages": found.messages,
        "bytes": found.bytes,
        "max_age": found.seconds,
        "max_bytes": found.size,
        "hosts": [_host_as_json(host, fleet) for host in found.hosts],
    }


def _host_as_json(host: "SentBy", fleet: FleetSettings) -> dict[str, Any]:
    health = host.health
    about: dict[str, Any] = {"host": host.host, "site": host.site, "state": _state(host, fleet)}
    if health is None:
        return about
    return about | {
        "heard_ago": host.age,
        "lag": health.lag,
        "backlog": health.backlog,
        "sent": health.sent,
        "lost": health.lost,
        "left_out": health.left_out,
        "version": health.agent,
        "logs": list(health.logs),
        "message": health.message,
    }


_HEADINGS = ("host", "site", "state", "heard", "lag", "backlog", "sent", "lost", "left out")
_RIGHT = range(3, len(_HEADINGS))


def _as_text(found: "StreamStatus", fleet: FleetSettings) -> Iterator[str]:
    from logmon_tui.fitting import left, right, width_of

    size = f"{units.spoken_size(found.bytes)} of {units.spoken_size(found.size)}"
    kept = units.duration(found.seconds)
    yield f"stream {printable(found.name)}: {found.messages:,} messages, {size}, {kept} at most"
    if not found.hosts:
        yield "no host has sent anything yet"
        return
    rows = [(*_HEADINGS, "version"), *(_row(host, fleet) for host in found.hosts)]
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            right(cell, width) if at in _RIGHT else left(cell, width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
    for host in found.hosts:
        if host.health is not None and host.health.message:
            name = f"{host.site}/{host.host}" if host.site else host.host
            yield f"{printable(name)}: {printable(host.health.message)}"


def _row(host: "SentBy", fleet: FleetSettings) -> tuple[str, ...]:
    health = host.health
    name = printable(host.host), printable(host.site or "-"), printable(_state(host, fleet))
    if health is None or host.age is None:
        return (*name, *("-" for _ in _RIGHT), "-")
    return (
        *name,
        units.duration(host.age),
        units.duration(health.lag),
        units.size(health.backlog),
        f"{health.sent:,}",
        f"{health.lost:,}",
        f"{health.left_out:,}",
        printable(health.agent),
    )
