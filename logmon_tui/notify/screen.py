"""Targets that the screen itself notifies, through its terminal; no sender is involved."""

from typing import ClassVar

from logmon_tui.notify.target import TargetSettings


class Bell(TargetSettings, frozen=True, kw_only=True):
    """`type = "bell"`: rings the terminal's bell."""

    KIND: ClassVar[str] = "bell"


class Desktop(TargetSettings, frozen=True, kw_only=True):
    """`type = "desktop"`: has the terminal show a desktop notification."""

    KIND: ClassVar[str] = "desktop"
