"""nginx: usual extensions of the combined format; its ingress controller and proxy manager."""

from typing import cast

from msgspec.structs import replace

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.variant_format import VariantFormat
from logmon_tui.formats.model.converters import Duration, Shape, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform
from logmon_tui.formats.presets.clf import COMBINED_LINE
from logmon_tui.formats.servers.nginx import nginx_format

_COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent'
    ' "$http_referer" "$http_user_agent"'
)
_ADDRESSES = Shape(
    rb"-|unknown|(?:[0-9A-Fa-f.:\[\]]*[.:][0-9A-Fa-f.:\[\]]*(?:, ?)?)++", of_client=True
)
"""A list of addresses: it distinguishes X-Forwarded-For from a host name at the same place."""

_HOST_NAME = Shape(rb'[^ ,="]++', of_client=True)
"""A host name: no cookie, and no list of addresses."""

_ADDRESS = Shape(rb"(?!-(?: |\Z))[^ ]++")
"""The client after a virtual host: nginx always knows it. A dash begins an odd user's name."""

_SECONDS = Duration(Unit.SECONDS, pointed=True)
_SEVERAL_SECONDS = Duration(Unit.SECONDS, several=True, pointed=True)
"""nginx always writes a fraction: that excludes whole seconds and microseconds of Apache."""


def _preset(name: str, behind: str, example: str, before: str = "") -> DelimitedFormat:
    """Return the combined format with further fields, strict enough to be recognised."""
    definition = f"{before}{_COMBINED} {behind}"
    log_format = cast("DelimitedFormat", nginx_format(name, definition))
    tokens = list(log_format.tokens)
    for place, token in enumerate(tokens):
        if token.field is Field.RESPONSE_TIME:
            tokens[place] = token.changed(converter=_SECONDS, optional=False)
        elif token.field is Field.UPSTREAM_TIME:
            tokens[place] = token.changed(converter=_SEVERAL_SECONDS)
        elif token.field is Field.VIRTUAL_HOST:
            without_port = Transform.WITHOUT_PORT
            tokens[place] = token.changed(converter=_HOST_NAME, transform=without_port)
        elif token.field is Field.HOST and before:
            tokens[place] = token.changed(converter=_ADDRESS)
        elif token.quoted and tokens[place - 1].field is Field.USER_AGENT and "forwarded" in behind:
            tokens[place] = token.changed(converter=_ADDRESSES)
    return replace(log_format, tokens=tuple(tokens), example=example)


_TIMES = "$request_time $upstream_response_time"
_UPSTREAM = 'uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time"'
_FORWARDED = '"$http_x_forwarded_for"'

NGINX_PRESETS = (
    _preset("nginx_main", _FORWARDED, f'{COMBINED_LINE} "198.51.100.7"'),
    _preset("nginx_time", "$request_time", f"{COMBINED_LINE} 0.123"),
    _preset("nginx_times", _TIMES, f"{COMBINED_LINE} 0.123 0.120"),
    _preset("nginx_main_time", f"{_FORWARDED} $request_time", f'{COMBINED_LINE} "-" 0.123'),
    _preset("nginx_main_times", f"{_FORWARDED} {_TIMES}", f'{COMBINED_LINE} "-" 0.123 0.120'),
    _preset(
        "nginx_rt",
        f"rt=$request_time {_UPSTREAM}",
        f'{COMBINED_LINE} rt=0.123 uct="0.001" uht="0.119" urt="0.120"',
    ),
    _preset(
        "nginx_main_rt",
        f"{_FORWARDED} rt=$request_time {_UPSTREAM}",
        f'{COMBINED_LINE} "-" rt=0.123 uct="0.001" uht="0.119" urt="0.120"',
    ),
    _preset("nginx_vhost", '"$host"', f'{COMBINED_LINE} "www.example.com"'),
    _preset(
        "nginx_vhost_times",
        f'{_FORWARDED} "$host" {_TIMES}',
        f'{COMBINED_LINE} "-" "www.example.com" 0.123 0.120',
    ),
    _preset(
        "nginx_vhost_main", _FORWARDED, f'www.example.com {COMBINED_LINE} "-"', before="$host "
    ),
    _preset(
        "nginx_amplify",
        f'{_FORWARDED} "$host" sn="$server_name" rt=$request_time ua="$upstream_addr"'
        ' us="$upstream_status" ut="$upstream_response_time" ul="$upstream_response_length"'
        " cs=$upstream_cache_status",
        f'{COMBINED_LINE} "-" "www.example.com" sn="www.example.com" rt=0.123'
        ' ua="10.0.0.1:8080" us="200" ut="0.120" ul="612" cs=MISS',
    ),
    _preset(
        "ingress_nginx",
        "$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name]"
        " $upstream_addr $upstream_response_length $upstream_response_time $upstream_status"
        " $req_id",
        f"{COMBINED_LINE} 420 0.003 [default-web-80] [] 10.244.0.5:8080 612 0.004 200 5c1ff8fc",
    ),
)
"""nginx.org, docs.nginx.com and kubernetes.github.io/ingress-nginx have these forms."""


def _proxy_manager(upstream: str, sent_to: str, example: str) -> DelimitedFormat:
    definition = (
        f"[$time_local] {upstream}$status - $request_method $scheme $host"
        ' "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio]'
        f'{sent_to} "$http_user_agent" "$http_referer"'
    )
    log_format = nginx_format("nginx_proxy_manager", definition, example)
    return cast("DelimitedFormat", log_format)


NGINX_PROXY_MANAGER = VariantFormat.of(
    "nginx_proxy_manager",
    _proxy_manager(
        "$upstream_cache_status $upstream_status ",
        " [Sent-to $server]",
        "[22/Nov/2026:08:26:40 +0000] - 200 200 - GET https www.example.com"
        ' "/api/user?id=7" [Client 203.0.113.5] [Length 612] [Gzip 2.81] [Sent-to app]'
        ' "curl/8.5.0" "-"',
    ),
    _proxy_manager("", "", ""),
)
"""github.com/NginxProxyManager, nginx.conf: its formats `proxy` and `standard`."""
