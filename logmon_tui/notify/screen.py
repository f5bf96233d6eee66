"""Targets that are the terminal itself: the screen rings and shows them, nothing is sent."""

from typing import ClassVar

from logmon_tui.notify.target import TargetSettings


class Bell(TargetSettings, frozen=True, kw_only=True):
    """The terminal's bell: `type = "bell"`."""

    KIND: ClassVar[str] = "bell"


class Desktop(TargetSettings, frozen=True, kw_only=True):
    """A notification of the desktop, shown by the terminal: `type = "desktop"`."""

    KIND: ClassVar[str] = "desktop"
