"""LinesText: a text that is laid out anew for every width, as high as it has lines."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


class LinesText(Widget):
    """Shows the lines that `lines` returns for the widget's width."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "LinesText { width: 1fr; height: auto; }"

    def lines(self, width: int) -> list[Content]:
        """Return the lines, each at most `width` cells wide."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return how many lines it takes at this width."""
        return len(self.lines(width))

    def render(self) -> Content:
        """Return the lines."""
        return Content("\n").join(self.lines(self.size.width))
