"""Text in Markdown that is nothing but text."""

import re

from logmon_tui.escape import printable

_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~#$@^]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What is markup within a line: emphasis, code, links, mentions, HTML, tables, formulas."""


def plain(text: str) -> str:
    """Return text in which no character is markup."""
    return _MARKUP.sub(r"\\\g<0>", printable(text))
