"""From the names of logs to a pipeline that watches them."""

from collections.abc import Sequence
from pathlib import Path

from logmon_tui.config import STANDARD_INPUT, Settings
from logmon_tui.formats.detection import timestamp_reader
from logmon_tui.formats.log_format import LogFormat
from logmon_tui.formats.presets import PRESETS
from logmon_tui.pipeline import Listener, Pipeline
from logmon_tui.sources.base import Source
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_END, FROM_START, Start, Timestamp, newest_second
from logmon_tui.sources.stdin import StandardInput
from logmon_tui.state.saver import Saver

WINDOWS_BACK = 2


def open_pipeline(  # noqa: PLR0913 - the last ones are choices
    logs: Sequence[str],
    settings: Settings,
    log_format: LogFormat | None,
    listener: Listener,
    *,
    headless: bool = False,
    standard_input: int = 0,
    state_file: Path | None = None,
) -> Pipeline:
    """Return a pipeline that watches `logs`: paths, or `-` for the descriptor `standard_input`.

    It goes on from the state in `state_file`, and keeps it there, if one is given.
    """
    saver = None if state_file is None else Saver(state_file, logs)
    try:
        timestamp = timestamp_reader([log_format] if log_format else PRESETS)
        fresh = saver is None or not saver.goes_on
        sources = _open_sources(logs, settings, timestamp, standard_input, saver)
        pipeline = Pipeline(settings, sources, log_format, listener, headless=headless, saver=saver)
        if fresh and settings.from_start and not headless:
            _begin_backlog(pipeline, logs, timestamp)
    except BaseException:
        if saver is not None:
            saver.close()  # else the next try would find the state in use, by this very process
        raise
    return pipeline


def _open_sources(
    logs: Sequence[str],
    settings: Settings,
    timestamp: Timestamp,
    standard_input: int,
    saver: Saver | None,
) -> list[Source]:
    """Return a source for each of `logs`, a path or `-` for the descriptor `standard_input`.

    A log that `saver` knows is read on where the former run stopped.
    """
    if settings.from_start:
        start = FROM_START
    elif settings.from_end:
        start = FROM_END
    else:
        start = Start(WINDOWS_BACK * settings.alert_window)
    return [
        StandardInput(standard_input)
        if log == STANDARD_INPUT
        else FileObserver(
            Path(log),
            start=start,
            timestamp=timestamp,
            position=saver.position(log) if saver is not None else None,
        )
        for log in logs
    ]


def _begin_backlog(pipeline: Pipeline, logs: Sequence[str], timestamp: Timestamp) -> None:
    """Let `pipeline` pass quickly over what is old in `logs`."""
    seconds = [newest_second(Path(log), timestamp) for log in logs if log != STANDARD_INPUT]
    # The earliest of several: too early a second costs time, too late a one costs what is shown.
    newest = min((second for second in seconds if second is not None), default=None)
    if newest is not None:
        pipeline.begin_backlog(newest)
