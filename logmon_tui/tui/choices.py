"""Choices: panels, orders, theme and filters that the user chose, saved for the next start."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from textual.geometry import Size

from logmon_tui.config.settings import (
    DEFAULT_SHOW,
    FLEET_ROOMY_SHOW,
    FLEET_SHOW,
    FLEET_SMALL_SHOW,
    ROOMY_SHOW,
    Panel,
    Settings,
)
from logmon_tui.tui.paint.styles import DEFAULT_THEME, theme_names
from logmon_tui.tui.panels.memory import recall, remember
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.sorted_table import SortedTable

ROOMY = Size(160, 40)
"""Minimum columns and lines of a screen that opens more panels."""


SMALL = Size(56, 30)
"""Below so many lines, hosts take the room of sections; below so many cells everything scrolls."""


def usual_panels(size: Size, *, has_hosts: bool) -> tuple[Panel, ...]:
    """Return the panels that a screen of `size` shows until the user chooses.

    `has_hosts` says whether logs of other machines come together.
    """
    is_roomy = size.width >= ROOMY.width and size.height >= ROOMY.height
    if has_hosts:
        is_small = size.height < SMALL.height and size.width >= SMALL.width
        usual = FLEET_SMALL_SHOW if is_small else FLEET_SHOW
        return FLEET_ROOMY_SHOW if is_roomy else usual
    return ROOMY_SHOW if is_roomy else DEFAULT_SHOW


class Choices:
    """The user's choices of this run and former ones; settings override former choices.

    Each `save_` method records a choice and writes all of them to `file`, if there is one. Like
    `write`, it returns a message for the user the first time that this fails, else None.
    """

    def __init__(self, file: Path | None, settings: Settings) -> None:
        self._file = file
        self._settings = settings
        self._memory = recall(file, settings.panels)
        self._show = settings.show or self._memory.show
        self._is_written = True
        self._reported = False  # the problem with the file

    @property
    def show(self) -> tuple[str, ...] | None:
        """The panels that the user chose, before or in this run; None for the default ones."""
        return self._show

    @property
    def theme(self) -> str:
        """The theme to use at first."""
        wanted = self._settings.theme or self._memory.theme
        return wanted if wanted in theme_names() else DEFAULT_THEME

    @property
    def filters(self) -> Mapping[str, str]:
        """The expressions of the filters that the user saved, by their names."""
        return self._memory.filters

    def restore(self, table: SortedTable) -> None:
        """Give `table` its saved order and view."""
        if (sort := self._memory.sort.get(table.NAME)) is not None:
            table.set_sort(sort)
        view = self._memory.view.get(table.NAME)
        if view is not None and isinstance(table, RankTable):
            table.set_view(view)

    def note_shown(self, panels: Iterable[str]) -> None:
        """Record which panels are shown, for `write`: a disk may be slow, and a key is waiting."""
        self._show = self._memory.show = tuple(panels)
        self._is_written = False

    def write(self) -> str | None:
        """Write the choices that are only recorded so far."""
        return None if self._is_written else self._save()

    def save_table(self, table: SortedTable) -> str | None:
        """Save the order and the view of a table."""
        self._memory.sort[table.NAME] = table.sort
        if isinstance(table, RankTable) and table.chosen_view is not None:
            self._memory.view[table.NAME] = table.chosen_view.name
        return self._save()

    def save_theme(self, theme: str) -> str | None:
        """Save the theme."""
        self._memory.theme = theme
        return self._save()

    def save_filter(self, name: str, text: str) -> str | None:
        """Save a filter under a name."""
        self._memory.filters[name] = text
        return self._save()

    def forget_filter(self, name: str) -> str | None:
        """Forget the filter with this name."""
        del self._memory.filters[name]
        return self._save()

    def _save(self) -> str | None:
        self._is_written = True
        try:
            remember(self._file, self._memory)
        except OSError as error:
            reported, self._reported = self._reported, True
            return None if reported else f"Choices are not saved: {error.strerror}"
        return None
