"""What the user chooses with keys: kept while the program runs, and saved for its next start."""

from collections.abc import Iterable
from pathlib import Path

from logmon_tui.config.settings import DEFAULT_SHOW, Panel, Settings
from logmon_tui.tui.paint.styles import DEFAULT_THEME, theme_names
from logmon_tui.tui.panels.memory import recall, remember
from logmon_tui.tui.panels.rank_table import RankTable


class Choices:
    """Choices made now and before; what the settings ask for goes before what is remembered.

    Each of the methods that take a choice saves all of them in `file`, if one is given, and
    returns one line for the user when that is impossible for the first time, None otherwise.
    """

    def __init__(self, file: Path | None, settings: Settings) -> None:
        self._file = file
        self._settings = settings
        self._memory = recall(file)
        self._told = False

    @property
    def show(self) -> tuple[Panel, ...]:
        """The panels to show at the start."""
        show = self._settings.show or self._memory.show
        return DEFAULT_SHOW if show is None else show

    @property
    def theme(self) -> str:
        """The theme to begin with."""
        wanted = self._settings.theme or self._memory.theme
        return wanted if wanted in theme_names() else DEFAULT_THEME

    def arrange(self, table: RankTable) -> None:
        """Give `table` the order and the view that it had."""
        if (sort := self._memory.sort.get(table.NAME)) is not None:
            table.set_sort(sort)
        if (view := self._memory.view.get(table.NAME)) is not None:
            table.set_view(view)

    def shown(self, panels: Iterable[Panel]) -> str | None:
        """Take which panels show."""
        self._memory.show = tuple(panels)
        return self._save()

    def arranged(self, table: RankTable) -> str | None:
        """Take the order and the view of a table."""
        self._memory.sort[table.NAME] = table.sort
        self._memory.view[table.NAME] = table.view.name
        return self._save()

    def dressed(self, theme: str) -> str | None:
        """Take the theme."""
        self._memory.theme = theme
        return self._save()

    def _save(self) -> str | None:
        try:
            remember(self._file, self._memory)
        except OSError as error:
            told, self._told = self._told, True
            return None if told else f"Choices are not saved: {error.strerror}"
        return None
