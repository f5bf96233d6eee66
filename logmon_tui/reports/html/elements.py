"""Elements of HTML and SVG, built so that no text can become markup.

Text gets in through `shown` alone: it goes through the room `escape` like all that people see, and
then HTML's own characters are escaped. Everything else here is made of `Html`.
"""

import html
from collections.abc import Iterable
from typing import NewType

from logmon_tui.escape import printable, readable

Html = NewType("Html", str)
"""Markup that is safe to put into a page."""

_VOID = frozenset({"br", "col", "meta", "path", "rect", "line"})

_IN_SVG = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
"""The attributes of SVG that have capital letters, by their names in lower case."""

Attribute = str | int | float | None


def shown(text: bytes | str, *, decode: bool = False) -> Html:
    """Return text of any origin as content; with `decode`, a path as people read it."""
    safe = readable(text) if decode and isinstance(text, bytes) else printable(text)
    return Html(html.escape(safe))


def tag(name: str, /, *children: Html, **attributes: Attribute) -> Html:
    """Return an element; the names of its attributes may end in `_`, and `_` stands for `-`.

    An attribute of None is left out.
    """
    opened = f"<{name}{_attributes(attributes)}>"
    if name in _VOID and not children:
        return Html(opened if name in {"br", "col", "meta"} else f"{opened[:-1]}/>")
    return Html(f"{opened}{''.join(children)}</{name}>")


def joined(parts: Iterable[Html]) -> Html:
    """Return several pieces of markup, one after the other."""
    return Html("".join(parts))


def _attributes(attributes: dict[str, Attribute]) -> str:
    texts = []
    for name, value in attributes.items():
        if value is None:
            continue
        written = _IN_SVG.get(name) or name.rstrip("_").replace("_", "-")
        texts.append(f' {written}="{html.escape(printable(str(value)))}"')
    return "".join(texts)


def number(value: float) -> str:
    """Return a coordinate with no more digits than a screen can show."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
