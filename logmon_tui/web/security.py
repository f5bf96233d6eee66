"""Security: who may ask, from which pages, and what every answer tells a browser.

- A request must name this server as its host, or a page of another site could have a browser speak
  to it by a name of its own (DNS rebinding).
- A request that says it comes from a page must come from a page of this server.
- All but the page itself, which holds no figures, needs the token, as `Authorization: Bearer`.

The token reaches a browser behind the `#` of the address, which browsers send to nobody: no proxy
logs it, no preview of a chat opens it. The page keeps it for its tab alone. A cookie would go to
every server of the same host, whatever its port, and comes by itself with requests that pages of
those servers make; a token in a header does neither.
"""

import hmac
from collections.abc import Collection
from http import HTTPStatus
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logmon_tui.web.problems import ProblemError, problem

MAX_BODY = 16 * 1024
"""Maximum bytes of the body of a request."""

POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Access(NamedTuple):
    """Whom a server answers: by its `token`, at its `hosts`, to pages of its `origins`."""

    token: str
    hosts: Collection[str]
    origins: Collection[str]


class Security:
    """Lets a request through to `app` if it may be answered; `public` paths need no token."""

    def __init__(self, app: ASGIApp, access: Access, public: Collection[str]) -> None:
        self._app = app
        self._access = access
        self._token = access.token.encode()
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":  # nothing else is served
            return

        async def send_strictly(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.update(_HEADERS)
            await send(message)

        body = _Body(receive)
        try:
            self._check(scope)
            await self._app(scope, body.receive, send_strictly)
        except ProblemError as error:
            answer = problem(error.status_code, error.detail, error.headers)
            await answer(scope, receive, send_strictly)

    def _check(self, scope: Scope) -> None:
        """Raise ProblemError for a request that may not be answered."""
        headers = Headers(scope=scope)
        if not self._is_for_us(headers.getlist("host"), scope):
            detail = "this server has another name; --web-url tells it further ones"
            raise ProblemError(HTTPStatus.MISDIRECTED_REQUEST, detail)
        length = headers.get("content-length", "0")
        if len(length) > 9 or int(length) > MAX_BODY:
            raise _too_large()
        if scope["path"] in self._public:
            return
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        if (origin is not None and origin not in self._access.origins) or (
            site not in {"none", "same-origin"}
        ):
            raise ProblemError(HTTPStatus.FORBIDDEN, "pages of other sites may not ask")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip().encode("latin-1")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given, self._token):
            detail = "send Authorization: Bearer TOKEN; the server printed the token at its start"
            challenge = {"WWW-Authenticate": "Bearer"}
            raise ProblemError(HTTPStatus.UNAUTHORIZED, detail, challenge)

    def _is_for_us(self, hosts: list[str], scope: Scope) -> bool:
        """Tell whether a request names this server, or the very address that it came to."""
        if len(hosts) != 1:
            return False
        host = hosts[0].lower()
        address, port = scope["server"]
        here = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        return host == here or host in self._access.hosts


class _Body:
    """Passes the body of a request on, as far as it is not too large."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > MAX_BODY:
            raise _too_large()
        return message


def _too_large() -> ProblemError:
    detail = f"a request has {MAX_BODY:,} bytes at most"
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
