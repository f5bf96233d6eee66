"""TextLines: breaks and styles the lines of text output, of a watch and of a report.

All log content passes through `printable`. Colour is added only on request. Lines are broken
between words to fit a width, and continuation lines are indented.
"""

from collections.abc import Iterable, Iterator

import click

from logmon_tui.alerts.model.rule import Severity
from logmon_tui.escape import printable, readable
from logmon_tui.fitting import Word, crop, flowed, wrapped_text
from logmon_tui.formats.advice import advice
from logmon_tui.snapshot import Ingest

SEVERITY_SIGNS = {Severity.WARNING: ("!", "yellow"), Severity.CRITICAL: ("▲", "red")}
"""The sign of a firing incident by its severity, and the sign's colour."""

_MAX_LINE = 120
"""Maximum cells of a line of the log within a message."""
_MAX_VALUE = 100_000
"""Maximum bytes of a value that are escaped: a line may be huge, and escaping takes time."""


class TextLines:
    """Makes lines; `colour` adds terminal styles, `top` limits rankings (0: all rows).

    `width` is in cells and may change at any time. With None, no line is broken and no name of a
    table is cut.
    """

    def __init__(self, *, top: int, colour: bool, width: int | None = None) -> None:
        self.width = width
        self._top = top
        self._colour = colour

    def _unparsed(self, ingest: Ingest) -> Iterator[str]:
        """Yield the first unparsed line if no line was a hit; otherwise the count is enough."""
        if ingest.hits or ingest.first_unparsed is None or ingest.not_access_logs:
            return
        line, reason = ingest.first_unparsed
        text = f"  no line parses: {reason}, in {crop(shown_value(line), _MAX_LINE)}"
        yield from self._wrapped(f"{text}; {advice(ingest.first_unparsed)}", 4, fg="red")

    def _flow(self, words: Iterable[Word]) -> list[str]:
        return flowed(words, self.width, start="", hanging=2)

    def _wrapped(
        self, text: str, hanging: int, fg: str | None = None, *, bold: bool = False
    ) -> list[str]:
        """Return a text of any origin, made printable, in lines of the width."""
        lines = wrapped_text(printable(text), self.width, hanging=hanging)
        return [self._styled(line, fg=fg, bold=bold) for line in lines]

    def _styled(self, text: str, fg: str | None = None, *, bold: bool = False) -> str:
        return click.style(text, fg=fg, bold=bold or None) if self._colour else text


def shown_value(value: bytes, *, decode: bool = False) -> str:
    """Return a value of the log as text that harms no terminal; `decode` percent-encoding."""
    return (readable if decode else printable)(value[:_MAX_VALUE])
