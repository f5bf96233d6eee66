"""Checks of the machine: Python, scanner, terminal, file events, and optional packages."""

import locale
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from logmon_tui import __version__
from logmon_tui.cli.doctor.findings import Asked, Finding, State, fine
from logmon_tui.cli.terminal import dumbness
from logmon_tui.escape import printable
from logmon_tui.native.library import problem

_LEAST_COLUMNS, _LEAST_ROWS = 40, 12
"""Minimum size of a terminal that can show the whole screen."""

_COLOURS = {"truecolor": "16 million colours", "256": "256 colours", "standard": "16 colours"}
"""The number of colours, by rich's name for it."""

_LIMITS = Path("/proc/sys/fs/inotify")
_FEW_WATCHES, _FEW_INSTANCES = 1_024, 32
_EVENT_SECONDS = 2.0

_EXTRAS = {
    "re2": ("google-re2", "own routes (--routes)"),
    "apprise": ("apprise", "targets of the type apprise"),
}
"""Optional extras: the package of each, and what needs it."""


def python(_asked: Asked) -> Iterator[Finding]:
    """Report the versions of Python and of this program."""
    where = printable(sys.executable or "an unknown place")
    version = f"{platform.python_implementation()} {platform.python_version()}"
    yield fine(f"logmon-tui {__version__} on {version}, {where}")


def scanner(_asked: Asked) -> Iterator[Finding]:
    """Check that the native scanner works."""
    why = printable(problem())
    if not why:
        yield fine("native: logs are read at full speed")
        return
    mend = "install a C compiler (cc, gcc or clang), then install logmon-tui anew"
    yield Finding(State.WARNING, f"logs are read line by line, some 20 times slower: {why}", mend)


def terminal(asked: Asked) -> Iterator[Finding]:
    """Check the terminal, its size and its colours."""
    if not sys.stdout.isatty():
        yield Finding(State.NOTE, "standard output is no terminal: a watch prints text there")
        return
    name = printable(asked.environment.get("TERM", ""))
    if why := dumbness():
        mend = "set TERM to the terminal's type, such as xterm-256color"
        yield Finding(State.WARNING, f"{why}: a watch prints text in place of the screen", mend)
        return
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    size = f"{columns} × {rows} cells, TERM is {name}"
    if columns < _LEAST_COLUMNS or rows < _LEAST_ROWS:
        mend = f"make it {_LEAST_COLUMNS} × {_LEAST_ROWS} at least"
        yield Finding(State.WARNING, f"{size}: too small for the screen", mend)
    else:
        yield fine(size)
    yield _colours(asked)


def _colours(asked: Asked) -> Finding:
    from rich.console import Console  # the screen's colours depend on it too

    if asked.environment.get("NO_COLOR"):
        return Finding(State.NOTE, "no colours, for NO_COLOR is set in the environment")
    system = Console().color_system
    text = _COLOURS.get(system or "", "no colours")
    if system in {"truecolor", "256"}:
        return fine(text)
    return Finding(State.WARNING, text, "set COLORTERM=truecolor if the terminal has more")


def text(_asked: Asked) -> Iterator[Finding]:
    """Check that the locale is UTF-8, which signs and frames need."""
    encoding, output = locale.getencoding(), sys.stdout.encoding
    if all(each.lower().replace("-", "") == "utf8" for each in (encoding, output)):
        yield fine(f"the locale writes {printable(encoding)}")
        return
    known = f"the locale writes {printable(encoding)}, standard output {printable(output)}"
    mend = "set LC_ALL=C.UTF-8, or another locale of UTF-8, in the environment"
    yield Finding(State.WARNING, f"{known}: signs and frames need UTF-8", mend)


def tmux(asked: Asked) -> Iterator[Finding]:
    """Check what tmux passes on, if the program runs inside it."""
    if not asked.environment.get("TMUX"):
        return
    name = asked.environment.get("TERM", "")
    if not name.startswith(("tmux", "screen")):
        mend = "leave TERM to tmux: set -g default-terminal tmux-256color"
        yield Finding(State.WARNING, f"inside tmux, but TERM is {printable(name)}", mend)
    else:
        yield fine(f"inside tmux, TERM is {printable(name)}")
    if any(target.KIND == "desktop" for target in asked.targets.values()):
        text = "notifications of the desktop pass tmux only with allow-passthrough"
        yield Finding(State.NOTE, text, "set -g allow-passthrough on")


def events(_asked: Asked) -> Iterator[Finding]:
    """Report the system's limits on file events, and check that an event arrives."""
    watches, instances = _limit("max_user_watches"), _limit("max_user_instances")
    if watches is not None and instances is not None:
        text = f"{watches:,} watches and {instances:,} instances are allowed to a user"
        if watches < _FEW_WATCHES or instances < _FEW_INSTANCES:
            mend = "raise fs.inotify.max_user_watches and max_user_instances by sysctl"
            yield Finding(State.WARNING, text, mend)
        else:
            yield fine(text)
    if event_comes():
        yield fine("a change of a file in a temporary folder was reported")
        return
    mend = "raise fs.inotify.max_user_instances by sysctl, or end programs that watch many files"
    yield Finding(
        State.WARNING, "no change of a file is reported: logs are looked at again and again", mend
    )


def _limit(name: str) -> int | None:
    try:
        return int((_LIMITS / name).read_text())
    except (OSError, ValueError):
        return None


def event_comes() -> bool:
    """Tell whether a change of a file is reported within `_EVENT_SECONDS`."""
    from logmon_tui.sources.hints import ChangeHints

    hint = threading.Event()
    with tempfile.TemporaryDirectory(prefix="logmon-tui-") as folder:
        file = Path(folder) / "access.log"
        file.touch()
        hints = ChangeHints(file, hint)
        try:
            hints.refresh()
            if not hints.working:
                return False
            hint.clear()  # starting a watch also sets the hint
            file.write_text("a line\n")
            return hint.wait(_EVENT_SECONDS)
        finally:
            hints.close()


def extras(_asked: Asked) -> Iterator[Finding]:
    """Report which optional packages are installed."""
    for extra, (package, need) in _EXTRAS.items():
        try:
            yield fine(f"{package} {printable(metadata.version(package))}, for {need}")
        except metadata.PackageNotFoundError:
            text = f"{package} is not installed; only {need} would need it"
            yield Finding(State.NOTE, text, f"pip install 'logmon-tui[{extra}]'")
