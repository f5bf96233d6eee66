"""`logmon-tui agent`: sends the lines of logs to a broker, where dashboards read them."""

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logmon_tui.cli import in_force, options
from logmon_tui.cli.broker_options import broker_options
from logmon_tui.cli.choosing import resolve_inputs
from logmon_tui.cli.options import GroupedCommand, option
from logmon_tui.config.fleet import FleetSettings
from logmon_tui.config.remote import is_remote
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable

if TYPE_CHECKING:
    from logmon_tui.agent.altered import Alteration
    from logmon_tui.agent.followed import FollowedLog, Host
    from logmon_tui.sources.pattern_observer import PatternObserver
    from logmon_tui.sources.seek import Start

EXAMPLES = """
logmon-tui agent --to nats://broker:4222 --site eu /var/log/nginx/access.log
logmon-tui agent --to tls://broker:4222 --ca ca.pem --credentials web1.creds '/var/log/nginx/*.log'
logmon-tui agent --to nats://broker:4222 --anonymise --sample 10 access.log
logmon-tui watch nats://broker:4222                what all agents send, on one screen
"""

_SENDING, _READING, _STATE = "Sending", "Reading", "State"
_MAX_SAMPLE = 1_000_000


def _names(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(name.strip().lower() for name in value.split(",") if name.strip())


@click.command(cls=GroupedCommand, epilog=EXAMPLES)
@options.logs_argument()
@option("--to", "fleet_to", group=_SENDING, metavar="URL", help="The broker: nats:// or tls://.")
@option("--site", "fleet_site", group=_SENDING, metavar="NAME", help="Where this host is.")
@option(
    "--host",
    "fleet_host",
    group=_SENDING,
    metavar="NAME",
    help="What this host is called.  [default: its name]",
)
@option(
    "--anonymise",
    "fleet_anonymise",
    group=_SENDING,
    is_flag=True,
    default=None,
    help="Mask clients (IPv4 to /24, IPv6 to /48); send pseudonyms of users and queries.",
)
@option(
    "--anonymise-key",
    "fleet_anonymise_key",
    group=_SENDING,
    type=click.Path(readable=False),
    metavar="FILE",
    help="The key that makes pseudonyms, the same on all hosts.  [default: one of this host]",
)
@option(
    "--sample",
    "fleet_sample",
    group=_SENDING,
    type=click.IntRange(1, _MAX_SAMPLE),
    metavar="N",
    help="Send only one of N lines with a status of 2xx; how many are left out is shown.",
)
@option(
    "--drop-fields",
    "fleet_drop_fields",
    group=_SENDING,
    metavar="NAMES",
    callback=_names,
    help="Send - instead of these fields, such as user,referrer,user_agent.",
)
@options.log_format
@option(
    "--from-start",
    group=_READING,
    is_flag=True,
    help="Send a log that was never sent before from its beginning, not from its end.",
)
@option(
    "--state",
    "agent_state",
    group=_STATE,
    type=click.Path(readable=False),
    metavar="FOLDER",
    help="Where to keep what was sent.  [default: in the user's state folder]",
)
@broker_options
@options.config
@click.pass_context
def agent(
    ctx: click.Context, /, logs: tuple[str, ...], agent_state: str | None, **parameters: Any
) -> int:
    """Send the lines of LOGs to a broker, for dashboards to read.

    Each line goes once, through rotations and restarts.

    The log is the spool: what the broker does not have yet is read later. It runs until a signal
    comes, and prints only problems.
    """
    settings = in_force.settings_from(parameters)
    fleet = settings.fleet
    if fleet.to is None:
        raise UsageError("no broker is named; give --to, such as --to nats://broker:4222")
    from logmon_tui.fleet.access import access

    url = fleet.to
    reached = access(fleet, url)
    formats, logs = resolve_inputs(ctx, settings, logs, live=True)
    _check(logs)
    host = _host(fleet)
    from logmon_tui.agent.followed import FollowedLog
    from logmon_tui.agent.saved import default_folder
    from logmon_tui.sources.pattern_observer import PatternObserver
    from logmon_tui.sources.patterns import is_pattern
    from logmon_tui.sources.seek import FROM_END, FROM_START

    folder = Path(agent_state) if agent_state else default_folder()
    alteration = _alteration(fleet, folder)

    def follow(log: str, start: "Start") -> FollowedLog:
        return FollowedLog(log, host, folder, formats=formats, alteration=alteration, start=start)

    start = FROM_START if settings.from_start else FROM_END
    patterns = [log for log in logs if is_pattern(log)]
    named = [log for log in logs if not is_pattern(log)]
    followed = [follow(log, start) for log in named]
    with ExitStack() as stack:
        matching = None
        if patterns:
            observer = PatternObserver(patterns, named)
            stack.callback(observer.close)
            matching = _Matching(observer, follow, start)
        click.echo(f"sending {', '.join(map(printable, logs))} to {reached.address} as {_as(host)}")
        _run(followed, host, lambda: access(fleet, url), matching)
    return 0


class _Matching:
    """The logs that match patterns; those that come later are sent from their beginning."""

    def __init__(
        self,
        observer: "PatternObserver",
        follow: "Callable[[str, Start], FollowedLog]",
        start: "Start",
    ) -> None:
        self._observer, self._follow = observer, follow
        self._start: Start | None = start

    def new(self) -> "list[FollowedLog]":
        """Return the logs that match since the last call; tell which cannot be sent."""
        from logmon_tui.sources.seek import FROM_START

        found = []
        start, self._start = self._start or FROM_START, None
        for log in self._observer.new():
            try:
                found.append(self._follow(log, start))
            except UsageError as error:
                _tell(str(error))
        return found

    def forget(self, log: "FollowedLog") -> None:
        """Let a log match again that is gone."""
        self._observer.forget(log.log)


def _run(
    logs: "Sequence[FollowedLog]",
    host: "Host",
    reached: Callable[[], Any],
    arrivals: _Matching | None,
) -> None:
    """Send until a signal comes."""
    import asyncio

    from logmon_tui.agent.agent import Agent

    async def send() -> None:
        sending = Agent(logs, host, reached, _tell, arrivals)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, sending.stop)
        await sending.run()

    asyncio.run(send())


