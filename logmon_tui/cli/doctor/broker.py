"""Check of a log that is a broker: whether it answers, and what a watch would read there."""

from logmon_tui.cli.doctor.findings import Finding, State, fine
from logmon_tui.config.fleet import FleetSettings
from logmon_tui.escape import printable


def broker_finding(log: str, fleet: FleetSettings) -> Finding:
    """Return the finding on a broker's stream: how many hosts have sent to it.

    Raises UsageError if it cannot be read.
    """
    # Imported late: nats-py and asyncio are slow to import, and an extra.
    import asyncio

    from logmon_tui.fleet.access import access
    from logmon_tui.fleet.stream import status
    from logmon_tui.sources.broker.url import watched

    url = watched(log).url
    hosts = len(asyncio.run(status(access(fleet, url), fleet.stream)).hosts)
    stream = f"stream {printable(fleet.stream)} of {printable(url)}"
    if not hosts:
        mend = f"start on a host: logmon-tui agent --to {printable(url)} LOG"
        return Finding(State.WARNING, f"{stream} can be read, but holds nothing", mend)
    return fine(f"{stream} can be read: {hosts:,} host{'s' if hosts > 1 else ''}")
