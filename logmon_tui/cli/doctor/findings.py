"""The input of a check (`Asked`), and its result (`Finding`)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from logmon_tui.config.settings import Settings
from logmon_tui.escape import printable
from logmon_tui.formats.format_selector import FormatSelector

if TYPE_CHECKING:
    from logmon_tui.notify.target import TargetSettings


class State(StrEnum):
    """The result of a check; only `FAILED` prevents a watch from working."""

    OK = "ok"
    NOTE = "note"  # nothing is wrong, but something is missing or unused
    WARNING = "warning"
    FAILED = "failed"


SIGNS = {State.OK: "✓", State.NOTE: "·", State.WARNING: "!", State.FAILED: "✗"}


class Finding(NamedTuple):
    """One result of a check: a line of printable text, and how to mend what is wrong."""

    state: State
    text: str
    mend: str = ""


@dataclass(frozen=True)
class Asked:
    """What to check: a watch of `logs` with `settings` on this machine.

    `file` is the settings file. `file_problem` says why it cannot be used; then the settings come
    from environment and options alone. `formats_problem` says why `formats` are not the requested
    ones. With `notify`, each target gets a test message. `now` is the wall time.
    """

    logs: Sequence[str]
    settings: Settings
    file: Path
    file_problem: str
    targets: "Mapping[str, TargetSettings]"
    formats: FormatSelector
    formats_problem: str
    environment: Mapping[str, str]
    unknown_variables: Sequence[str]
    notify: bool
    now: float


Check = Callable[[Asked], Iterable[Finding]]


def fine(text: str) -> Finding:
    """Return a finding that something is as it should be."""
    return Finding(State.OK, text)


def from_error(state: State, error: Exception) -> Finding:
    """Return a finding made of an error: its text, and after the first `;` how to mend it."""
    text, _, mend = printable(" ".join(str(error).split())).partition("; ")
    return Finding(state, text, mend)
