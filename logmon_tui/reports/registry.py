"""What a report can be printed as: for each name in `config.settings.Output`, the file here.

A new one is one new file beside this one with a `Written` called `written`, and one line there: the
settings file, which knows the names, is read below this room.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol

from logmon_tui.config.settings import Output

if TYPE_CHECKING:
    from logmon_tui.snapshot import Report

OUTPUTS = tuple(output.value for output in Output if output is not Output.SCREEN)
"""Their names."""


class Layout(NamedTuple):
    """How a report is to look: rows of each table (0: all), columns (None: any), and colours."""

    top: int
    width: int | None = None
    colour: bool = False


class Written(Protocol):
    """Writes a report."""

    def __call__(self, report: "Report", names: Sequence[str], layout: Layout, /) -> str:
        """Return the report of the logs called `names`, whole, with the end of its last line."""


def written_as(output: str, report: "Report", names: Sequence[str], layout: Layout) -> str:
    """Return a report as `output`, one of `OUTPUTS`. Only the file of that name is imported."""
    written: Written = import_module(f"{__package__}.{output}").written
    return written(report, names, layout)
