"""ExportWindow: asks in which form, and whether into a file or to the clipboard; one key each."""

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from logmon_tui.reports.sheet import Sheet
from logmon_tui.tui.paint.cells import shown


class Wanted(NamedTuple):
    """What a key stands for: a form, by the ending of its files' names, and where it goes."""

    form: str
    to_clipboard: bool


NAMES = {"csv": "CSV", "json": "JSON", "md": "Markdown"}
"""How users call the forms."""

_KEYS = {"c": "csv", "j": "json", "m": "md"}


class ExportWindow(ModalScreen[Wanted | None]):
    """Returns how the user wants a sheet, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,e", "dismiss(None)", "Close", priority=True),
        *(
            Binding(key, f"choose('{form}', False)", NAMES[form], priority=True)
            for key, form in _KEYS.items()
        ),
        *(
            Binding(key.upper(), f"choose('{form}', True)", f"Copy {NAMES[form]}", priority=True)
            for key, form in _KEYS.items()
        ),
    ]
    DEFAULT_CSS = """
    ExportWindow { align: center middle; }
    ExportWindow > VerticalScroll { width: 40; max-width: 100%; height: auto; padding: 0 1; }
    ExportWindow Static { width: 1fr; height: auto; }
    """

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        rows = f"{len(sheet.rows):,} row{'s' * (len(sheet.rows) != 1)}"
        self._title = Content(f"Export {shown(sheet.title)} · {rows}")

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        lines = [Content.styled("            file   clipboard", "$foreground-muted")]
        for key, form in _KEYS.items():
            keys = (f"{key:<7}{key.upper()}", "bold $text-primary")
            lines.append(Content.assemble(f"{NAMES[form]:<12}", keys))
        lines.append(Content.styled("esc: neither", "$foreground-muted"))
        box = VerticalScroll(Static(Content("\n").join(lines)), can_focus=False)
        box.border_title = self._title
        yield box

    def action_choose(self, form: str, to_clipboard: bool) -> None:  # noqa: FBT001 - of a key
        """Return what a key stands for."""
        self.dismiss(Wanted(form, to_clipboard))
