"""Formats of servers and services that log one JSON object a line.

The keys are those of each program's own documentation; where versions differ, the newer key comes
first. A line may lack any of them except those that every hit needs.
"""

from logmon_tui.formats.json.json_format import JsonFormat, Mark, member
from logmon_tui.formats.model.converters import Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.transforms import Transform

_PORTLESS = Transform.WITHOUT_PORT

CADDY = JsonFormat.of(
    "caddy",
    member(Field.TIME, "ts"),
    member(
        Field.HOST,
        *("request.client_ip", "request.remote_ip", "request.remote_addr"),
        transform=_PORTLESS,
    ),
    member(Field.USER, "user_id"),
    member(Field.METHOD, "request.method"),
    member(Field.TARGET, "request.uri"),
    member(Field.STATUS, "status"),
    member(Field.SIZE, "size"),
    member(Field.REFERRER, "request.headers.Referer"),
    member(Field.USER_AGENT, "request.headers.User-Agent"),
    member(Field.VIRTUAL_HOST, "request.host", transform=_PORTLESS),
    member(Field.TLS, "request.tls.version", transform=Transform.TLS_VERSION),
    member(Field.RESPONSE_TIME, "duration"),
    member(Field.BYTES_IN, "bytes_read"),
    # Errors are logged with their request too, beside its line in the access log.
    mark=Mark(("msg",), "handled request"),
    example=(
        '{"level":"info","ts":1795336000.5,"logger":"http.log.access","msg":"handled request"'
        ',"request":{"remote_ip":"203.0.113.5","method":"GET","host":"www.example.com"'
        ',"uri":"/api/user"},"duration":0.012,"size":612,"status":200}'
    ),
)

TRAEFIK = JsonFormat.of(
    "traefik",
    member(Field.TIME, "StartUTC", "StartLocal", "time"),
    # Behind proxies it is the whole list of addresses that they forward.
    member(Field.HOST, "ClientHost", "ClientAddr", transform=Transform.FIRST_OF_LIST),
    member(Field.USER, "ClientUsername"),
    member(Field.METHOD, "RequestMethod"),
    member(Field.TARGET, "RequestPath"),
    member(Field.STATUS, "DownstreamStatus"),
    member(Field.SIZE, "DownstreamContentSize"),
    member(Field.REFERRER, "request_Referer"),
    member(Field.USER_AGENT, "request_User-Agent"),
    member(Field.VIRTUAL_HOST, "RequestHost", "RequestAddr", transform=_PORTLESS),
    member(Field.TLS, "TLSVersion", transform=Transform.TLS_VERSION),
    member(Field.RESPONSE_TIME, "Duration", unit=Unit.NANOSECONDS),
    member(Field.UPSTREAM_TIME, "OriginDuration", unit=Unit.NANOSECONDS),
    member(Field.BYTES_IN, "RequestContentSize"),
    example=(
        '{"ClientHost":"203.0.113.5","DownstreamStatus":200,"DownstreamContentSize":612'
        ',"Duration":357313,"RequestHost":"www.example.com","RequestMethod":"GET"'
        ',"RequestPath":"/api/user","StartUTC":"2026-11-22T08:26:40.5Z"}'
    ),
)

ENVOY = JsonFormat.of(
    "envoy",
    member(Field.TIME, "start_time"),
    member(Field.HOST, "downstream_remote_address", transform=_PORTLESS),
    member(Field.METHOD, "method"),
    member(Field.TARGET, "path", "x-envoy-origin-path"),
    member(Field.STATUS, "response_code"),
    member(Field.SIZE, "bytes_sent"),
    member(Field.USER_AGENT, "user_agent", "user-agent"),
    member(Field.VIRTUAL_HOST, "authority", ":authority", transform=_PORTLESS),
    member(Field.RESPONSE_TIME, "duration", unit=Unit.MILLISECONDS),
    member(
        Field.UPSTREAM_TIME,
        *("upstream_service_time", "x-envoy-upstream-service-time"),
        unit=Unit.MILLISECONDS,
    ),
    member(Field.BYTES_IN, "bytes_received"),
    example=(
        '{"start_time":"2026-11-22T08:26:40.100Z","method":"GET","path":"/api/user"'
        ',"response_code":200,"bytes_sent":612,"duration":12'
        ',"downstream_remote_address":"203.0.113.5:46520"}'
    ),
)

