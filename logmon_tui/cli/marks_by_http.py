"""Sets up what takes marks by HTTP: its token, and the file that it writes to."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.settings import MARKS_TOKEN, Settings
from logmon_tui.errors import UsageError
from logmon_tui.escape import printable
from logmon_tui.state.files import RefusedError, shown
from logmon_tui.state.marks import add_mark

if TYPE_CHECKING:
    from logmon_tui.reports.mark_receiver import MarkReceiver


def receiver_into(file: Path, settings: Settings) -> "MarkReceiver | None":
    """Return what takes marks into `file`; None if no token is configured.

    Raises UsageError for a token that cannot be read, that others may read, or that is too short.
    """
    token = _token(settings)
    if token is None:
        return None
    from logmon_tui.reports.mark_receiver import MarkReceiver

    def keep(mark: Mark) -> None:
        try:
            add_mark(file, mark)
        except RefusedError as error:
            raise OSError(0, f"{shown(file)} {error}") from error

    return MarkReceiver(token, time.time, keep)


def _token(settings: Settings) -> str | None:
    """Return the token of the environment, or else of the file that the settings name."""
    from logmon_tui.notify.text import Text
    from logmon_tui.reports.mark_receiver import MIN_TOKEN

    if os.environ.get(MARKS_TOKEN):
        where, place = MARKS_TOKEN, {"env": MARKS_TOKEN}
    elif settings.marks_token_file:
        where = f"--marks-token-file {settings.marks_token_file}"
        place = {"file": settings.marks_token_file}
    else:
        return None
    try:
        token = Text(place).read()
    except TypeError as error:
        raise UsageError(f"{printable(where)}: is no name of a file") from error
    if len(token) < MIN_TOKEN or not token.isascii() or " " in token:
        what = f"a token has {MIN_TOKEN} ASCII characters or more, and no blank"
        raise UsageError(f"{printable(where)}: {what}; make one with openssl rand -hex 32")
    return token
