"""Origin: which server wrote a run of lines, where lines of many servers come together."""

from typing import NamedTuple


class Origin(NamedTuple):
    """`lines` successive lines that one server wrote.

    `server` is its name, `site/name` where it belongs to a site; `site` is empty where it does not.
    """

    server: bytes
    site: bytes
    lines: int
