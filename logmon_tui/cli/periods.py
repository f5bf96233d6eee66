"""The times that reports are about, and those with which they are compared. All UTC."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

import msgspec

from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.moments import in_calendar, is_relative, moment_in_log, shift_of
from logmon_tui.sources.given import check_present
from logmon_tui.units import date_time


class Logs(msgspec.Struct, frozen=True):
    """The names of logs to be read, and their formats; `rotated` adds their rotated files."""

    names: Sequence[str]
    formats: FormatSelector
    rotated: bool = False

    def last_second(self, options: str) -> int:
        """Return the second of the last hit. Raises UsageError, naming the `options` that ask.

        Raises SourceError for a log that is missing.
        """
        # Imported late, as numpy is slow to import and `--help` needs none.
        from logmon_tui.pipeline.whole_logs import last_second_of_logs

        last = last_second_of_logs(self.names, self.formats, rotated=self.rotated)
        if last is None:
            for name in self.names:
                if name != STANDARD_INPUT:
                    check_present(Path(name))
            which = printable(self.names[0]) if len(self.names) == 1 else "these logs"
            what = f"{options} must know the last hit, which the end of {which}"
            raise UsageError(f"{what} does not show; give a time such as 2026-11-22T14:00")
        return last


class Span(NamedTuple):
    """A time from the second `since` to that before `until`; None means without bound."""

    since: int | None = None
    until: int | None = None

    def overlaps(self, other: "Span") -> bool:
        """Tell whether two times, all bounds of which are known, have a second in common."""
        bounds = (self.since, other.until, other.since, self.until)
        since, other_until, other_since, until = (each or 0 for each in bounds)
        return since < other_until and other_since < until


class When(msgspec.Struct, frozen=True):
    """The time that a report is about, as it is written; None means without bound."""

    since: str | None = None
    until: str | None = None

    def span(self, logs: Logs) -> Span:
        """Return the time that is meant. Raises UsageError."""
        last = 0
        bounds = self.since, self.until
        if any(each and is_relative(each) for each in bounds):
            last = logs.last_second("--since and --until")
        span = Span(*(None if each is None else ceil(moment_in_log(each, last)) for each in bounds))
        if span.since is not None and span.until is not None and span.since >= span.until:
            raise UsageError(
                f"--since {self.since} is {date_time(span.since)} UTC, and not before --until "
                f"{self.until}, {date_time(span.until)} UTC; change one of them"
            )
        return span

    def spans_against(self, logs: Logs, against: str) -> tuple[Span, Span]:
        """Return the time that is meant, and the former one of the same length.

        `against` is how far back that is, or when it begins. In the first case the times are as
        long as that, unless more is said. Raises UsageError.
        """
        shift = shift_of(against)
        since, until = self.span(logs)
        from_last = until is None or (shift is None and is_relative(against))
        last = logs.last_second("--against") if from_last else 0
        until = last + 1 if until is None else until
        if since is None:
            if not shift:
                raise UsageError(f"--against {against} needs --since, which says how long it lasts")
            since = until - shift
        if since >= until:
            raise UsageError(
                f"--since {self.since} is {date_time(since)} UTC, after the last hit; give --until "
                "if that time is to count as silent"
            )
        start = ceil(moment_in_log(against, last)) if shift is None else since - shift
        end = start + until - since
        if not (in_calendar(start) and in_calendar(end)):
            raise UsageError(f"--against {against} leads out of the years 1 to 9999; change it")
        return Span(since, until), Span(start, end)


def check_apart(present: Span, baseline: Span, against: str) -> None:
    """Raise UsageError if two times of the same logs overlap."""
    if present.overlaps(baseline):
        since, until, now = (date_time(each or 0) for each in (*baseline, present.since))
        raise UsageError(
            f"--against {against} is {since} to {until} UTC, which overlaps the time from {now} on "
            "that it is compared with; go back further, or give another --since"
        )
