"""The page: one document with its style and script, and the policy that lets a browser run them.

The document holds no figures: they come with the events, to whoever has the token. Its policy lets
a browser run this script and this style alone, known by their digests, and speak to this server
only.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

STYLE, SCRIPT = "<!-- page.css -->", "<!-- page.js -->"
"""Where page.html gets its style and script; both appear once, each on a line of its own."""

STATIC: Mapping[str, tuple[str, str]] = {}
"""The further files of the page: `/static/NAME` → the name of a file beside this one, its type."""


class Page(NamedTuple):
    """The page as it is sent, and its Content-Security-Policy."""

    html: bytes
    policy: str


@cache
def page() -> Page:
    """Return the page. It is read from the package's files once."""
    style, script = file("page.css").decode(), file("page.js").decode()
    html = file("page.html").decode()
    html = html.replace(STYLE, f"<style>{style}</style>")
    html = html.replace(SCRIPT, f"<script>{script}</script>")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return Page(html.encode(), policy)


def file(name: str) -> bytes:
    """Return the content of a file of the page; `name` never comes from a request."""
    return files(__package__).joinpath(name).read_bytes()


def _digest(text: str) -> str:
    """Return the source expression of a text for the page's policy (CSP 3, section 2.3.1)."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"
