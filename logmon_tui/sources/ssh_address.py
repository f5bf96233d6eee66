"""What a LOG on another machine is called: `web1:/var/log/x`, `user@[::1]:/var/log/x`. Pure."""

import msgspec

from logmon_tui.config.remote import ssh_parts
from logmon_tui.errors import SourceError
from logmon_tui.escape import printable

_OF_NO_HOST = frozenset("'\"`$\\;&<>|(){}*?!#~,=")
"""Characters that mean something to shells, which settings of ssh may hand the name to."""


class SshAddress(msgspec.Struct, frozen=True):
    """What `ssh` is told, the name of the server as the user wrote it, and the path there."""

    destination: str
    server: str
    path: str


def is_ssh(log: str) -> bool:
    """Tell whether a LOG is reached by ssh."""
    return ssh_parts(log) is not None


def ssh_address(log: str) -> SshAddress:
    """Return the address that a LOG is. Raises SourceError for one that cannot be read by ssh."""
    parts = ssh_parts(log)
    if parts is None:
        raise SourceError(
            f"{printable(log)}: is no log of another machine, such as web1:/var/log/x"
        )
    host, path = parts
    user, at, name = host.rpartition("@")
    name = name.removeprefix("[").removesuffix("]")
    if problem := _problem(user, name, path):
        raise SourceError(f"{printable(log)}: {problem}")
    return SshAddress(f"{user}{at}{name}", name, path)


def _problem(user: str, name: str, path: str) -> str:
    """Return what is wrong with an address, empty if nothing is."""
    if user.startswith("-") or name.startswith("-"):
        return "a host cannot begin with -, which ssh would take for an option"
    if "{" in name:
        return "the shell did not expand the braces; [fleet] logs in the settings expands them too"
    if not (user + name).isprintable() or _OF_NO_HOST & {*user, *name}:
        return "the host has characters that no host has"
    if path.endswith("/"):
        return "is a folder; name a file in it"
    if any(each in path for each in "*?["):
        return "patterns are for files of this machine; name each log"
    return ""
