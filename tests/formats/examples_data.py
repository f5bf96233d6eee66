"""Example lines of every preset with the values that each must parse to, read from `examples/`.

One TOML file a preset; beside them `wrapped` (lines inside what container and system loggers put
around them) and `requests` (request lines as they come in the wild). They are written from the
formats' documentation, which each file names, not from what the parsers say. No parsing lives here.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("examples")

NO_PRESETS = ("requests", "wrapped")
"""The files that are named after what they test; their lines are of other files' formats."""


@dataclass(frozen=True)
class Line:
    """A line that is a hit, without its newline, and what it says.

    `second` is a UTC epoch second; a line without a status or size has 0. `values` holds only
    what the line's format brings, by the names of the dimensions, "-" where the line has none;
    escapes stand as they are logged, but for JSON and CSV, which are decoded. `measures` are
    microseconds and bytes, -1 where the line does not tell.
    `header` are lines that stand directly before this one, when it begins a new part of the log.
    `definition` is its own Apache or nginx format, `preset` its own preset, "" if the file's.
    """

    text: str
    second: int
    status: int
    size: int
    values: dict[str, str]
    measures: dict[str, int] = field(default_factory=dict)
    header: str = ""
    definition: str = ""
    preset: str = ""


@dataclass(frozen=True)
class Example:
    """A preset's lines, and `no_hits`: lines of the same log that are no hits.

    `source` says what was taken from where. `goaccess` is GoAccess's --log-format for it, with
    its --date-format and --time-format when they are not part of it, "" if it has none.
    `header` are the lines that must come first. `definition` is the Apache LogFormat or nginx
    log_format string that the lines follow, "" if there is none.
    """

    source: str
    goaccess: str
    header: str
    lines: tuple[Line, ...]
    no_hits: tuple[str, ...]
    goaccess_date: str = ""
    goaccess_time: str = ""
    definition: str = ""

    @property
    def log(self) -> bytes:
        """The log of all the hits, each line ended by a newline, with the headers they need."""
        texts = [self.header]
        for line in self.lines:
            texts += [line.header, line.text]
        return "".join(f"{text}\n" for text in texts if text).encode()


def presets() -> tuple[str, ...]:
    """Return the names that `load` knows and that are presets, in alphabetical order."""
    return tuple(name for name in names() if name not in NO_PRESETS)


def names() -> tuple[str, ...]:
    """Return all names that `load` knows, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load(preset: str) -> Example:
    """Return the examples of a preset. Raises TypeError for a key that is not known or missing."""
    content: dict[str, Any] = tomllib.loads((FOLDER / f"{preset}.toml").read_text("utf-8"))
    lines = tuple(Line(**line) for line in content.pop("line"))
    no_hits = tuple(_text(**each) for each in content.pop("no_hit"))
    return Example(lines=lines, no_hits=no_hits, **content)


def _text(*, text: str) -> str:
    return text
