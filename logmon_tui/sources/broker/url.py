"""What a LOG such as `nats://broker:4222/SITE/HOST` names, and whether it can be watched."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from logmon_tui.config.fleet import FleetSettings
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.fleet.access import access
from logmon_tui.fleet.protocol import EVERYTHING, NO_SITE, PREFIX, is_name, token


class Watched(NamedTuple):
    """What a LOG names: a broker's URL, and which subjects of its stream."""

    url: str
    subject: str


def watched(log: str) -> Watched:
    """Return what a LOG names. Raises SourceError for a path that is no site or server."""
    parts = urlsplit(log)
    names = [unquote(name) for name in parts.path.strip("/").split("/") if name]
    if len(names) > 2 or not all(map(is_name, names)):
        raise SourceError(
            f"{printable(log)}: a path names a site, /SITE, or a server, /SITE/HOST; "
            f"write {NO_SITE} for servers without a site"
        )
    subject = EVERYTHING
    if names:
        subject = ".".join((PREFIX, *map(token, names), ">" if len(names) == 1 else "*"))
    return Watched(parts._replace(path="").geturl(), subject)


def check(log: str, settings: FleetSettings) -> None:
    """Raise UsageError for a LOG that cannot be watched with these settings."""
    access(settings, watched(log).url)
