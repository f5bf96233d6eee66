"""Writes settings as TOML: the defaults with their descriptions, or those in force with origins.

It never writes a secret: of a target it shows only what `notify list` shows.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from logmon_tui.cli.in_force import TABLES
from logmon_tui.config.settings import DEFAULT_SHOW, Settings
from logmon_tui.config.toml_text import toml_table, toml_value
from logmon_tui.escape import printable
from logmon_tui.fitting import wrapped_text
from logmon_tui.notify.target import TargetSettings
from logmon_tui.notify.text import Text
from logmon_tui.notify.webhook import shown_url

_WIDTH = 96
_HIDDEN = "…"
_HEADER = """\
Settings of logmon-tui, with their defaults. Delete what you do not change: it then follows
the defaults of later versions, too. What has no default is commented out, with an example.

An editor completes and checks this file if `logmon-tui config schema` has written
logmon-tui.schema.json beside it, and its first line is
#:schema ./logmon-tui.schema.json"""

EXAMPLES: Mapping[str, Any] = {
    "show": [panel.value for panel in DEFAULT_SHOW],
    "where": "status:5xx !is:bot",
    "nginx_conf": "/etc/nginx/nginx.conf",
    "by": "day",
    "output": "text",
    "state": "/var/lib/logmon-tui/access.sqlite",
    "metrics_listen": "127.0.0.1:9100",
    "marks": "/srv/deploys.txt",
    "marks_token_file": "/etc/logmon-tui/marks.token",
    "web": "127.0.0.1:8080",
    "web_token_file": "/etc/logmon-tui/web.token",
    "web_certificate": "/etc/logmon-tui/web.pem",
    "web_key": "/etc/logmon-tui/web.key",
    "web_url": "https://logs.example.org",
    "css": "own.tcss",
    "theme": "logmon-light",
    "filters": {"office": "client:10.0.0.0/8,192.168.0.0/16"},
    "ignore": {"where": "path:/health,/ready"},
    "maintenance": {"backup": {"when": "daily 02:00-02:30", "timezone": "Europe/Berlin"}},
    "history": {"minutes": "48h", "hours": "35d", "keys": 50},
    "fleet": {"logs": ["nats://broker:4222"], "stale_after": 30, "silent_after": 120},
    "panels": {"cache": {"field": "upstream_cache_status", "title": "Cache"}},
    "formats": {"edge": {"format": '$remote_addr [$time_iso8601] "$request" $status'}},
    "logs": {"/var/log/edge/*.log": {"format": "edge"}},
    "rules": {
        "endpoint_errors": {"enabled": True},
        "busy_api": {"metric": "rate", "paths": "/api/*", "critical": 50},
    },
    "slo": {"checkout": {"objective": 0.999, "where": "section:/checkout", "bad": "status:5xx"}},
    "notify": {"pager": {"type": "webhook", "url": {"env": "PAGER_URL"}, "severity": "critical"}},
}
"""An example value of each setting without a default."""


_SINGLE = ("filters", "ignore", "history", "fleet")
"""Settings that are one table; the others are tables of tables."""


def default_text(descriptions: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a settings file with all defaults, each below its description."""
    yield from (f"# {line}".rstrip() for line in _HEADER.splitlines())
    defaults = Settings()
    for name in _in_order():
        yield ""
        yield from _commented(descriptions[name])
        if name in TABLES:
            for keys, table in _tables(name, EXAMPLES[name]):
                yield from (f"# {line}" for line in toml_table(keys, table))
        elif name in EXAMPLES:
            yield f"# {_key(name)} = {toml_value(EXAMPLES[name])}"
        else:
            yield f"{_key(name)} = {toml_value(getattr(defaults, name))}"


def settings_text(
    settings: Settings, targets: Mapping[str, TargetSettings], origin: Callable[..., str]
) -> Iterator[str]:
    """Yield a line for each setting in force, then the tables, each with its origin.

    `origin` returns where a setting, or a table of it, comes from.
    """
    values = {name: getattr(settings, name) for name in _in_order() if name not in TABLES}
    lines = {
        name: f"# {_key(name)} is not set"
        if value is None
        else f"{_key(name)} = {toml_value(_plain(value))}"
        for name, value in values.items()
    }
    widest = max(map(len, lines.values()))
    for name, line in lines.items():
        yield f"{line:<{min(widest, _WIDTH // 2)}}  # {printable(origin(name))}"
    for name in TABLES:
        for keys, table in _tables(name, getattr(settings, name)):
            shown = _without_secrets(table, targets[keys[1]]) if name == "notify" else table
            head, *rest = toml_table(keys, shown)
            yield ""
            yield f"{head}  # {printable(origin(*keys))}"
            yield from rest


def _tables(name: str, value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the keys and the content of each table that the setting `name` is written as."""
    value = _plain(value)
    if not value:
        return
    if name in _SINGLE:
        yield (name,), value
    else:
        yield from (((name, key), _plain(table)) for key, table in value.items())


def _in_order() -> list[str]:
    """Return the names of the settings; tables come last, as TOML requires."""
    return [name for name in Settings.__struct_fields__ if name not in TABLES] + list(TABLES)


def _key(name: str) -> str:
    return name.replace("_", "-")


def _commented(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in wrapped_text(text, _WIDTH, hanging=0))


def _plain(value: Any) -> Any:
    """Return a value made of TOML's types: structs become dicts of what is set, tuples lists."""
    if hasattr(value, "__struct_fields__"):
        given = {name: getattr(value, name) for name in value.__struct_fields__}
        return {name: each for name, each in given.items() if each is not None}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _without_secrets(table: Mapping[str, Any], target: TargetSettings) -> dict[str, Any]:
    """Return those parts of a target's table that may be shown."""
    fields = dict(zip(target.__struct_encode_fields__, target.__struct_fields__, strict=True))
    shown: dict[str, Any] = {"type": target.KIND}
    for key in table:
        name = key.replace("-", "_")
        if name in fields:
            shown[key] = _hidden(name, getattr(target, fields[name]))
    return shown


def _hidden(key: str, value: Any) -> Any:
    """Return what may be shown of a target's value: a place, or an address without secrets."""
    if isinstance(value, Text):
        if value.place:
            return value.place
        return _address(value.read()) if key == "url" else _HIDDEN
    if key == "command" and not value[0].place:
        return [Path(value[0].read()).name, *(_hidden("", each) for each in value[1:])]
    if isinstance(value, Mapping):
        return {name: _hidden(key, each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_hidden(key, each) for each in value]
    return value


def _address(url: str) -> str:
    """Return an address as `notify list` shows it."""
    scheme = url.partition("://")[0]
    if scheme in {"http", "https"}:
        return shown_url(url)
    return f"{printable(urlsplit(url).scheme)}://{_HIDDEN}"
