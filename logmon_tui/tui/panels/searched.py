"""Searched: a panel of lines in which a search goes from match to match, and long lines slide."""

from collections.abc import Sequence

from logmon_tui.tui.paint.cells import shown
from logmon_tui.tui.panels.filtered import Filtered

STEP = 16
"""Characters by which lines slide sideways at a time."""


class Searched(Filtered):
    """Base of the panels of lines. The slash shows only the lines with a text, as in tables.

    `n` and `N` show all lines again, go to the next or previous one with the text, and highlight
    it in all of them. They know the text even after esc has ended the search.
    Public attributes: `sought`, the text of the last search, and `shift`, the number of characters
    by which lines have slid to the left.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sought = ""
        self.shift = 0
        self._marking = False

    @property
    def highlight(self) -> str:
        """The text to highlight, empty for none."""
        return self.sought if self.filter_text or self._marking else ""

    def searched_lines(self) -> Sequence[str]:
        """Return the text of each line, filtered or not, as a search finds it."""
        raise NotImplementedError

    def current_line(self) -> int:
        """Return the number of the line from which a search goes on."""
        raise NotImplementedError

    def go_to_line(self, number: int) -> None:
        """Show a line that was found, and have the lines stand still."""
        raise NotImplementedError

    def overhang(self) -> int:
        """Return by how many characters the longest visible line is longer than the panel."""
        raise NotImplementedError

    def search_state(self) -> list[str]:
        """Return the title's text about a search from match to match, if there is one."""
        return [f"n N find {shown(self.sought)}"] if self._marking else []

    def set_filter(self, text: str) -> None:
        """Show only the lines that contain `text`."""
        self._marking = False
        self.sought = text.strip() or self.sought
        super().set_filter(text)

    def action_match(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) line that contains what was sought last."""
        if not self.sought:
            self.notify("Nothing to look for yet: press / and type a text.", markup=False)
            return
        lines, text, here = self.searched_lines(), self.sought.casefold(), self.current_line()
        steps = (here + direction * step for step in range(1, len(lines) + 1))
        places = (place % len(lines) for place in steps)
        found = next((place for place in places if text in lines[place].casefold()), None)
        if found is None:
            self.notify(f"No line contains {shown(self.sought)}.", markup=False)
            return
        self.filter_text, self._marking = "", True
        self.arrange_items()
        self.go_to_line(found)
        self.repaint()

    def action_sideways(self, direction: int) -> None:
        """Let long lines slide to the left (1) or back (-1)."""
        most = -(-max(0, self.overhang()) // STEP) * STEP
        self.shift = min(max(0, self.shift + direction * STEP), max(self.shift, most))
        self.repaint()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let esc end a search from match to match as well."""
        if action == "clear_filter" and self._marking:
            return True
        return super().check_action(action, parameters)
