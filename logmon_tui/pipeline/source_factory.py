"""From the names of logs to a pipeline that watches them."""

from collections.abc import Sequence
from functools import partial
from math import inf
from pathlib import Path

from logmon_tui.config.settings import STANDARD_INPUT, Settings
from logmon_tui.errors import SourceError
from logmon_tui.formats.detection import timestamp_reader
from logmon_tui.formats.format_selector import Formats
from logmon_tui.notify.notifier import Notifier
from logmon_tui.pipeline.pipeline import Listener, Pipeline
from logmon_tui.sources.archive import Archive
from logmon_tui.sources.base import LogPosition, Source, SourceStatus
from logmon_tui.sources.chunks import read_sibling
from logmon_tui.sources.compressed import is_compressed
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.patterns import PatternObserver, expanded, is_pattern
from logmon_tui.sources.rotated import RotatedFirst, rotated_files
from logmon_tui.sources.seek import FROM_END, FROM_START, Start, Timestamp, newest_second
from logmon_tui.sources.siblings import Sibling, look_at
from logmon_tui.sources.stdin import StandardInput
from logmon_tui.sources.unsaved import UnknownPlaceError, position_since
from logmon_tui.state.checkpointer import Checkpointer

WINDOWS_BACK = 2

MOST_EVENTS = 8
"""Of more logs each is only looked at, for threads and watches are few."""

_PEEK = 64 * 1024


def open_pipeline(  # noqa: PLR0913 - the last ones are choices
    logs: Sequence[str],
    settings: Settings,
    formats: Formats,
    listener: Listener,
    *,
    headless: bool = False,
    standard_input: int = 0,
    state_file: Path | None = None,
    notifier: Notifier | None = None,
) -> Pipeline:
    """Return a pipeline that watches `logs`: paths, patterns, or `-` for `standard_input`.

    That is the descriptor to read from.

    It goes on from the state in `state_file`, and keeps it there, if one is given. `notifier` is
    told of incidents.
    """
    saver = None if state_file is None else Checkpointer(state_file, logs)
    arrivals = None
    try:
        fresh = saver is None or not saver.goes_on
        named = [log for log in logs if not is_pattern(log)]
        patterns = [log for log in logs if is_pattern(log)]
        opener = SourceFactory(settings, formats, saver, standard_input, named)
        arrivals = MatchingLogs(PatternObserver(patterns, named), opener) if patterns else None
        sources = _open_sources(named, opener)
        pipeline = Pipeline(
            settings,
            sources,
            formats,
            listener,
            logs=named,
            arrivals=arrivals,
            headless=headless,
            saver=saver,
            notifier=notifier,
        )
        if fresh and settings.from_start and not headless:
            _begin_backlog(pipeline, expanded(logs), formats)
    except BaseException:
        if arrivals is not None:
            arrivals.close()
        if saver is not None:
            saver.close()  # else the next try would find the state in use, by this very process
        raise
    return pipeline


class SourceFactory:
    """Opens logs, each at the place where reading is to begin.

    A log that `saver` knows is read on where the former run stopped; after a run that could save
    nothing, all that was written since it began is read anew. Logs that are `named` are
    not taken for rotated files of others.
    """

    def __init__(
        self,
        settings: Settings,
        formats: Formats,
        saver: Checkpointer | None,
        standard_input: int,
        named: Sequence[str],
    ) -> None:
        self._formats = formats
        self._saver = saver
        self._standard_input = standard_input
        self._rotated = settings.from_start and settings.with_rotated
        self._named = {found.identity for log in named for found in look_at(Path(log))}
        self._unsaved_since = saver.unsaved_since if saver is not None else None
        if settings.from_start:
            self._start = FROM_START
        elif settings.from_end:
            self._start = FROM_END
        else:
            self._start = Start(WINDOWS_BACK * settings.alert_window)

    def open(self, log: str, *, few: bool = True) -> Source:
        """Return a source for `log`; only if they are `few`, each asks for file events."""
        if log == STANDARD_INPUT:
            return StandardInput(self._standard_input)
        if is_compressed(Path(log)):
            return Archive(Path(log))
        position = self._saver.position(log) if self._saver is not None else None
        timestamp = timestamp_reader(self._formats.tried(log))
        if position is None and not self._rotated:
            position = self._position_since(log, timestamp)
        observer = FileObserver(
            Path(log),
            start=self._start,
            timestamp=timestamp,
            position=position,
            events=few,
        )
        if position is not None or not self._rotated:
            return observer
        # What the observer has opened by now it reads itself, under whatever name it lies there.
        others = self._named | observer.identities
        former = rotated_files(Path(log), partial(_first_second, timestamp=timestamp), others)
        return RotatedFirst(former, observer) if former else observer

    def _position_since(self, log: str, timestamp: Timestamp) -> LogPosition | None:
        """Return where the former run began, if it read the log but could save nothing."""
        if self._saver is None or self._unsaved_since is None:
            return None
        try:
            return position_since(Path(log), self._unsaved_since, self._start, timestamp)
        except (UnknownPlaceError, OSError):
            self._saver.pass_over(log)
            return None

    def from_now_on(self) -> None:
        """Open what comes from now on at its beginning, for it is new."""
        self._start, self._rotated, self._unsaved_since = FROM_START, False, None


def _first_second(found: Sibling, timestamp: Timestamp) -> float:
    """Return the first timestamp of a file, by which rotated files are put in order."""
    try:
        lines = next(read_sibling(found, _PEEK), b"").splitlines()
    except SourceError:
        return -inf  # told when it is read
    seconds = map(timestamp, lines)
    return next((second for second in seconds if second is not None), -inf)


class MatchingLogs:
    """The logs that patterns match, opened: `Arrivals` of a pipeline."""

    def __init__(self, observer: PatternObserver, opener: SourceFactory) -> None:
        self._observer = observer
        self._opener = opener
        self._opened = 0

    @property
    def full(self) -> bool:
        """Whether more logs match than may be watched."""
        return self._observer.full

    def new(self) -> list[tuple[str, Source]]:
        """Return the logs, opened, that were found since the last call."""
        found = self._observer.new()
        self._opened += len(found)
        opened = [(log, self._opener.open(log, few=self._opened <= MOST_EVENTS)) for log in found]
        self._opener.from_now_on()
        return opened

    def forget(self, log: str) -> None:
        """Note that a log is watched no more; it may be found again."""
        self._observer.forget(log)

    def status(self, watching: int) -> list[SourceStatus]:
        """Tell what is to be told of the patterns, given how many logs are watched."""
        return self._observer.status(watching)

    def close(self) -> None:
        """Look for no more."""
        self._observer.close()


def _open_sources(logs: Sequence[str], opener: SourceFactory) -> list[Source]:
    """Return a source for each of `logs`, a path or `-` for standard input."""
    return [opener.open(log, few=len(logs) <= MOST_EVENTS) for log in logs]


def _begin_backlog(pipeline: Pipeline, logs: Sequence[str], formats: Formats) -> None:
    """Let `pipeline` pass quickly over what is old in `logs`."""
    seconds = [
        newest_second(Path(log), timestamp_reader(formats.tried(log)))
        for log in logs
        if log != STANDARD_INPUT
    ]
    # The earliest of several: too early a second costs time, too late a one costs what is shown.
    newest = min((second for second in seconds if second is not None), default=None)
    if newest is not None:
        pipeline.begin_backlog(newest)
