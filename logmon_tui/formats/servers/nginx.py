"""nginx's log_format strings: the fields of variables, alone and in combination.

Source: nginx.org/en/docs/varindex.html, and ngx_http_log_module for the form of the values.
"""

import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from logmon_tui.errors import FormatError
from logmon_tui.formats.delimited.tokens import Token, token
from logmon_tui.formats.model.converters import Clock
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.transforms import Transform
from logmon_tui.formats.servers.definitions import Part, format_of, forwarded_for, settled

if TYPE_CHECKING:
    from logmon_tui.formats.json.json_format import JsonFormat

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*))")


def _host(rank: int = 0) -> Part:
    return Part(token(Field.HOST), rank)


def _virtual_host(rank: int, *, free: bool = False) -> Part:
    named = token(Field.VIRTUAL_HOST, transform=Transform.WITHOUT_PORT, free=free)
    return Part(named, rank)


# nginx decodes %20 in these, and writes the space that a client wanted there.
_DECODED_URI = Part(token(Field.TARGET, free=True), 1)

_KNOWN: dict[str, Part] = {
    "remote_addr": _host(),
    "the_real_ip": _host(1),  # ingress-nginx
    "proxy_protocol_addr": _host(2),
    "realip_remote_addr": _host(3),
    "http_x_real_ip": forwarded_for(8),
    "http_x_forwarded_for": forwarded_for(9),
    "remote_user": Part(token(Field.USER, transform=Transform.NONE_IF_EMPTY, optional=True)),
    "time_local": Part(token(Field.TIME)),
    "time_iso8601": Part(token(Field.TIME, Clock.ISO)),
    "msec": Part(token(Field.TIME, Clock.EPOCH)),
    "request": Part(token(Field.REQUEST)),
    "request_method": Part(token(Field.METHOD)),
    "request_uri": Part(token(Field.TARGET, free=True)),
    "uri": _DECODED_URI,
    "document_uri": _DECODED_URI,
    "status": Part(token(Field.STATUS)),
    "body_bytes_sent": Part(token(Field.SIZE)),
    "bytes_sent": Part(token(Field.SIZE), 1),
    "request_length": Part(token(Field.BYTES_IN)),
    "http_referer": Part(token(Field.REFERRER), spaced=True),
    "http_user_agent": Part(token(Field.USER_AGENT), spaced=True),
    "host": _virtual_host(0),
    "http_host": _virtual_host(1, free=True),
    "server_name": _virtual_host(2),
    "request_time": Part(token(Field.RESPONSE_TIME, optional=True)),
    "upstream_response_time": Part(token(Field.UPSTREAM_TIME, optional=True)),
    "ssl_protocol": Part(token(Field.TLS)),
    # Several variables, together:
    "remote_addr+port": Part(token(Field.HOST, transform=Transform.PORT_CUT)),
    "host+port": _virtual_host(0),
    "uri+args": _DECODED_URI,
    "url": Part(token(Field.TARGET, free=True)),
    "host+uri": Part(token(Field.TARGET, transform=Transform.HOST_CUT, free=True)),
}
"""The fields of variables; others are skipped."""

_HEADERS = ("http_", "sent_http_", "upstream_", "proxy_add_", "cookie_", "arg_")
"""Variables with these prefixes may contain spaces, or lists separated by `, `."""

_FREE = ("request_filename", "fastcgi_", "ssl_client_", "ssl_server_name", "geoip")
"""Variables with these prefixes may contain spaces as well."""

_HOST = r"\$\{(?:host|http_host|server_name|server_addr|hostname|ssl_server_name)\}"
_PORT = r"(?::\$\{server_port\})?"
_URI = r"\$\{(?:request_uri|uri|document_uri|uri\+args)\}"
_TOGETHER: tuple[tuple[str, str], ...] = (
    (r"\$\{(?:uri|document_uri)\}(?:\$\{is_args\}|\?)\$\{(?:args|query_string)\}", "uri+args"),
    (rf"\$\{{scheme\}}://{_HOST}{_PORT}{_URI}", "url"),
    (_HOST + _PORT + _URI, "host+uri"),
    (_HOST + r":\$\{server_port\}", "host+port"),
    (r"\$\{remote_addr\}:\$\{remote_port\}", "remote_addr+port"),
    (
        rf'(?<=")\$\{{request_method\}} (?:{_URI}|\$\{{url\}}) \$\{{server_protocol\}}(?=")',
        "request",
    ),
)
"""Expressions for adjacent variables that form one value, and the name that replaces them."""

