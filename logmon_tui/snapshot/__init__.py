"""Snapshot: one frozen picture of everything that the screen and the reports show.

`HTTPMonitor` builds it on the thread that owns the state; any other thread may read it. It holds
only plain tuples and bytes, so that the screen can paint before numpy is imported. The
module of a name is imported when the name is: a report needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logmon_tui.snapshot.alerts import AlertState, RuleStatus, WhatIf
    from logmon_tui.snapshot.baseline import Baseline
    from logmon_tui.snapshot.fleet import Differs, Figures, Fleet, ServerRow, ServerState, SiteRow
    from logmon_tui.snapshot.ingest import Ingest, Saving, TargetStatus
    from logmon_tui.snapshot.marks import AroundMark, MarkSide
    from logmon_tui.snapshot.past import Graph, GraphColumn, Known, Moment
    from logmon_tui.snapshot.periods import PeriodRow, PeriodTable, Timeline
    from logmon_tui.snapshot.picture import Snapshot
    from logmon_tui.snapshot.question import Question
    from logmon_tui.snapshot.report import Chosen, Report
    from logmon_tui.snapshot.report_parts import NotFound, NotFoundRow, StaticFiles
    from logmon_tui.snapshot.requests import FoundLine, Order, Request, Requests, Scope
    from logmon_tui.snapshot.traffic import (
        CLASSES,
        NO_CLASSES,
        QUANTILES,
        ByClass,
        CountRow,
        Errors,
        Ranking,
        Sizes,
        Times,
        TrafficHistory,
        Window,
    )

__all__ = [
    "CLASSES",
    "NO_CLASSES",
    "QUANTILES",
    "AlertState",
    "AroundMark",
    "Baseline",
    "ByClass",
    "Chosen",
    "CountRow",
    "Differs",
    "Errors",
    "Figures",
    "Fleet",
    "FoundLine",
    "Graph",
    "GraphColumn",
    "Ingest",
    "Known",
    "MarkSide",
    "Moment",
    "NotFound",
    "NotFoundRow",
    "Order",
    "PeriodRow",
    "PeriodTable",
    "Question",
    "Ranking",
    "Report",
    "Request",
    "Requests",
    "RuleStatus",
    "Saving",
    "Scope",
    "ServerRow",
    "ServerState",
    "SiteRow",
    "Sizes",
    "Snapshot",
    "StaticFiles",
    "TargetStatus",
    "Timeline",
    "Times",
    "TrafficHistory",
    "WhatIf",
    "Window",
]

_NAMES = {
    "alerts": (
        "AlertState",
        "RuleStatus",
        "WhatIf",
    ),
    "baseline": ("Baseline",),
    "fleet": (
        "Differs",
        "Figures",
        "Fleet",
        "ServerRow",
        "ServerState",
        "SiteRow",
    ),
    "ingest": (
        "Ingest",
        "Saving",
        "TargetStatus",
    ),
    "marks": (
        "AroundMark",
        "MarkSide",
    ),
    "past": (
        "Graph",
        "GraphColumn",
        "Known",
        "Moment",
    ),
    "periods": (
        "PeriodRow",
        "PeriodTable",
        "Timeline",
    ),
    "picture": ("Snapshot",),
    "question": ("Question",),
    "report": (
        "Chosen",
        "Report",
    ),
    "report_parts": (
        "NotFound",
        "NotFoundRow",
        "StaticFiles",
    ),
    "requests": (
        "FoundLine",
        "Order",
        "Request",
        "Requests",
        "Scope",
    ),
    "traffic": (
        "CLASSES",
        "NO_CLASSES",
        "QUANTILES",
        "ByClass",
        "CountRow",
        "Errors",
        "Ranking",
        "Sizes",
        "Times",
        "TrafficHistory",
        "Window",
    ),
}
"""The names of each module."""

_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for. Raises AttributeError for a name that is not there."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
