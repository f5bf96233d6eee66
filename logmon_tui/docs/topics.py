"""Which topics the manual has, and their texts. Light: a command may list them at once."""

from pathlib import Path
from typing import NamedTuple

TOPICS = (
    "start",
    "keys",
    "panels",
    "filters",
    "oncall",
    "history",
    "logs",
    "ssh",
    "receive",
    "formats",
    "paths",
    "alerts",
    "rules",
    "objectives",
    "marks",
    "notifications",
    "settings",
    "output",
    "compare",
    "prometheus",
    "web",
    "api",
    "reliability",
    "fleet",
    "containers",
    "service",
    "security",
    "performance",
    "architecture",
    "glossary",
)
"""The topics in reading order; each is a file beside this one."""

FOLDER = Path(__file__).parent
SUFFIX = ".md"


class Topic(NamedTuple):
    """A topic: its name, its heading, what it tells in one line, and all of it in Markdown."""

    name: str
    title: str
    summary: str
    text: str


def read_topic(name: str) -> Topic:
    """Return the topic called `name`, which is one of `TOPICS`."""
    text = FOLDER.joinpath(name + SUFFIX).read_text("utf-8")
    title, _, rest = text.partition("\n\n")
    summary, _, _ = rest.partition("\n\n")
    return Topic(name, title.removeprefix("# "), summary.strip(), text)