NGINX_JSON = JsonFormat.of(
    "nginx_json",
    member(Field.TIME, "time_iso8601", "time_local", "msec"),
    member(Field.HOST, "remote_addr"),
    member(Field.USER, "remote_user"),
    member(Field.REQUEST, "request"),
    member(Field.STATUS, "status"),
    member(Field.SIZE, "body_bytes_sent", "bytes_sent"),
    member(Field.REFERRER, "http_referer"),
    member(Field.USER_AGENT, "http_user_agent"),
    member(Field.VIRTUAL_HOST, "host", "http_host", "server_name", transform=_PORTLESS),
    member(Field.TLS, "ssl_protocol"),
    member(Field.RESPONSE_TIME, "request_time"),
    member(Field.UPSTREAM_TIME, "upstream_response_time"),
    member(Field.BYTES_IN, "request_length"),
    example=(
        '{"time_iso8601":"2026-11-22T08:26:40+00:00","remote_addr":"203.0.113.5"'
        ',"request":"GET /api/user HTTP/1.1","status":200,"body_bytes_sent":612'
        ',"request_time":0.123}'
    ),
)

CLOUDFLARE = JsonFormat.of(
    "cloudflare",
    member(Field.TIME, "EdgeStartTimestamp"),
    member(Field.HOST, "ClientIP"),
    member(Field.METHOD, "ClientRequestMethod"),
    member(Field.TARGET, "ClientRequestURI", "ClientRequestPath"),
    member(Field.STATUS, "EdgeResponseStatus"),
    member(Field.SIZE, "EdgeResponseBytes"),
    member(Field.REFERRER, "ClientRequestReferer"),
    member(Field.USER_AGENT, "ClientRequestUserAgent"),
    member(Field.VIRTUAL_HOST, "ClientRequestHost", transform=_PORTLESS),
    member(Field.TLS, "ClientSSLProtocol"),
    # The log has no total time, only the time until the first byte was sent.
    member(Field.RESPONSE_TIME, "EdgeTimeToFirstByteMs", unit=Unit.MILLISECONDS),
    member(Field.UPSTREAM_TIME, "OriginResponseDurationMs", unit=Unit.MILLISECONDS),
    member(Field.BYTES_IN, "ClientRequestBytes"),
    example=(
        '{"ClientIP":"203.0.113.5","ClientRequestHost":"www.example.com"'
        ',"ClientRequestMethod":"GET","ClientRequestURI":"/api/user"'
        ',"EdgeResponseStatus":200,"EdgeResponseBytes":612'
        ',"EdgeStartTimestamp":"2026-11-22T08:26:40Z"}'
    ),
)


def _http_request(name: str) -> tuple[str, str]:
    """Return the two paths of a request member in an entry of Cloud Logging."""
    return f"httpRequest.{name}", f"jsonPayload.httpRequest.{name}"


GCP = JsonFormat.of(
    "gcp",
    member(Field.TIME, "timestamp"),
    member(Field.HOST, *_http_request("remoteIp"), transform=_PORTLESS),
    member(Field.METHOD, *_http_request("requestMethod")),
    member(Field.TARGET, *_http_request("requestUrl")),
    member(Field.STATUS, *_http_request("status")),
    member(Field.SIZE, *_http_request("responseSize")),
    member(Field.REFERRER, *_http_request("referer")),
    member(Field.USER_AGENT, *_http_request("userAgent")),
    member(Field.RESPONSE_TIME, *_http_request("latency")),
    member(Field.BYTES_IN, *_http_request("requestSize")),
    status_optional=True,
    example=(
        '{"httpRequest":{"latency":"0.058927s","remoteIp":"203.0.113.5","requestMethod":"GET"'
        ',"requestUrl":"https://www.example.com/api/user","responseSize":"612","status":200}'
        ',"timestamp":"2026-11-22T08:26:40.1Z"}'
    ),
)
