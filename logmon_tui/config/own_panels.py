"""OwnPanel: a panel of the user's own, which counts a further field of the log's format."""

from collections.abc import Collection, Mapping

import msgspec

from logmon_tui.errors import TableError
from logmon_tui.escape import printable
from logmon_tui.formats.model.hit import OWN_DIMENSIONS
from logmon_tui.late_patterns import late_pattern

_NAME = late_pattern(r"[a-z][a-z0-9_-]{0,19}")
_PRINTED = frozenset(
    {
        *("total", "hits", "bytes", "unparsed", "first_hit", "last_hit", "filter", "ignored"),
        *("response_size", "unique_hosts", "response_time", "total_time", "upstream_time"),
        *("bytes_in", "alerts", "ingest", "sections", "paths", "routes", "hosts", "networks"),
        *("countries", "asns", "users", "user_agents", "referrers", "methods", "virtual_hosts"),
        *("sources", "browsers", "systems", "bots", "agent_kinds"),
        *("hours", "days", "static", "static_files", "not_found", "marks", "limits"),
        *("changed_most", "present", "baseline", "notes", "totals"),
    }
)
"""Names of other parts of a report."""

_MAX_FIELD, _MAX_PARTS, _MAX_TITLE = 200, 10, 30


class OwnPanel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a panel counts: the `field` of this name; `title` is its title on the screen."""

    field: str
    title: str | None = None


def check_panels(panels: Mapping[str, OwnPanel], taken: Collection[str]) -> None:
    """Raise TableError for the first of `panels` that cannot be.

    None may have a name that is `taken`, or under which reports print something else.
    """
    if len(panels) > len(OWN_DIMENSIONS):
        last = list(panels)[len(OWN_DIMENSIONS)]
        problem = f"is one too many: there can be {len(OWN_DIMENSIONS)} own panels; leave one out"
        raise TableError(("panels", last), problem)
    for name, panel in panels.items():
        if not _NAME().fullmatch(name):
            problem = "is no name: use up to 20 small letters, digits, - and _, a letter first"
            raise TableError(("panels", name), problem)
        if name in taken or name in _PRINTED:
            raise TableError(("panels", name), "the name is taken; choose another")
        if not 0 < len(panel.field) <= _MAX_FIELD or panel.field.count(".") >= _MAX_PARTS:
            problem = f"needs a name of up to {_MAX_FIELD} characters, and up to {_MAX_PARTS} parts"
            raise TableError(("panels", name, "field"), problem)
        if panel.title is not None and not _is_title(panel.title):
            problem = f"needs up to {_MAX_TITLE} printable characters"
            raise TableError(("panels", name, "title"), problem)


def _is_title(text: str) -> bool:
    return text.strip() != "" and len(text) <= _MAX_TITLE and printable(text) == text


def title_of(name: str, panel: OwnPanel) -> str:
    """Return the title of the panel called `name`."""
    return panel.title or name.replace("_", " ").replace("-", " ").capitalize()
