"""The help: every key and every sign, made from the tables in `keys`."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from logmon_tui.tui.paint.cells import left
from logmon_tui.tui.paint.keys import SIGNS, STATES, Group
from logmon_tui.tui.paint.window import Window

_KEY_WIDTH = 12


class Help(Window):
    """The window that lists keys, in their groups, and signs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "dismiss", "Close"),
        Binding("f1", "app.manual", "Manual"),
    ]

    def __init__(self, groups: Iterable[Group]) -> None:
        hint = "↑ ↓ scroll · F1 manual · esc closes"
        super().__init__("Keys and signs", help_text(groups), hint=hint)


def help_text(groups: Iterable[Group]) -> Content:
    """Return headings, keys and what they do, then the signs."""
    lines: list[Content] = []
    for group in groups:
        lines.append(Content.styled(group.title, "bold $text-accent"))
        for binding in group.bindings:
            key = left(binding.key_display or binding.key, _KEY_WIDTH)
            lines.append(Content.assemble((f"  {key}", "bold $text-primary"), binding.tooltip))
        lines.append(Content(""))
    lines.append(Content.styled("States (as in state:firing)", "bold $text-accent"))
    lines += [*(Content(f"  {each}") for each in STATES), Content("")]
    lines.append(Content.styled("Signs", "bold $text-accent"))
    lines += [
        Content.assemble((f"  {left(sign, _KEY_WIDTH)}", f"bold {colour}"), meaning)
        for sign, meaning, colour in SIGNS
    ]
    return Content("\n").join(lines)
