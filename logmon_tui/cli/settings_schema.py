"""Makes the JSON schema of the settings file (draft 2020-12) from the types that read the file.

Editors complete and check the file with it. The schema covers keys, types, words and ranges. Values
that contradict each other, such as thresholds in a wrong order, only the program reports.
"""

from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Any

import msgspec

from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.builtin import DDOS, ERROR_RATE, TRAFFIC
from logmon_tui.alerts.rules.objectives import ALLOWED as ALLOWED_IN_OBJECTIVES
from logmon_tui.alerts.rules.objectives import NAME as OBJECTIVE_NAME
from logmon_tui.alerts.rules.objectives import Objective
from logmon_tui.alerts.rules.tables import ALLOWED as ALLOWED_IN_RULES
from logmon_tui.alerts.rules.tables import DURATIONS as DURATIONS_OF_RULES
from logmon_tui.alerts.rules.tables import FIXED, NO_KEYS, RULE_NAME, THRESHOLDS, names_of
from logmon_tui.alerts.rules.tables import ONE_OR_MORE as ONE_OR_MORE_IN_RULES
from logmon_tui.config.own_panels import OwnPanel
from logmon_tui.config.seconds import DURATIONS, DURATIONS_OF_FLEET
from logmon_tui.config.settings import Ignored, OwnLog, Panel, Settings
from logmon_tui.durations import PATTERN as DURATION
from logmon_tui.formats.json.json_mapping import FIELDS, TIMED, UNITS
from logmon_tui.formats.presets import PRESETS
from logmon_tui.formats.routes import OwnRoute
from logmon_tui.notify.registry import ALLOWED as ALLOWED_IN_TARGETS
from logmon_tui.notify.registry import DURATIONS as DURATIONS_OF_TARGETS
from logmon_tui.notify.registry import KINDS, ONE_OR_MORE
from logmon_tui.notify.text import Text

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string"}
_NAME: Schema = {"type": "string", "minLength": 1}


