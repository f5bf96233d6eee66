"""A topic laid out in lines, for terminals and for the screen. Rich reads the Markdown."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement, TableElement
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

WIDTH = 80
"""Columns of a text that no terminal shows."""

WIDEST = 100
"""Columns of the text on a wide terminal: longer lines are hard to read."""

STYLES = {
    "h1": Style(bold=True, underline=True),
    "h2": Style(bold=True, color="cyan"),
    "h3": Style(bold=True),
    "code": Style(color="green"),
    "code_block": Style(color="green"),
    "link": Style(),
    "link_url": Style(underline=True),
    "table.border": Style(dim=True),
    "table.header": Style(bold=True),
}
"""The style of each part, in colours of the terminal's own palette, which its user can read."""

_INDENT = 2
_SHORT = 8
"""A cell of a table with so few characters, such as `2.23 s`, is not broken."""

_GAP = 2
"""Blanks between two columns of a table."""

_LOCAL_LINK = re.compile(r"\[([^\[\]]+)\]\((?!https?:)[^)]*\)")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_TICKED = r"`` `\1` ``"
"""Markdown for code with its backticks."""


class _LeftHeading(Heading):
    """A heading at the left edge; without colours it keeps its `#`, to be told from the text."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the line."""
        del options
        signs = "#" * int(self.tag.removeprefix("h"))
        yield self.text if console.color_system else Text.assemble(f"{signs} ", self.text)


class _PlainCode(CodeBlock):
    """Lines of code, set in, without a background."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        del console, options
        code = Text(str(self.text).rstrip(), style="markdown.code_block", overflow="fold")
        yield Padding(code, (0, 0, 0, _INDENT), expand=False)


class _OpenTable(TableElement):
    """A table with a line below its head and no blank ones around it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table."""
        del console
        table = Table(
            box=SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            collapse_padding=True,
            border_style="markdown.table.border",
            header_style="markdown.table.header",
        )
        heads = self.header.row.cells if self.header and self.header.row else []
        rows = [[cell.content for cell in row.cells] for row in self.body.rows] if self.body else []
        columns = list(zip([head.content for head in heads], *rows, strict=True))
        widths = _widths(columns, options.max_width)
        for (head, *_), width in zip(columns, widths, strict=True):
            table.add_column(head, justify=head.justify or "left", width=width, overflow="fold")
        for row in rows:
            table.add_row(*row)
        yield table


def _widths(columns: Sequence[Sequence[Text]], room: int) -> list[int | None]:
    """Return how wide each column is, given its head and its cells, where not all fit in a line.

    No word is broken, and no figure from its unit; heads are broken before cells. None for each
    column where all fit, or where words must be broken.
    """
    room -= _GAP * (len(columns) - 1)
    least = [max(map(_least_width, cells)) for cells in columns]
    wanted = [max(map(_width, cells)) for cells in columns]
    if sum(wanted) <= room or sum(least) > room:
        return [None] * len(columns)
    of_cells = [
        max([need, *map(_width, cells[1:])]) for need, cells in zip(least, columns, strict=True)
    ]
    return list(_grown(_grown(least, of_cells, room), wanted, room))


def _grown(widths: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """Return the widths, each nearer to what is wanted, so that all of them take up the room."""
    more = [want - width for width, want in zip(widths, wanted, strict=True)]
    share = min((room - sum(widths)) / max(sum(more), 1), 1)
    return [width + int(share * each) for width, each in zip(widths, more, strict=True)]


def _width(cell: Text) -> int:
    return cell_len(cell.plain)


def _least_width(cell: Text) -> int:
    longest_word = max(map(cell_len, cell.plain.split()), default=0)
    return longest_word if _width(cell) > _SHORT else _width(cell)


class _Page(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _LeftHeading,
        "fence": _PlainCode,
        "table_open": _OpenTable,
    }


def lines_of(markdown: str, width: int, styles: Mapping[str, Style] | None) -> list[Text]:
    """Return `markdown` as lines of at most `width` columns, in `styles` as `STYLES` has them.

    Of a link to another topic only the text is left. Without styles, headings keep their `#` and
    words of code their backticks.
    """
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=True,
        color_system="truecolor" if styles else None,
        theme=Theme({f"markdown.{name}": style for name, style in (styles or {}).items()}),
    )
    text = _LOCAL_LINK.sub(r"\1", markdown)
    page = _Page(text if styles else _CODE.sub(_TICKED, text), hyperlinks=False)
    lines = [
        Text.assemble(*((each.text, each.style or "") for each in line))
        for line in console.render_lines(page, pad=False)
    ]
    for line in lines:
        line.rstrip()
    return lines


def printed(markdown: str, width: int | None, *, colour: bool) -> str:
    """Return `markdown` for a terminal of `width` columns (None: no terminal), maybe with colours.

    Colours are ANSI sequences.
    """
    lines = lines_of(markdown, min(width or WIDTH, WIDEST), STYLES if colour else None)
    if not colour:
        return "".join(f"{line.plain}\n" for line in lines)
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, color_system="standard")
    for line in lines:
        console.print(line, soft_wrap=True)
    return output.getvalue()
