"""Which LOGs are no files of this machine, by how they are written. Pure, and light to import."""

from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.late_patterns import late_pattern

_SCHEME = late_pattern(r"[a-z][a-z0-9+.-]*")
_USER = r"[^/:@\s]+@"
_HOST = r"\[[0-9A-Za-z:.%_-]+\]|[^/:@\s\[\]]+"
_SSH = late_pattern(rf"(?s)(?P<host>(?:{_USER})?(?:{_HOST})):(?P<path>/.*)")


def is_remote(log: str) -> bool:
    """Tell whether a LOG is no file of this machine; `./` before a name makes it one."""
    return log == STANDARD_INPUT or is_url(log) or ssh_parts(log) is not None


def is_url(log: str) -> bool:
    """Tell whether a LOG is an address, such as `nats://broker:4222`."""
    scheme, separator, _ = log.partition("://")
    return separator != "" and _SCHEME().fullmatch(scheme) is not None


def ssh_parts(log: str) -> tuple[str, str] | None:
    """Return the host and the path of a LOG such as `web1:/var/log/nginx/access.log`."""
    found = None if ":" not in log or is_url(log) else _SSH().fullmatch(log)
    return None if found is None else (found["host"], found["path"])
