"""Builds the formats that users describe in their settings file."""

from collections.abc import Mapping
from typing import Any

from logmon_tui.errors import FormatError
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.naming import named_format
from logmon_tui.formats.presets import PRESETS
from logmon_tui.toml_tables import Table


def own_formats(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, LogFormat]:
    """Return the formats of the tables `formats.NAME` of a settings file, by name.

    A table has either a `format`, as `--format` takes it, or `type = "json"` and its fields.
    Raises TableError with the name of the key for any other table.
    """
    taken = {"auto", *(preset.name for preset in PRESETS)} if tables else ()
    found: dict[str, LogFormat] = {}
    for name, given in tables.items():
        table = Table(("formats", name), given)
        if name in taken:
            raise table.error("", "the name is taken; choose another")
        try:
            found[name] = _own_format(name, table.values)
        except FormatError as error:
            raise table.error("", str(error)) from error
    return found


def _own_format(name: str, table: Mapping[str, Any]) -> LogFormat:
    kind, text = table.get("type"), table.get("format")
    if kind == "json" and text is None:
        from logmon_tui.formats.json.json_mapping import (
            json_format_from_mapping,  # few describe one
        )

        return json_format_from_mapping(name, table)
    if kind is not None or not isinstance(text, str):
        raise FormatError('needs either format = "…", or type = "json" with its fields')
    if len(table) > 1:
        other = next(key for key in table if key != "format")
        raise FormatError(f"{other!r} is not known beside format; leave it out")
    log_format = named_format(text, name=name)
    if log_format is None:
        raise FormatError("auto is no format; give a preset or a format string")
    return log_format
