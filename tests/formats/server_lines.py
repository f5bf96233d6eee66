"""Lines as nginx and Apache write them, with what a client sent escaped as they escape it."""

import re

from logmon_tui.formats.servers.nginx import VARIABLE

SECOND, TIME = 1795335999, "22/Nov/2026:08:26:39 +0000"

SENT = ("remote_user", "request", "http_referer", "http_user_agent", "http_x_forwarded_for")
"""What a client makes up freely; servers escape quotes, backslashes and control characters."""

OTHERS = {
    "host": "www.example.com",
    "remote_addr": "203.0.113.5",
    "time_local": TIME,
    "status": "200",
    "body_bytes_sent": "612",
    "request_time": "0.123",
    "upstream_response_time": "0.120",
    "upstream_connect_time": "0.001",
    "upstream_header_time": "0.119",
    "server_name": "www",
    "upstream_addr": "10.0.0.1:80",
    "upstream_status": "200",
    "upstream_response_length": "612",
    "upstream_cache_status": "MISS",
    "request_length": "420",
    "proxy_upstream_name": "web",
    "proxy_alternative_upstream_name": "",
    "req_id": "5c",
}
APACHE = {
    "%h": "203.0.113.5",
    "%l": "-",
    "%t": f"[{TIME}]",
    "%>s": "200",
    "%b": "612",
    "%O": "612",
    "%I": "420",
    "%v": "www.example.com",
    "%p": "443",
    "%D": "123",
    "%T": "0",
    "%{ms}T": "12",
}
_DIRECTIVE = re.compile(r"%[<>]?(?:\{[^}]*\})?\w")


def nginx_text(text: str) -> str:
    """What nginx writes for a variable (ngx_http_log_escape)."""
    written = "".join(
        f"\\x{byte:02X}" if byte < 32 or byte > 126 or byte in b'"\\' else chr(byte)
        for byte in text.encode(errors="replace")
    )
    return written or "-"


def apache_text(text: str) -> str:
    """What Apache writes for a directive (ap_escape_logitem)."""
    short = {ord('"'): '\\"', ord("\\"): "\\\\", 9: "\\t", 10: "\\n", 13: "\\r"}
    written = "".join(
        short.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")
        for byte in text.encode(errors="replace")
    )
    return written or "-"


def nginx_line(definition: str, sent: dict[str, str]) -> bytes:
    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return nginx_text(sent.get(name, "-")) if name in SENT else OTHERS[name]

    return VARIABLE.sub(value, definition).encode()


def apache_line(definition: str, sent: dict[str, str]) -> bytes:
    def value(found: re.Match[str]) -> str:
        name = found[0]
        if name == "%u" and sent.get(name) == "":
            return '""'
        return APACHE.get(name) or apache_text(sent.get(name, "-"))

    return _DIRECTIVE.sub(value, definition).encode()
