"""The formats that users can name. A new one is an entry in a file here, and in `_PLACES`."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib import import_module
from itertools import chain
from typing import overload

from logmon_tui.formats.model.log_format import LogFormat

_PLACES = (
    ("clf", "COMBINED"),
    ("clf", "COMMON"),
    ("clf", "VHOST_COMBINED"),
    ("clf", "VHOST_COMMON"),
    ("clf", "COMBINED_TIME_US"),
    ("clf", "COMBINED_TIME_S"),
    ("clf", "COMBINED_TIME_MS"),
    ("clf", "COMBINEDIO"),
    ("nginx", "NGINX_PRESETS"),
    ("nginx", "NGINX_PROXY_MANAGER"),
    ("clf", "TRAEFIK_CLF"),
    ("aws", "ALB"),
    ("aws", "ELB"),
    ("aws", "S3"),
    ("proxies", "HAPROXY"),
    ("proxies", "SQUID"),
    ("proxies", "ENVOY_TEXT"),
    ("applications", "UWSGI"),
    ("applications", "CSV"),
    ("w3c", "W3C"),
    ("w3c", "CLOUDFRONT"),
    ("json", "CADDY"),
    ("json", "TRAEFIK"),
    ("json", "ENVOY"),
    ("json", "NGINX_JSON"),
    ("json", "CLOUDFLARE"),
    ("json", "GCP"),
)
"""Module and name of each preset, or of a tuple of them, in the order of `PRESETS`."""


class _Presets(Sequence[LogFormat]):
    """All presets, imported on demand: a log needs none behind its own."""

    @cached_property
    def _all(self) -> tuple[LogFormat, ...]:
        return tuple(iter(self))  # `tuple` would ask `self` for its length

    @overload
    def __getitem__(self, place: int) -> LogFormat: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[LogFormat]: ...
    def __getitem__(self, place: int | slice) -> LogFormat | Sequence[LogFormat]:
        return self._all[place]

    def __len__(self) -> int:
        return len(self._all)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[LogFormat]:
        return chain.from_iterable(_presets_at(*place) for place in _PLACES)


def _presets_at(module: str, name: str) -> Sequence[LogFormat]:
    found: LogFormat | Sequence[LogFormat] = getattr(import_module(f"{__name__}.{module}"), name)
    return [found] if isinstance(found, LogFormat) else found


PRESETS: Sequence[LogFormat] = _Presets()
"""All presets; on a tie, recognition prefers the earlier one."""
