"""From a request to what an endpoint takes: parameters and bodies, checked as their types."""

import json
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from logmon_tui.config.toml_problems import keys_of, plain_words
from logmon_tui.escape import printable
from logmon_tui.web.problems import ProblemError

MAX_BODY = 4 * 1024
"""Maximum bytes of a body."""

_TYPE = "application/json"
_LENGTHS = {">=": "at least", "<=": "at most"}
_T = TypeVar("_T")
_StructT = TypeVar("_StructT", bound=msgspec.Struct)


def parameters_of(request: Request, kind: type[_StructT]) -> _StructT:
    """Return the parameters in path and query of a request. Raises ProblemError (400)."""
    fields = msgspec.structs.fields(kind)
    lists = {each.name for each in fields if each.default_factory is list}
    given: dict[str, Any] = {name: [] for name in lists}
    for name, text in request.query_params.multi_items():
        if name in lists:
            given[name].append(text)
        elif name in given or name in request.path_params:
            raise _wrong(f"{_shown(name)}: is given twice; leave one out")
        else:
            given[name] = text
    return _converted({**given, **request.path_params}, kind, strict=False)


async def body_of(request: Request, kind: type[_StructT]) -> _StructT:
    """Return the body of a request. Raises ProblemError (400, 413, 415)."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said != _TYPE:
        problem = f"the body is to be JSON; send Content-Type: {_TYPE}"
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, problem)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                problem = f"a body has {MAX_BODY:,} bytes at most; send less"
                raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, problem)
    except ClientDisconnect as error:
        raise _wrong("the body ends too early") from error
    return _decoded(bytes(body), kind)


def _decoded(body: bytes, kind: type[_StructT]) -> _StructT:
    try:
        given = json.loads(body, parse_float=_number, parse_constant=float)
        json.dumps(given, ensure_ascii=False).encode()  # a lone surrogate cannot be saved
    except (ValueError, RecursionError) as error:  # of what is no UTF-8, too
        raise _wrong("the body is no JSON; send an object") from error
    if not isinstance(given, dict):
        raise _wrong("the body is no JSON object; send one")
    return _converted(given, kind, strict=True)


def _number(text: str) -> float:
    """Return a number; to JSON Schema one without a fraction is whole, however it is written."""
    value = float(text)
    return int(value) if value.is_integer() else value


def or_none(value: _T | msgspec.UnsetType) -> _T | None:
    """Return a value that may not be given; None if it is not."""
    return None if isinstance(value, msgspec.UnsetType) else value


def meaningless(where: str, problem: str) -> ProblemError:
    """Return the error for a well-formed value that means nothing here (422)."""
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {printable(problem)}")


def _converted(given: dict[str, Any], kind: type[_StructT], *, strict: bool) -> _StructT:
    try:
        return msgspec.convert(given, kind, strict=strict)
    except (msgspec.ValidationError, OverflowError) as error:
        raise _wrong(_in_words(str(error), given, kind)) from error


def _in_words(message: str, given: dict[str, Any], kind: type[msgspec.Struct]) -> str:
    """Return msgspec's message as a line: which value is wrong, and what is allowed."""
    known = [each.encode_name for each in msgspec.structs.fields(kind)]
    keys = keys_of(message)
    if not keys:  # a value is missing
        return plain_words(message, None, known)
    name, value = str(keys[0]), given.get(str(keys[0]))
    if isinstance(value, list) and len(keys) > 1 and isinstance(keys[1], int):
        value = value[keys[1]]
    if "unknown field" in message:
        return f"{_shown(name)} {plain_words(message, name, known)}"
    what = message.partition(" - at `$")[0]
    if " of length " in what:
        sign, _, number = what.partition(" of length ")[2].partition(" ")
        return f"{name}: its length is {_LENGTHS.get(sign, sign)} {number}"
    if " matching regex " in what:
        return f"{name}: {_shown(value)} does not look like one"
    allowed = [each for each in msgspec.structs.fields(kind) if each.name == name]
    return f"{name}: {plain_words(message, value, _words(allowed[0].type))}"


def _words(kind: Any) -> list[str]:
    """Return the words that an enumeration allows; empty for another type."""
    found = msgspec.inspect.type_info(kind)
    parts = found.types if isinstance(found, msgspec.inspect.UnionType) else (found,)
    plain = (each.type if isinstance(each, msgspec.inspect.Metadata) else each for each in parts)
    return [
        str(word)
        for each in plain
        if isinstance(each, msgspec.inspect.EnumType)
        for word in each.cls
    ]


def _shown(value: object) -> str:
    text = printable(str(value))
    return text if len(text) <= 40 else f"{text[:39]}…"


def _wrong(problem: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, problem)
