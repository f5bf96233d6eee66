"""Choices: panels, orders, theme and filters that the user chose, saved for the next start."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from logmon_tui.config.settings import DEFAULT_SHOW, Panel, Settings
from logmon_tui.tui.paint.styles import DEFAULT_THEME, theme_names
from logmon_tui.tui.panels.memory import recall, remember
from logmon_tui.tui.panels.rank_table import RankTable


class Choices:
    """The user's choices of this run and former ones; settings override former choices.

    Each `save_` method records a choice and writes all of them to `file`, if there is one. It
    returns a message for the user the first time that this fails, else None.
    """

    def __init__(self, file: Path | None, settings: Settings) -> None:
        self._file = file
        self._settings = settings
        self._memory = recall(file)
        self._reported = False  # the problem with the file

    @property
    def show(self) -> tuple[Panel, ...]:
        """The panels to show at first."""
        show = self._settings.show or self._memory.show
        return DEFAULT_SHOW if show is None else show

    @property
    def theme(self) -> str:
        """The theme to use at first."""
        wanted = self._settings.theme or self._memory.theme
        return wanted if wanted in theme_names() else DEFAULT_THEME

    @property
    def filters(self) -> Mapping[str, str]:
        """The expressions of the filters that the user saved, by their names."""
        return self._memory.filters

    def restore(self, table: RankTable) -> None:
        """Give `table` its saved order and view."""
        if (sort := self._memory.sort.get(table.NAME)) is not None:
            table.set_sort(sort)
        if (view := self._memory.view.get(table.NAME)) is not None:
            table.set_view(view)

    def save_shown(self, panels: Iterable[Panel]) -> str | None:
        """Save which panels are shown."""
        self._memory.show = tuple(panels)
        return self._save()

    def save_table(self, table: RankTable) -> str | None:
        """Save the order and the view of a table."""
        self._memory.sort[table.NAME] = table.sort
        self._memory.view[table.NAME] = table.view.name
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
        try:
            remember(self._file, self._memory)
        except OSError as error:
            reported, self._reported = self._reported, True
            return None if reported else f"Choices are not saved: {error.strerror}"
        return None
