"""Copies text to the clipboard of the user's terminal, through OSC 52.

The escape sequence works over ssh, if the terminal allows it; nothing tells whether it did.
"""

from textual.app import App

from logmon_tui.escape import printable
from logmon_tui.tui.paint.cells import crop

TOAST_SECONDS = 2.0
"""Seconds for which a message about a copy shows."""

_TOAST = 40
"""Maximum cells of what was copied in a toast."""


def copy(app: App[object], value: bytes | str) -> str:
    r"""Copy a value of a log, and return a message about that.

    Control characters are copied as `\x1b`: pasted raw, they could command a shell.
    """
    text = printable(value)
    app.copy_to_clipboard(text)
    return f"Copied {crop(text, _TOAST)}"
