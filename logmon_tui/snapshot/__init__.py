"""Snapshot: one frozen picture of everything that the screen and the reports show.

`HTTPMonitor` builds it on the thread that owns the state; any other thread may read it. It holds
only plain tuples and bytes, so that the screen can paint before numpy is imported.
"""

from logmon_tui.snapshot.alerts import AlertState, RuleStatus, WhatIf
from logmon_tui.snapshot.baseline import Baseline
from logmon_tui.snapshot.fleet import Differs, Figures, Fleet, ServerRow, ServerState, SiteRow
from logmon_tui.snapshot.ingest import Ingest, Saving, TargetStatus
from logmon_tui.snapshot.marks import AroundMark, MarkSide
from logmon_tui.snapshot.past import Graph, GraphColumn, Known, Moment
from logmon_tui.snapshot.periods import PeriodRow, PeriodTable, Timeline
from logmon_tui.snapshot.picture import Chosen, Report, Snapshot
from logmon_tui.snapshot.question import Question
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