def _tell(problem: str) -> None:
    click.echo(f"logmon-tui: {printable(problem) or 'all is well again'}", err=True)


def _as(host: "Host") -> str:
    return printable(f"{host.site}/{host.name}" if host.site else host.name)


def _check(logs: Sequence[str]) -> None:
    from logmon_tui.sources.given import check_distinct, check_log
    from logmon_tui.sources.patterns import is_pattern

    for log in logs:
        if is_remote(log):
            raise UsageError(f"{printable(log)}: is no file; an agent sends files of its machine")
        if not is_pattern(log):
            check_log(Path(log))
    check_distinct(logs)


def _host(fleet: FleetSettings) -> "Host":
    from logmon_tui.agent.followed import Host
    from logmon_tui.fleet.protocol import is_name

    name = os.uname().nodename if fleet.host is None else fleet.host
    for option_, given in (("host", name), ("site", fleet.site)):
        if not is_name(given) and (given or option_ == "host"):
            raise UsageError(f"--{option_} '{printable(given)}' is no name; give a short one")
    return Host(name, fleet.site)


def _alteration(fleet: FleetSettings, folder: Path) -> "Alteration":
    from logmon_tui.agent.altered import Alteration
    from logmon_tui.masking.edits import NEEDED, Edits
    from logmon_tui.masking.masks import Masks

    needed = {field.value.replace(" ", "_") for field in NEEDED}
    wrong = needed.intersection(fleet.drop_fields)
    if wrong:
        raise UsageError(f"--drop-fields: {min(wrong)} is what every hit needs; leave it out")
    masks = None
    if fleet.anonymise or fleet.anonymise_key is not None:
        from logmon_tui.agent.keys import key_of

        masks = Masks(key_of(fleet.anonymise_key, folder))
    return Alteration(Edits(masks, frozenset(fleet.drop_fields)), fleet.sample)
