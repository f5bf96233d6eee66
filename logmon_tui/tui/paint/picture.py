"""A picture of the screen as SVG, drawn on another thread, as that takes a fifth of a second."""

import io
import re
from collections.abc import Callable

from rich.console import Console
from textual.app import App

_FONT = re.compile(r"@font-face\s*\{[^}]*\}")
"""Where Rich's pictures have their fonts from: an address that nobody who looks should call."""


def picture_of(app: App[None]) -> Callable[[], str]:
    """Take what `app` shows now; return what makes the SVG of it, on any thread.

    The picture calls no address, and text of the screen is text in it.
    """
    screens, (width, height) = app._background_screens, app.size  # noqa: SLF001 - as Textual does
    shown = app.screen._compositor.render_update(full=True, screen_stack=screens)  # noqa: SLF001
    title = app.title

    def drawn() -> str:
        console = Console(
            width=width,
            height=height,
            file=io.StringIO(),
            force_terminal=True,
            color_system=None,  # else styles would remember its codes, and the terminal get them
            record=True,
            legacy_windows=False,
            safe_box=False,
        )
        console.print(shown)
        return _FONT.sub("", console.export_svg(title=title))

    return drawn
