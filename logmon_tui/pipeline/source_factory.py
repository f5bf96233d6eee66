"""SourceFactory and `open_pipeline`: from the names of logs to a pipeline that watches them."""

from collections.abc import Sequence
from functools import partial
from math import inf
from pathlib import Path

from logmon_tui.config.remote import is_remote
from logmon_tui.config.settings import Settings
from logmon_tui.errors import SourceError
from logmon_tui.formats.clients import Locate
from logmon_tui.formats.detection import timestamp_reader
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.notify.notifier import Notifier
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.sources.base import LogPosition, Source, SourceStatus
from logmon_tui.sources.chunks import read_sibling
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.listed import Sibling, file_at
from logmon_tui.sources.pattern_observer import PatternObserver
from logmon_tui.sources.patterns import expanded, is_pattern
from logmon_tui.sources.registry import Opening, kind_of
from logmon_tui.sources.rotated import RotatedFirst, rotated_files
from logmon_tui.sources.seek import FROM_END, FROM_START, Start, Timestamp, newest_second
from logmon_tui.sources.unsaved import UnknownPlaceError, position_since
from logmon_tui.state.checkpointer import Checkpointer
from logmon_tui.state.marks import MarksReader
from logmon_tui.state.requests import RequestsReader

WINDOWS_BACK = 2
"""Alert windows at the end of a log that are read at the start, unless an option says otherwise."""

MAX_EVENTS = 8
"""Maximum logs that use file events; further ones are only polled. Each watch takes a thread, and
the system allows few watches."""

_PEEK = 64 * 1024
"""Bytes read from a rotated file to find its first timestamp."""


def open_pipeline(  # noqa: PLR0913 - the last ones are choices
    logs: Sequence[str],
    settings: Settings,
    formats: FormatSelector,
    listener: Listener,
    *,
    headless: bool = False,
    standard_input: int = 0,
    state_file: Path | None,
    notifier: Notifier | None = None,
    locate: Locate | None = None,
    marks: Path | None = None,
    answers: bool = False,
) -> Pipeline:
    """Return a pipeline that watches `logs`: paths, patterns, or `-` for standard input.

    `standard_input` is the file descriptor that `-` stands for. With a `state_file`, the pipeline
    resumes from the state in it and saves its own state there. `notifier` receives the incidents.
    `locate` tells where clients are. `marks` is the file of users' marks. With `answers` it can
    answer questions.
    """
    saver = None if state_file is None else Checkpointer(state_file, logs, settings.past)
    arrivals = None
    try:
        fresh = saver is None or not saver.resumes
        named = [log for log in logs if not is_pattern(log)]
        patterns = [log for log in logs if is_pattern(log)]
        factory = SourceFactory(settings, formats, saver, standard_input, named)
        arrivals = MatchingLogs(PatternObserver(patterns, named), factory) if patterns else None
        sources = _open_sources(named, factory)
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
            locate=locate,
            marks=None if marks is None else MarksReader(marks),
            requests=None if state_file is None else RequestsReader(state_file),
            answers=answers,
        )
        if fresh and settings.from_start and not headless:
            _begin_backlog(pipeline, expanded(logs), formats)
    except BaseException:
        if arrivals is not None:
            arrivals.close()
        if saver is not None:
            saver.close()  # or the next try would find the state locked by this same process
        raise
    return pipeline


