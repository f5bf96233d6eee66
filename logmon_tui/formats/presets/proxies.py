"""HAProxy, Squid and Envoy in their own formats."""

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.tokens import token
from logmon_tui.formats.model.converters import Amount, Clock, Code, Duration, Shape, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform

_MILLISECONDS = Duration(Unit.MILLISECONDS, plus=True)
_CAPTURED = Shape(rb'(?:\{[^{}"]*+\} )*+')
"""Headers of request and response, if any are captured: `{…} {…} `."""

HAPROXY = DelimitedFormat.of(
    "haproxy",
    *(token(Field.HOST, transform=Transform.PORT_CUT), b" [", token(Field.TIME, Clock.CLF_UTC)),
    *(b"] ", Field.OTHER, b" ", Field.OTHER, b" "),
    # Waiting for the request, in the queue, for the connection, for the answer, and all together.
    *(token(Field.OTHER, _MILLISECONDS), b"/", token(Field.OTHER, _MILLISECONDS), b"/"),
    *(token(Field.OTHER, _MILLISECONDS), b"/", token(Field.UPSTREAM_TIME, _MILLISECONDS), b"/"),
    *(token(Field.RESPONSE_TIME, _MILLISECONDS), b" "),
    *(token(Field.STATUS, Code.OR_NONE), b" ", token(Field.SIZE, Amount(plus=True)), b" "),
    *(Field.OTHER, b" ", Field.OTHER, b" ", Field.OTHER, b" ", Field.OTHER, b" ", Field.OTHER),
    *(b" ", token(Field.OTHER, _CAPTURED), b'"', Field.REQUEST, b'"'),
    messages=rb"\S+ \[[^\]]+\] [^ ]+: |(?:Connect from|Proxy|Server|Health check|\[\w+\]) ",
    example=(
        "203.0.113.5:33317 [22/Nov/2026:08:26:40.655] http-in static/srv1 10/0/30/69/109 200 2750"
        ' - - ---- 1/1/1/1/0 0/0 {www.example.com} {} "GET /index.html HTTP/1.1"'
    ),
)
"""docs.haproxy.org, HTTP log format: Tr is the upstream's time, Ta the whole."""

SQUID = DelimitedFormat.of(
    "squid",
    *(token(Field.TIME, Clock.EPOCH), b" "),
    *(token(Field.RESPONSE_TIME, Duration(Unit.MILLISECONDS), padded=True), b" ", Field.HOST, b" "),
    *(Field.OTHER, b"/", Field.STATUS, b" ", Field.SIZE, b" ", Field.METHOD, b" "),
    *(Field.TARGET, b" ", Field.USER, b" ", Field.OTHER, b" ", Field.OTHER),
    messages=rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d",
    example=(
        "1795336000.603    310 203.0.113.5 TCP_MISS/200 2345 GET http://www.example.com/api/user"
        " mary HIER_DIRECT/192.0.2.80 text/html"
    ),
)
"""wiki.squid-cache.org, native access.log."""

ENVOY_TEXT = DelimitedFormat.of(
    "envoy_text",
    *(b"[", token(Field.TIME, Clock.ISO), b'] "', Field.REQUEST, b'" ', Field.STATUS, b" "),
    *(Field.OTHER, b" ", Field.BYTES_IN, b" ", Field.SIZE, b" "),
    *(token(Field.RESPONSE_TIME, Duration(Unit.MILLISECONDS)), b" "),
    *(token(Field.UPSTREAM_TIME, Duration(Unit.MILLISECONDS)), b' "'),
    *(token(Field.HOST, transform=Transform.FIRST_OF_LIST), b'" "'),
    *(Field.USER_AGENT, b'" "', Field.OTHER, b'" "'),
    *(token(Field.VIRTUAL_HOST, transform=Transform.WITHOUT_PORT), b'" "', Field.OTHER, b'"'),
    messages=rb"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\]\[",
    example=(
        '[2026-11-22T08:26:40.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100'
        ' "203.0.113.5" "nsq2http" "cc21d9b0-cf5c" "locations" "tcp://10.0.2.1:80"'
    ),
)
"""www.envoyproxy.io, default format string."""
