"""The documents of the repository: their texts, code and links."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from logmon_tui.docs.topics import FOLDER, SUFFIX, TOPICS

ROOT = Path(__file__).parents[2]
TOPIC_FILES = tuple(FOLDER / f"{name}{SUFFIX}" for name in TOPICS)
OTHERS = ("README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md")
FILES = (*TOPIC_FILES, *(file for name in OTHERS if (file := ROOT / name).exists()))
"""All documents; an image or a source distribution comes without some of them."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
WORDS = re.compile(r"`([^`\n]+)`")
SUBSTITUTED = re.compile(r"\$\((logmon-tui [^)]*)\)")
PROGRAM = "logmon-tui"


def text_of(name: str) -> str:
    return FOLDER.joinpath(f"{name}{SUFFIX}").read_text("utf-8")


def manual() -> str:
    return "\n".join(map(text_of, TOPICS))


def code_of(text: str, language: str | None = None) -> list[str]:
    """Return the blocks of code, of one language or of all."""
    return [code for found, code in FENCE.findall(text) if language in (None, found)]


def words_of_code(text: str) -> set[str]:
    """Return what stands in backticks within the prose and the tables."""
    return set(WORDS.findall(FENCE.sub("", text)))


def told(name: str, text: str) -> bool:
    """Tell whether `name` stands in `text` as a word of its own."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each `logmon-tui …` in the shell code of a document."""
    for block in code_of(text, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            yield from (shlex.split(inner)[1:] for inner in SUBSTITUTED.findall(line))
            parts = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
            parts.whitespace_split = True
            command: list[str] = []
            for part in [*parts, ";"]:
                if set(part) <= set("|&;<>"):
                    if command and Path(command[0]).name == PROGRAM:
                        yield command[1:]
                    command = []
                else:
                    command.append(part)
