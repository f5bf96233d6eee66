"""What a check is asked, and what it finds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from logmon_tui.config.settings import Settings
from logmon_tui.escape import printable
from logmon_tui.formats.format_selector import Formats

if TYPE_CHECKING:
    from logmon_tui.notify.target import TargetSettings


class State(StrEnum):
    """How a thing is; only what `failed` keeps a watch from its work."""

    OK = "ok"
    NOTE = "note"  # nothing is wrong, but something is not there
    WARNING = "warning"
    FAILED = "failed"


SIGNS = {State.OK: "✓", State.NOTE: "·", State.WARNING: "!", State.FAILED: "✗"}


class Finding(NamedTuple):
    """How a thing is, in a line of printable text, and what to do where it is not fine."""

    state: State
    text: str
    mend: str = ""


@dataclass(frozen=True)
class Asked:
    """What is checked: a watch of `logs` with `settings`, on this machine.

    `file` is the settings file, `file_problem` why it cannot be gone by, in which case the settings
    are those of environment and options. `formats_problem` says why `formats` are not those asked
    for. With `notify` each target is sent a message. `now` is the wall time.
    """

    logs: Sequence[str]
    settings: Settings
    file: Path
    file_problem: str
    targets: "Mapping[str, TargetSettings]"
    formats: Formats
    formats_problem: str
    environment: Mapping[str, str]
    unknown_variables: Sequence[str]
    notify: bool
    now: float


Check = Callable[[Asked], Iterable[Finding]]


def fine(text: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(State.OK, text)


def told(state: State, error: Exception) -> Finding:
    """Return what an error of the program says: what is wrong, and behind a `;` how to mend it."""
    text, _, mend = printable(" ".join(str(error).split())).partition("; ")
    return Finding(state, text, mend)
