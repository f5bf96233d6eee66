"""Recognises the format of JSON logs of unknown programs by the keys that their lines use.

Keys are compared without case, `_`, `-` and `@`. Keys of nested objects are joined by points, so
`{"http": {"request": {"method": …}}}` equals the plain key `http.request.method`. If a line has
several keys for the same field, the one that comes first in its table counts.

The unit of a duration is the one that its key ends with (`duration_ms`), or the one that its
program is known to use. Otherwise a number with a fraction is in seconds and a whole number in
milliseconds; beside `latency_human`, which Echo for Go logs, it is in nanoseconds. A text may name
its own unit (`1.2ms`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from logmon_tui.errors import FormatError
from logmon_tui.formats.json.json_converters import first_of, read_status, read_time, text_of
from logmon_tui.formats.json.json_decoding import NOT_DECODED, decoded
from logmon_tui.formats.json.json_format import TRANSFORMS, JsonFormat, Member, Path
from logmon_tui.formats.model.converters import Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.model.log_format import bare
from logmon_tui.formats.model.values import method_of, split_request

Line: TypeAlias = Mapping[str, tuple[Path, Any]]
"""The members of a line by their normalised names: path and value of each."""

NAME = "json"

_MAX_DEPTH = 3
_MAX_MEMBERS = 500
"""Maximum members of a line that are examined; no access log has more."""

_NAMES: dict[Field, str] = {
    Field.TIME: """time timestamp ts t datetime date timelocal timeiso8601 msec starttime startutc
        requesttime requesttimestamp eventtime logtime datetimeutc event.created event.start""",
    Field.METHOD: """method verb requestmethod httpmethod httpverb req.method request.method
        http.method http.request.method httprequest.requestmethod""",
    Field.TARGET: """requesturi requesttarget target uri path url requestpath requesturl httppath
        httpurl originalurl req.url req.uri req.path request.uri request.url request.path
        request.target http.target http.url http.path http.uri url.original url.path url.full
        httprequest.requesturl""",
    Field.REQUEST: "request requestline req http.request httprequest",
    Field.STATUS: """status statuscode responsestatus responsecode httpstatus httpstatuscode
        httpcode responsestatuscode code sc res.statuscode res.status response.statuscode
        response.status response.code http.statuscode http.status http.response.statuscode
        httprequest.status""",
    Field.HOST: """clientip remoteip remoteaddr remoteaddress clientaddr clientaddress remotehost
        clienthost ip client remote peer peeraddr sourceip srcip realip client.ip client.address
        source.ip source.address req.remoteaddress req.ip req.remoteaddr request.remoteip
        request.clientip request.remoteaddr request.ip http.clientip http.remoteaddr
        httprequest.remoteip""",
    Field.USER: """user username remoteuser authuser clientusername userid user.name user.id
        req.user""",
    Field.SIZE: """bytessent bodybytessent bytesout bytes size responsesize responsebytes
        responselength contentlength length sentbytes bodysize res.contentlength
        res.headers.contentlength response.bytes response.size http.response.body.bytes
        http.response.bytes http.responsesize httprequest.responsesize""",
    Field.REFERRER: """referer referrer httpreferer httpreferrer requestreferer req.headers.referer
        request.headers.referer headers.referer http.referer http.request.referrer
        http.request.headers.referer httprequest.referer""",
    Field.USER_AGENT: """useragent agent ua httpuseragent requestuseragent req.headers.useragent
        request.headers.useragent headers.useragent http.useragent useragent.original
        http.request.headers.useragent httprequest.useragent""",
    Field.VIRTUAL_HOST: """vhost virtualhost httphost servername domain authority requesthost
        req.headers.host request.host request.headers.host headers.host http.host url.domain
        server.name""",
    Field.TLS: "tlsversion sslprotocol tlsprotocol tls.version tls.protocol request.tls.version",
    Field.BYTES_IN: """bytesin bytesreceived requestlength requestsize requestbytes receivedbytes
        bytesread http.request.body.bytes http.request.bytes request.bytes request.size
        httprequest.requestsize""",
}
"""The keys of each field, in the order of preference."""

_TIMES: dict[Field, str] = {
    Field.RESPONSE_TIME: """duration latency responsetime requesttime elapsed elapsedtime took
        timetaken processingtime servicetime totaltime resptime res.responsetime response.time
        event.duration http.duration http.latency httprequest.latency""",
    Field.UPSTREAM_TIME: """upstreamresponsetime upstreamtime upstreamlatency upstreamduration
        upstreamservicetime originduration backendtime backendduration backendlatency""",
}
"""The keys of durations, without the unit that may follow."""

_UNITS: dict[Unit, str] = {
    Unit.SECONDS: "s sec secs second seconds",
    Unit.MILLISECONDS: "ms msec msecs millis millisecond milliseconds",
    Unit.MICROSECONDS: "us usec usecs µs micros microsecond microseconds",
    Unit.NANOSECONDS: "ns nsec nanos nanosecond nanoseconds",
}

_KNOWN_UNITS = {
    "event.duration": Unit.NANOSECONDS,  # Elastic Common Schema
    "originduration": Unit.NANOSECONDS,  # Traefik
    "requesttime": Unit.SECONDS,  # nginx
    "upstreamresponsetime": Unit.SECONDS,
    "responsetime": Unit.MILLISECONDS,  # pino, morgan
    "upstreamservicetime": Unit.MILLISECONDS,  # Envoy
}

_ADDRESS = re.compile(rb"\[?[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*\]?(?:%\w+)?(?::\d+)?")
_TARGET = re.compile(rb"/|\*\Z|[A-Za-z][A-Za-z0-9+.-]*://")
_AUTHORITY = re.compile(rb"[^/?# ]+:\d+")


def _is_request(value: Any) -> bool:
    text = text_of(value)
    return text is not None and split_request(text).method != NONE


def _is_method(value: Any) -> bool:
    text = text_of(value)
    return text is not None and method_of(text).isupper()


def _is_target(value: Any) -> bool:
    text = text_of(value)
    return text is not None and bool(_TARGET.match(text) or _AUTHORITY.fullmatch(text))


_FITS: dict[Field, Callable[[Any], bool]] = {
    Field.TIME: lambda value: read_time(value) is not None,
    Field.STATUS: lambda value: read_status(value) is not None,
    Field.REQUEST: _is_request,
    Field.METHOD: _is_method,
    Field.TARGET: _is_target,
}
"""Checks of the values of indispensable fields: keys alone are ambiguous."""

_Core: TypeAlias = tuple[Member, ...]


def generic_json(lines: Iterable[bytes]) -> JsonFormat | None:
    """Return the format that most of `lines` have by their keys, None if there is none.

    It has every field that any of those lines has.
    """
    decoded_lines = [line for line in map(_decoded_line, lines) if line]
    cores = [_core(line) for line in decoded_lines]
    counts = Counter(core for core in cores if core is not None)
    if not counts:
        return None
    core = counts.most_common(1)[0][0]
    same = [line for line, each in zip(decoded_lines, cores, strict=True) if each == core]
    try:
        return JsonFormat.of(NAME, *core, *_others(same, core))
    except FormatError:  # a value in one line is an object in another
        return JsonFormat.of(NAME, *core)


def further_members(log_format: JsonFormat, lines: Iterable[bytes]) -> list[str]:
    """Return the names of the members of `lines` that `log_format` does not read."""
    taken = {path for each in log_format.members for path in each.paths}
    found = [member for line in map(_decoded_line, lines) for member in line.values()]
    names = [
        ".".join(path)
        for path, value in found
        if path not in taken and _is_scalar(value) and not any("." in part for part in path)
    ]
    return list(dict.fromkeys(names))


def _decoded_line(line: bytes) -> Line:
    """Return the members of a line that are not null; none if it is no JSON object."""
    try:
        content = decoded(bare(line))
    except NOT_DECODED:
        return {}
    found: dict[str, tuple[Path, Any]] = {}
    for number, (path, value) in enumerate(_members(content, ())):
        if number == _MAX_MEMBERS:
            break
        found.setdefault(_normalised(path), (path, value))
    return found


def _members(content: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if type(content) is dict and len(path) < _MAX_DEPTH + 1:
        for name, value in content.items():
            yield from _members(value, (*path, name))
    elif path and content is not None:
        yield path, content


def _normalised(path: Path) -> str:
    return re.sub(r"[-_@]", "", ".".join(path)).casefold()


def _core(line: Line) -> _Core | None:
    """Return the members that every hit needs, None if the line lacks one."""
    time, status = _named(line, Field.TIME), _named(line, Field.STATUS)
    method, target = _named(line, Field.METHOD), _named(line, Field.TARGET)
    request = _named(line, Field.REQUEST)
    asked_for = (method, target) if method and target else (request,)
    core = tuple(each for each in (time, status, *asked_for) if each is not None)
    return core if len(core) == len(asked_for) + 2 else None


def _named(line: Line, field: Field) -> Member | None:
    """Return the member whose key and value fit the field, None if there is none."""
    fits = _FITS.get(field, _is_scalar)
    for name in _NAMES[field].split():
        path, value = line.get(name, ((), None))
        if path and fits(value):
            return Member(field, (path,), TRANSFORMS.get(field))
    return None


def _is_scalar(value: Any) -> bool:
    return type(first_of(value)) in {str, int, float}


def _others(lines: Sequence[Line], core: _Core) -> Iterator[Member]:
    """Yield the further fields that any of `lines` has, apart from the members of the core."""
    taken = {path for each in core for path in each.paths}
    union: dict[str, tuple[Path, Any]] = {}
    for line in lines:
        for name, (path, value) in line.items():
            if path not in taken and _is_scalar(value):
                union.setdefault(name, (path, value))
    found = [_named(union, field) for field in _NAMES if field not in {each.field for each in core}]
    members = {each.field: each for each in found if each and each.field not in _FITS}
    _place_host(union, members)
    yield from members.values()
    for field in _TIMES:
        each = _duration(field, union, lines)
        if each is not None:
            yield each


def _place_host(line: Line, members: dict[Field, Member]) -> None:
    """Decide what `host` means: the client if it is an address and no other key is the client."""
    path, value = line.get("host", ((), None))
    if not path:
        return
    is_address = _ADDRESS.fullmatch(text_of(value) or b"") is not None
    field = Field.HOST if is_address and Field.HOST not in members else Field.VIRTUAL_HOST
    members.setdefault(field, Member(field, (path,), TRANSFORMS[field]))


_SUFFIXES = {suffix: unit for unit, names in _UNITS.items() for suffix in names.split()}


def _duration(field: Field, union: Line, lines: Sequence[Line]) -> Member | None:
    """Return the member that is a duration, with its unit; None if there is none."""
    for name in _TIMES[field].split():
        for suffix, named in (("", None), *_SUFFIXES.items()):
            if name + suffix in union:
                path = union[name + suffix][0]
                values = [line[name + suffix][1] for line in lines if name + suffix in line]
                unit = named or _KNOWN_UNITS.get(name) or _likely_unit(values, union)
                return Member(field, (path,), unit=unit)
    return None


def _likely_unit(values: Sequence[Any], line: Line) -> Unit:
    """Return the most likely unit of durations whose key names none."""
    numbers = [first_of(value) for value in values]
    if "latencyhuman" in line:
        return Unit.NANOSECONDS
    whole = all(re.fullmatch(r"\d+", str(number)) for number in numbers)
    return Unit.MILLISECONDS if whole else Unit.SECONDS