class SourceFactory:
    """Opens logs, each at the place where reading begins.

    A log that `saver` knows is resumed where the previous run stopped. If that run could save
    nothing, the log is read again from where that run began. The logs `named` by the user are never
    taken for rotated files of other logs.
    """

    def __init__(
        self,
        settings: Settings,
        formats: FormatSelector,
        saver: Checkpointer | None,
        standard_input: int,
        named: Sequence[str],
    ) -> None:
        self._formats = formats
        self._saver = saver
        self._standard_input = standard_input
        self._fleet = settings.fleet
        self._rotated = settings.from_start and settings.with_rotated
        files = [log for log in named if not is_remote(log)]
        self._named = {found.identity for log in files for found in file_at(Path(log))}
        self._unsaved_since = saver.unsaved_since if saver is not None else None
        if settings.from_start:
            self._start = FROM_START
        elif settings.from_end:
            self._start = FROM_END
        else:
            self._start = Start(WINDOWS_BACK * settings.alert_window)

    def open(self, log: str, *, events: bool = True) -> Source:
        """Return a source for `log`; `events` says whether it uses file events or only polls."""
        position = self._saver.position(log) if self._saver is not None else None
        timestamp = timestamp_reader(self._formats.candidates(log))
        if (kind := kind_of(log)) is not None:
            return kind.open(
                log,
                Opening(self._standard_input, self._start, position, self._fleet, timestamp),
            )
        if position is None and not self._rotated:
            position = self._position_since(log, timestamp)
        observer = FileObserver(
            Path(log),
            start=self._start,
            timestamp=timestamp,
            position=position,
            events=events,
        )
        if position is not None or not self._rotated:
            return observer
        # The observer itself reads the files it has opened by now, whatever their names are.
        others = self._named | observer.identities
        former = rotated_files(Path(log), partial(_first_second, timestamp=timestamp), others)
        return RotatedFirst(former, observer) if former else observer

    def _position_since(self, log: str, timestamp: Timestamp) -> LogPosition | None:
        """Return where the previous run began to read the log, if it could save nothing."""
        if self._saver is None or self._unsaved_since is None:
            return None
        try:
            return position_since(Path(log), self._unsaved_since, self._start, timestamp)
        except (UnknownPlaceError, OSError):
            self._saver.pass_over(log)
            return None

    def read_new_logs_whole(self) -> None:
        """Open all further logs at their beginning: they appeared during the watch."""
        self._start, self._rotated, self._unsaved_since = FROM_START, False, None


def _first_second(found: Sibling, timestamp: Timestamp) -> float:
    """Return the first timestamp of a file (epoch seconds), which orders rotated files."""
    try:
        lines = next(read_sibling(found, _PEEK), b"").splitlines()
    except SourceError:
        return -inf  # reported when it is read
    seconds = map(timestamp, lines)
    return next((second for second in seconds if second is not None), -inf)


class MatchingLogs:
    """Opens the logs that patterns match: the `Arrivals` of a pipeline."""

    def __init__(self, observer: PatternObserver, factory: SourceFactory) -> None:
        self._observer = observer
        self._factory = factory
        self._opened = 0

    @property
    def full(self) -> bool:
        """Whether more logs match than may be watched."""
        return self._observer.full

    def new(self) -> list[tuple[str, Source]]:
        """Return the logs found since the last call, each with its opened source."""
        found = self._observer.new()
        self._opened += len(found)
        opened = [
            (log, self._factory.open(log, events=self._opened <= MAX_EVENTS)) for log in found
        ]
        self._factory.read_new_logs_whole()
        return opened

    def forget(self, log: str) -> None:
        """Note that a log is no longer watched; it may be found again."""
        self._observer.forget(log)

    def status(self, watching: int) -> list[SourceStatus]:
        """Report problems with the patterns; `watching` is the number of watched logs."""
        return self._observer.status(watching)

    def close(self) -> None:
        """Stop looking for logs."""
        self._observer.close()


def _open_sources(logs: Sequence[str], factory: SourceFactory) -> list[Source]:
    """Return a source for each of `logs`, a path or `-` for standard input."""
    return [factory.open(log, events=len(logs) <= MAX_EVENTS) for log in logs]


def _begin_backlog(pipeline: Pipeline, logs: Sequence[str], formats: FormatSelector) -> None:
    """Tell `pipeline` the newest second in `logs`: it counts hits long before that one faster."""
    seconds = [
        newest_second(Path(log), timestamp_reader(formats.candidates(log)))
        for log in logs
        if not is_remote(log)
    ]
    # Of several logs take the earliest: too early costs only time, too late empties the windows.
    newest = min((second for second in seconds if second is not None), default=None)
    if newest is not None:
        pipeline.begin_backlog(newest)
