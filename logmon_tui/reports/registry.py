"""What reports and watches are printed as: for each name in `config.output.Output`, a file here.

A new form is one new file beside this one with `written`, `Live` or both, and one line there: the
settings file, which knows the names, is read below this room. What writes a comparison of reports
is in a file of its own, `compared_NAME`.
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

import msgspec

from logmon_tui.config.output import Output

if TYPE_CHECKING:
    from logmon_tui.alerts.model.incident import Incident
    from logmon_tui.reports.compared import ComparedReports
    from logmon_tui.snapshot import Report, Snapshot


_COMPARED = "compared_"
"""How the names of the files begin that write comparisons."""


def outputs_of(command: str) -> tuple[str, ...]:
    """Return the names of all that `command`, watch or report, can print."""
    return tuple(output.value for output in Output if command in output.commands)


class Layout(msgspec.Struct, frozen=True):
    """How a report is to look: rows of each table (0: all), columns (None: any), and colours.

    `show` are the statistics that text prints of a watch; None leaves the choice to the form.
    """

    top: int
    width: int | None = None
    colour: bool = False
    show: Sequence[str] | None = None


class Written(Protocol):
    """Writes a report."""

    def __call__(self, report: "Report", names: Sequence[str], layout: Layout, /) -> str:
        """Return the report of the logs called `names`, whole, with the end of its last line."""


class Live(Protocol):
    """Writes a watch: the class `Live` of a form's file, made with a Layout."""

    def alerts(self, changed: "Sequence[Incident]", width: int | None) -> list[str]:
        """Return the lines to print at once on changed incidents, at most `width` cells wide."""

    def interval(self, snapshot: "Snapshot", width: int | None) -> list[str]:
        """Return the lines of the stats interval that ended, at most `width` cells wide."""


def written_as(output: str, report: "Report", names: Sequence[str], layout: Layout) -> str:
    """Return a report as `output`, one of `outputs_of("report")`."""
    written: Written = _form(output).written
    return written(report, names, layout)


def prints_comparisons(output: str) -> bool:
    """Tell whether there is a form of `output` for comparisons: the file `compared_NAME`."""
    return find_spec(f"{__package__}.{_COMPARED}{output}") is not None


def comparison_as(output: str, compared: "ComparedReports", layout: Layout) -> str:
    """Return a comparison of reports as `output`, with the end of its last line."""
    text: str = _form(f"{_COMPARED}{output}").written(compared, layout)
    return text


def live_as(output: str, layout: Layout) -> Live:
    """Return what writes a watch as `output`, one of `outputs_of("watch")` but the screen."""
    live: Live = _form(output).Live(layout)
    return live


def _form(output: str) -> ModuleType:
    """Return the module of a form. Only this one is imported."""
    return import_module(f"{__package__}.{output}")
