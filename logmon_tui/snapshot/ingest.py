"""How reading, notifying and saving go. Frozen values."""

import msgspec

from logmon_tui.formats.model.unparsed import UnparsedLine


class TargetStatus(msgspec.Struct, frozen=True):
    """The state of one notification target; `problem` says in one line why sending fails now.

    `waiting` messages are queued, `dropped` ones were given up. `sent_at` is wall time in epoch
    seconds.
    """

    name: str
    kind: str
    sent: int = 0
    waiting: int = 0
    dropped: int = 0
    problem: str = ""
    sent_at: float | None = None


class Ingest(msgspec.Struct, frozen=True, eq=False):
    """The state of reading and parsing.

    `lag` is the maximum age of the picture in seconds, `quiet` for how many no line has come.
    `unparsed` includes the `oversize` lines, which were dropped for their length. `others` counts
    legitimate lines that are no hits, such as comments and error messages. `ignored` are those of
    the `hits` that the settings leave out of all figures. `rotations` and
    `truncations` are sums over all sources. `evaluation_delay` is by how many seconds alerts are
    judged later than log time, `lateness` within how many nearly all hits come after their second
    is over. `late_for_alerts` counts hits whose second had been judged when they came. `status` is
    (code, hits) by code.
    """

    formats: tuple[str, ...] = ()  # names of the recognised formats
    hits: int = 0
    bytes: int = 0
    unparsed: int = 0
    late: int = 0
    future: int = 0
    oversize: int = 0
    rotations: int = 0
    truncations: int = 0
    others: int = 0
    ignored: int = 0
    late_for_alerts: int = 0
    status: tuple[tuple[int, int], ...] = ()  # empty for the hits of states of earlier versions
    resolution: int = 0  # precision of times in the logs in microseconds, 0 if unknown
    first_unparsed: UnparsedLine | None = None
    unparsed_lines: tuple[UnparsedLine, ...] = ()  # the newest ones, newest last
    lag: float = 0.0
    quiet: float = 0.0
    evaluation_delay: float = 0.0
    lateness: float = 0.0
    lines_per_second: float = 0.0  # while catching up
    seconds_left: float | None = None  # while catching up, once it can be estimated
    failure: str = ""  # why the reading thread failed; it tries again
    not_access_logs: tuple[str, ...] = ()  # a line for each log without hits: what it is instead
    targets: tuple[TargetStatus, ...] = ()  # of notifications
    marks_problem: str = ""  # what is wrong with the marks file, and how to mend it

    @property
    def parsed_share(self) -> float:
        """The share of hits among the lines, without the `others`; 1 if there are no lines."""
        lines = self.hits + self.unparsed
        return self.hits / lines if lines else 1.0


class Saving(msgspec.Struct, frozen=True, eq=False):
    """Whether the state is saved. `file` is empty if the user asked for no state file.

    `problem` says in one line why nothing can be saved now and how to mend that; it is empty while
    saving works. `note` reports something found at the start, such as a damaged state file.
    `saved_at` is wall time in epoch seconds, None before the first save of this run.
    """

    file: str = ""
    problem: str = ""
    note: str = ""
    saved_at: float | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether another logmon-tui keeps the alerts of these logs."""
        return self.problem.startswith("another logmon-tui")
