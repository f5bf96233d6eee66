"""Runs the watch on a full screen."""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from logmon_tui.cli.background import hung_up_early
from logmon_tui.cli.exports import Exports
from logmon_tui.cli.reloading import MakeReloader
from logmon_tui.config.folders import state_folder
from logmon_tui.config.logs import STANDARD_INPUT
from logmon_tui.config.settings import Settings
from logmon_tui.errors import UsageError
from logmon_tui.formats.clients import Locate
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.lookups.names import Names, SystemResolver
from logmon_tui.notify.notifier import Notifier
from logmon_tui.notify.target import TargetSettings
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.tui.app import LogmonApp

SWITCH_SECONDS = 0.0005
"""Seconds for which a thread may run while another waits. Python's default of 5 ms is too long:
several such waits delay a key press."""


def watch_on_screen(  # noqa: PLR0913 - one for each choice
    logs: Sequence[str],
    settings: Settings,
    formats: FormatSelector,
    *,
    state_file: Path | None,
    targets: Sequence[TargetSettings],
    notifier: Notifier | None,
    exports: Exports,
    locate: Locate | None,
    marks: Path | None,
    reloader: MakeReloader,
) -> int:
    """Run the full-screen program; return its exit code."""
    descriptor = _keys_from_terminal() if STANDARD_INPUT in logs else 0
    engine = PipelineThread(
        logs,
        settings,
        formats,
        standard_input=descriptor,
        state_file=state_file,
        notifier=notifier,
        export=exports.publish,
        locate=locate,
        marks=marks,
    )
    exports.attach(engine.post)
    memory = state_folder() / "screen.json"
    name = "demo" if settings.demo else " ".join(logs)
    app = LogmonApp(
        engine,
        settings,
        name_of_log=name,
        state_file=None if settings.demo else memory,
        targets=targets,
        ask_name=Names(SystemResolver()).ask,
        page=exports.url,
        reload=reloader(engine.post).reload,
        asked_to_reload=hung_up_early,
    )
    # A key must not wait long until the pipeline's thread releases the interpreter.
    sys.setswitchinterval(SWITCH_SECONDS)
    app.run()
    # Else the garbage that widgets hold stays, and datasketches reports its sketches as leaked.
    gc.unfreeze()
    return app.return_code or 0


def _keys_from_terminal() -> int:
    """Make file descriptor 0 the terminal, for keys, while the log comes from standard input.

    Returns the new descriptor of the log.
    """
    log = os.dup(0)
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise UsageError("no terminal to read keys from; use --output text or json") from error
    os.dup2(terminal, 0)
    os.close(terminal)
    return log
