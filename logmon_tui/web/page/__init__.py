"""The page: one document with its style and scripts, and the policy that lets a browser run them.

The document holds no figures: they come with the events, to whoever has the token. Its policy lets
a browser run this script and this style alone, known by their digests, and speak to this server
only. Texts of a log reach the page as JSON and its elements as text, never as markup.

The style begins with that of a report's page, so that both look alike. The scripts share one scope;
each uses only those before it: `units` writes figures, `dom` makes elements, `view` is what the
address says, `stream` follows the events, `graph`, `tables`, `hosts`, `incidents` and `overview`
show them, and `page` puts all together.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from logmon_tui.reports import html as report

STYLE, SCRIPT = "<!-- page.css -->", "<!-- page.js -->"
"""Where page.html gets its style and script; both appear once, each on a line of its own."""

SCRIPTS = (
    "units",
    "dom",
    "view",
    "stream",
    "graph",
    "tables",
    "hosts",
    "incidents",
    "overview",
    "page",
)
"""The scripts, in the order in which they run."""

STATIC: Mapping[str, tuple[str, str]] = {"icon.svg": ("icon.svg", "image/svg+xml")}
"""The further files of the page: `/static/NAME` → the name of a file beside this one, its type."""


class Page(NamedTuple):
    """The page as it is sent, and its Content-Security-Policy."""

    html: bytes
    policy: str


@cache
def page() -> Page:
    """Return the page. It is read from the package's files once."""
    style = files(report).joinpath("page.css").read_text("utf-8") + file("page.css").decode()
    parts = (file(f"{name}.js").decode() for name in SCRIPTS)
    script = '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"
    html = file("page.html").decode()
    html = html.replace(STYLE, f"<style>{style}</style>")
    html = html.replace(SCRIPT, f"<script>{script}</script>")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return Page(html.encode(), policy)


def file(name: str) -> bytes:
    """Return the content of a file of the page; `name` never comes from a request."""
    return files(__package__).joinpath(name).read_bytes()


def _digest(text: str) -> str:
    """Return the source expression of a text for the page's policy (CSP 3, section 2.3.1)."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"