_NAMED = re.compile(r"\$\{([\w+]+)\}")
_SEVERAL = "several+"
_SIDE_BY_SIDE = re.compile(r"(?:\$\{[\w+]+\}){2,}")
_REQUIRED = {Field.TIME, Field.REQUEST, Field.METHOD, Field.TARGET, Field.STATUS}


def nginx_format(name: str, definition: str, example: str = "") -> LogFormat:
    """Build a delimited or a JSON format from an nginx log_format string.

    Raises FormatError when the time, the request or the status is missing, because every hit needs
    them, or when the string is ambiguous.
    """
    if definition.lstrip().startswith("{") and '"' in definition:
        return _json_format(name, definition)
    return format_of(name, _items(_combined(definition)), definition=definition, example=example)


def _combined(text: str) -> str:
    """Return the string with variables as `${name}`, and with combinations merged into one."""
    text = VARIABLE.sub(_braced, text)
    for expression, name in _TOGETHER:
        text = re.sub(expression, f"${{{name}}}", text)
    return _SIDE_BY_SIDE.sub(_merged, text)


def _braced(found: re.Match[str]) -> str:
    return f"${{{found[1] or found[2]}}}"


def _merged(found: re.Match[str]) -> str:
    """Replace variables with nothing between them by one that is skipped.

    If one of them is required they stay, and the format is rejected later.
    """
    fields = {_part(name).token.field for name in _NAMED.findall(found[0])}
    return found[0] if fields & _REQUIRED else f"${{{_SEVERAL}}}"


def _items(text: str) -> list[bytes | Part]:
    pieces = _NAMED.split(text)  # texts and names alternate
    return [
        _part(piece) if at % 2 else piece.encode(errors="surrogateescape")
        for at, piece in enumerate(pieces)
    ]


def _part(name: str) -> Part:
    known = _KNOWN.get(name)
    if known is not None:
        return replace(known, token=known.token.changed(name=name))
    header = name.startswith(_HEADERS)
    own_name = "" if name == _SEVERAL else name
    free = name.startswith(_FREE) or name == _SEVERAL
    skipped = token(Field.OTHER, optional=True, listed=header, free=free, name=own_name)
    return Part(skipped, spaced=header)


_IN_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')


def _json_format(name: str, definition: str) -> "JsonFormat":
    """Build a format from a log_format string that writes a JSON object."""
    import json  # as most log_format strings write none

    from logmon_tui.formats.json.json_format import JsonFormat, member

    # Variables outside of quotes get quotes, so that the string is JSON and each value a text.
    text = VARIABLE.sub(_braced, definition)
    pieces: list[str] = []
    place = 0
    for found in _IN_TEXT.finditer(text):
        pieces += [_NAMED.sub(r'"\g<0>"', text[place : found.start()]), found[0]]
        place = found.end()
    pieces.append(_NAMED.sub(r'"\g<0>"', text[place:]))
    try:
        template = json.loads("".join(pieces))
    except (ValueError, RecursionError) as error:
        message = f"format {definition!r} writes no JSON object: {error}"
        raise FormatError(f"{message}; correct it in the server's configuration") from error
    named = [
        (path, whole[1])
        for path, text in _leaves(template, ())
        if (whole := _NAMED.fullmatch(_combined(f'"{text}"')[1:-1])) is not None
    ]
    tokens = settled([_part(name) for _, name in named])
    members = [
        member(each.field, path, transform=each.transform)
        for (path, _), each in zip(named, tokens, strict=True)
        if isinstance(each, Token) and each.field is not Field.OTHER
    ]
    return JsonFormat.of(name, *members, definition=definition)


def _leaves(value: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    """Return all texts of an object and of nested objects, each with its path."""
    if isinstance(value, str):
        return [(path, value)]
    if not isinstance(value, dict):
        return []
    return [leaf for key, each in value.items() for leaf in _leaves(each, (*path, key))]