def settings_schema(descriptions: Mapping[str, str]) -> Schema:
    """Return the schema; `descriptions` are those of the settings by name."""
    types = (Settings, Rule, Objective, OwnLog, OwnPanel, OwnRoute, Ignored, Panel, *KINDS)
    _, made = msgspec.json.schema_components(
        types, schema_hook=_secret, ref_template="#/$defs/{name}"
    )
    parts: dict[str, Schema] = {name: _cleaned(part) for name, part in made.items()}
    settings = parts.pop("Settings")
    properties: dict[str, Schema] = settings["properties"]
    shown = {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Panel"}}, _panels()]}
    properties["show"] = {"anyOf": [properties["show"], _TEXT]}
    _allow_durations(properties, (*DURATIONS, "evaluation_delay"))
    _allow_durations(parts["FleetSettings"]["properties"], DURATIONS_OF_FLEET)
    properties["rules"] = _rules(parts)
    properties["slo"] = _objectives(parts)
    properties["formats"] = _formats(parts)
    properties["notify"] = _targets(parts)
    for name, description in descriptions.items():
        properties[name]["description"] = description
    return {
        "$schema": _DIALECT,
        "title": "Settings of logmon-tui",
        **_spelt(properties, "-"),
        # Only own panels add to what can be shown.
        "anyOf": [{"required": ["panels"]}, {"properties": {"show": shown}}],
        "$defs": parts,
    }


def _secret(kind: type) -> Schema:
    """Return the schema of a text that may come from the environment or a file."""
    if kind is not Text:
        raise NotImplementedError(kind)
    places = [_spelt({place: _NAME}, "_", required=(place,)) for place in ("env", "file")]
    return {"anyOf": [_NAME, *places]}


def _cleaned(part: Any) -> Any:
    """Return a part that msgspec made, without null, which TOML lacks, and with dedented texts."""
    if isinstance(part, list):
        return [_cleaned(each) for each in part if each != {"type": "null"}]
    if not isinstance(part, dict):
        return part
    found: Schema = {
        key: cleandoc(value) if key == "description" else _cleaned(value)
        for key, value in part.items()
        if not (key == "default" and value is None)
    }
    if len(found.get("anyOf", ())) == 1:
        found.update(found.pop("anyOf")[0])
    return found


def _spelt(properties: Mapping[str, Schema], by: str, required: Iterable[str] = ()) -> Schema:
    """Return the schema of a table that has only these keys.

    A `_` in a key may be written as `_` or `-`; editors offer the spelling with `by`.
    """
    other = "_" if by == "-" else "-"
    offered = {name.replace("_", by): each for name, each in properties.items()}
    patterns = {
        f"^{name.replace('_', other)}$": each for name, each in properties.items() if "_" in name
    }
    needed = list(required)
    return {
        "type": "object",
        "properties": offered,
        **({"patternProperties": patterns} if patterns else {}),
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def _one_or_more(listed: Schema, one: Schema) -> Schema:
    """Return the schema of a list, or of a single item of it."""
    more = {key: value for key, value in listed.items() if key not in {"default", "description"}}
    about = {key: value for key, value in listed.items() if key in {"default", "description"}}
    return {"anyOf": [one, more], **about}


def _allow_durations(fields: dict[str, Schema], keys: Iterable[str]) -> None:
    """Let the values of `keys` be durations such as `5m`, beside numbers of seconds."""
    duration: Schema = {"type": "string", "pattern": DURATION}
    for name in keys:
        field = fields[name]
        about: Schema = {key: field[key] for key in ("default", "description") if key in field}
        number = {key: value for key, value in field.items() if key not in about}
        fields[name] = {"anyOf": [number, duration], **about}


def _panels() -> Schema:
    """Return the schema of a text with names of panels, separated by commas."""
    name = "|".join(panel.value for panel in Panel)
    return {"type": "string", "pattern": f"^({name})(,({name}))*$"}


def _rules(parts: dict[str, Schema]) -> Schema:
    """Return the schema of the tables of rules; put the schema of one table into `parts`."""
    rule = parts.pop("Rule")
    fields: dict[str, Schema] = {
        name: {**field, **_described(ALLOWED_IN_RULES, name)}
        for name, field in rule["properties"].items()
        if name not in NO_KEYS
    }
    del parts["Burn"]
    status = {"anyOf": [_TEXT, {"type": "integer"}]}
    fields["status"]["items"] = status
    _allow_durations(fields, (*DURATIONS_OF_RULES, *THRESHOLDS))
    for key in ONE_OR_MORE_IN_RULES:
        fields[key] = _one_or_more(fields[key], fields[key]["items"])
    parts["Rule"] = {"description": rule["description"], **_spelt(fields, "_")}
    change: Schema = {"$ref": "#/$defs/Rule"}
    fixed = {**change, "not": {"anyOf": [{"required": [key]} for key in FIXED]}}
    builtin = {TRAFFIC, ERROR_RATE, DDOS}
    there = {name: fixed if name in builtin else change for name in names_of(())}
    tables = _spelt(there, "_")
    return {
        **tables,
        "propertyNames": {"pattern": f"^{RULE_NAME}$"},
        "additionalProperties": {
            **change,
            "anyOf": [{"required": ["metric"]}, {"required": ["all"]}],
        },
    }


def _objectives(parts: dict[str, Schema]) -> Schema:
    """Return the schema of the tables of objectives; put the schema of one into `parts`."""
    made = parts["Objective"]
    fields: dict[str, Schema] = {
        name: {**field, **_described(ALLOWED_IN_OBJECTIVES, name)}
        for name, field in made["properties"].items()
        if name != "name"
    }
    _allow_durations(fields, ("renotify",))
    table = _spelt(fields, "_", required=("objective",))
    parts["Objective"] = {"description": made["description"], **table}
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^{OBJECTIVE_NAME}$"},
        "additionalProperties": {"$ref": "#/$defs/Objective"},
    }


def _targets(parts: dict[str, Schema]) -> Schema:
    """Return the schema of the tables of targets; put the schema of each kind into `parts`."""
    for kind in KINDS:
        made = parts[kind.__name__]
        fields: dict[str, Schema] = {
            name: {**field, **_described(ALLOWED_IN_TARGETS, name)}
            for name, field in made["properties"].items()
        }
        _allow_durations(fields, [key for key in DURATIONS_OF_TARGETS if key in fields])
        for key in ONE_OR_MORE:
            if key in fields:
                fields[key] = _one_or_more(fields[key], fields[key]["items"])
        keys = {"type": {"const": kind.KIND}, **fields}
        table = _spelt(keys, "_", required=("type", *made["required"]))
        parts[kind.__name__] = {"description": made["description"], **table}
    kinds = [{"$ref": f"#/$defs/{kind.__name__}"} for kind in KINDS]
    return {"type": "object", "additionalProperties": {"anyOf": kinds}}


def _formats(parts: dict[str, Schema]) -> Schema:
    """Return the schema of the tables of formats; put the schemas of both kinds into `parts`."""
    path: Schema = {"anyOf": [_NAME, {"type": "array", "items": _NAME, "minItems": 1}]}
    unit: Schema = {"enum": list(UNITS)}
    fields: dict[str, Schema] = {}
    for name, field in FIELDS.items():
        keys = {"key": path, "unit": unit} if field in TIMED else {"key": path}
        fields[name] = {"anyOf": [*path["anyOf"], _spelt(keys, "_", ("key",))]}
    json = {"type": {"const": "json"}, **fields}
    parts["JsonFormat"] = _spelt(json, "_", required=("type", "time", "status"))
    parts["NamedFormat"] = _spelt({"format": _TEXT}, "_", required=("format",))
    kinds = [{"$ref": f"#/$defs/{name}"} for name in ("NamedFormat", "JsonFormat")]
    taken = ["auto", *(preset.name for preset in PRESETS)]
    return {
        "type": "object",
        "propertyNames": {"not": {"enum": taken}},
        "additionalProperties": {"anyOf": kinds},
    }


def _described(allowed: Mapping[str, str], key: str) -> Schema:
    """Return the description of a key, if error messages have a text on what it may be."""
    return {"description": text[0].upper() + text[1:]} if (text := allowed.get(key)) else {}
