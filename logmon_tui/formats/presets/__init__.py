"""The formats known by name. A new one is a file here, and a line in `PRESETS`."""

from logmon_tui.formats.log_format import LogFormat
from logmon_tui.formats.presets.applications import CSV, UWSGI
from logmon_tui.formats.presets.aws import ALB, ELB, S3
from logmon_tui.formats.presets.clf import (
    COMBINED,
    COMBINED_TIME_MS,
    COMBINED_TIME_S,
    COMBINED_TIME_US,
    COMBINEDIO,
    COMMON,
    TRAEFIK_CLF,
    VHOST_COMBINED,
    VHOST_COMMON,
)
from logmon_tui.formats.presets.json import CADDY, CLOUDFLARE, ENVOY, GCP, NGINX_JSON, TRAEFIK
from logmon_tui.formats.presets.nginx import NGINX_PRESETS, NGINX_PROXY_MANAGER
from logmon_tui.formats.presets.proxies import ENVOY_TEXT, HAPROXY, SQUID
from logmon_tui.formats.presets.w3c import CLOUDFRONT, W3C

PRESETS: tuple[LogFormat, ...] = (
    COMBINED,
    COMMON,
    VHOST_COMBINED,
    VHOST_COMMON,
    COMBINED_TIME_US,
    COMBINED_TIME_S,
    COMBINED_TIME_MS,
    COMBINEDIO,
    *NGINX_PRESETS,
    NGINX_PROXY_MANAGER,
    TRAEFIK_CLF,
    ALB,
    ELB,
    S3,
    HAPROXY,
    SQUID,
    ENVOY_TEXT,
    UWSGI,
    CSV,
    W3C,
    CLOUDFRONT,
    CADDY,
    TRAEFIK,
    ENVOY,
    NGINX_JSON,
    CLOUDFLARE,
    GCP,
)
"""In the order in which recognition prefers them."""
