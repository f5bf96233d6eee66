"""Prints fuzz_formats.h: the scanner's description of every preset, as C, for the fuzz target.

Run `python -m tests.native.fuzz_formats FOLDER` to write it into a folder, and beside it a corpus:
the documented lines of every preset, each alone and all together.
"""

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.token_specs import scanner_of
from logmon_tui.formats.delimited.variant_format import VariantFormat
from logmon_tui.formats.json.json_format import JsonFormat
from logmon_tui.formats.json.json_parser import scanner_of as json_scanner_of
from logmon_tui.formats.presets import PRESETS
from tests.formats.examples_data import load, names


def literal(value: Any) -> str:
    """Return a value of a field of a structure as C."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return '(const uint8_t *)"' + "".join(f"\\{byte:03o}" for byte in value) + '"'
    return str(int(value))


def structure(of: ctypes.Structure, **replaced: str) -> str:
    """Return a structure as C; pointers to others are given by name."""
    values = (
        replaced[name] if name in replaced else literal(getattr(of, name))
        for name, *_ in of._fields_
    )
    return "{" + ", ".join(values) + "}"


def delimited() -> Iterator[DelimitedFormat]:
    """Yield every form of line that a preset has."""
    for preset in PRESETS:
        if isinstance(preset, DelimitedFormat):
            yield preset
        elif isinstance(preset, VariantFormat):
            yield from preset.variants


def array(kind: str, name: str, items: list[str]) -> str:
    """Return a constant array as C."""
    return f"static const {kind} {name}[] = {{{', '.join(items)}}};"


def header() -> Iterator[str]:
    """Yield the lines of the header."""
    forms = [scanner_of(each).described for each in delimited()]
    for number, each in enumerate(forms):
        tokens = [structure(each.tokens[at]) for at in range(each.token_count)]
        yield array("scan_token", f"tokens_{number}", tokens)
    made = [structure(each, tokens=f"tokens_{number}") for number, each in enumerate(forms)]
    yield array("scan_format", "delimited_formats", made)
    objects = [json_scanner_of(each).described for each in PRESETS if isinstance(each, JsonFormat)]
    for number, each in enumerate(objects):
        nodes = [structure(each.nodes[at]) for at in range(each.node_count)]
        fields = [structure(each.fields[at]) for at in range(each.field_count)]
        paths = [str(each.paths[at]) for at in range(each.path_count)]
        yield array("json_node", f"nodes_{number}", nodes)
        yield array("json_field", f"fields_{number}", fields)
        yield array("uint32_t", f"paths_{number}", paths)
    made = [
        structure(each, nodes=f"nodes_{at}", fields=f"fields_{at}", paths=f"paths_{at}")
        for at, each in enumerate(objects)
    ]
    yield array("json_format", "json_formats", made)
    yield f"enum {{ DELIMITED_FORMATS = {len(forms)}, JSON_FORMATS = {len(objects)} }};"


def main(folder: Path) -> None:
    """Write the header, and the corpus into a folder `corpus` beside it."""
    (folder / "fuzz_formats.h").write_text("\n".join(header()) + "\n")
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for name in names():
        example = load(name)
        texts = [*(line.text for line in example.lines), *example.no_hits]
        for number, text in enumerate(texts):
            (corpus / f"{name}-{number}").write_bytes(text.encode())
        # Lines with others behind them are searched by blocks that reach beyond their ends.
        (corpus / f"{name}-all").write_text("\n".join(texts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
