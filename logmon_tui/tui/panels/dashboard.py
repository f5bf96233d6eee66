"""Where the panels stand, and how they share the room as they are shown and hidden."""

from collections.abc import Callable, Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Static

from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.kept_lines import KeptLines
from logmon_tui.tui.panels.panel import Panel, Place
from logmon_tui.tui.panels.registry import PANELS
from logmon_tui.tui.panels.sorted_table import SortedTable


class Row(Horizontal, KeptLines):
    """Panels beside each other."""

    # Only the room around it decides its size: Textual would lay out everything a second time.
    virtual_size = Reactive(Size(0, 0), repaint=False)


class Stack(Vertical, KeptLines):
    """Panels and rows of panels one below the other."""

    virtual_size = Reactive(Size(0, 0), repaint=False)


class Dashboard(VerticalScroll, KeptLines, can_focus=False):
    """All panels. Columns and proportions are in `logmon.tcss`; it scrolls if room is short.

    `clock` is the wall clock that the panels go by. `own` are the user's own panels.
    """

    DEFAULT_CSS = """
    Dashboard { layout: vertical; }
    Dashboard > Horizontal, Dashboard Vertical { height: 1fr; }
    """
    virtual_size = Reactive(Size(0, 0), repaint=False)

    def __init__(self, clock: Callable[[], float], own: Iterable[Panel] = ()) -> None:
        super().__init__(id="dashboard")
        every = (*(panel() for panel in PANELS), *own)
        self.panels: dict[str, Panel] = {panel.NAME: panel for panel in every}
        for panel in self.panels.values():
            panel.clock = clock
        self._focused: list[Panel] = []
        self._hint = Static("No panel is shown. Press a digit.", id="hint", markup=False)

    def compose(self) -> ComposeResult:
        """Put the panels into their places."""
        middle = Row(*self._at(Place.MIDDLE), id="middle")
        left = Stack(*self._at(Place.LEFT), middle, id="left")
        right = Stack(*self._at(Place.CORNER), *self._at(Place.RIGHT), id="right")
        yield Row(left, right, id="top")
        yield Row(*self._at(Place.EXTRAS), id="extras")
        yield Row(*self._at(Place.MORE), id="more")
        yield from self._at(Place.WIDE)
        yield from self._at(Place.BOTTOM)
        yield self._hint

    def _at(self, place: Place) -> list[Panel]:
        return [panel for panel in self.panels.values() if panel.PLACE is place]

    def on_mount(self) -> None:
        """Follow the focus."""
        self.watch(self.screen, "focused", self._follow)

    def _follow(self, focused: Widget | None) -> None:
        before = self._focused[:1]
        if isinstance(focused, Panel):
            self._focused = [focused, *(each for each in self._focused if each is not focused)]
        if any(each.collapsible for each in (*before, *self._focused[:1])):
            self.reflow()

    @property
    def focused_lately(self) -> tuple[Panel, ...]:
        """The panels that have had the focus, the latest first."""
        return tuple(self._focused)

    @property
    def in_use(self) -> frozenset[Widget]:
        """The maximised panel, and that with the focus, though a window or another program has it.

        Without this, a screen would change while nobody looks at it.
        """
        maximized = self.screen.maximized
        return frozenset((*self._focused[:1], *([maximized] if maximized else ())))

    @property
    def tables(self) -> tuple[SortedTable, ...]:
        """The panels that are tables, shown or not."""
        return tuple(panel for panel in self.panels.values() if isinstance(panel, SortedTable))

    @property
    def shown(self) -> tuple[str, ...]:
        """The panels that are shown, in the order of their keys."""
        return tuple(name for name, panel in self.panels.items() if panel.display)

    def set_shown(self, names: Iterable[str]) -> None:
        """Show these panels and no others."""
        wanted = set(names)
        for name, panel in self.panels.items():
            appears = name in wanted and not panel.display
            panel.display = name in wanted
            if appears:
                panel.show(panel.snapshot)
        self.reflow()

    def show(self, snapshot: Snapshot) -> None:
        """Hand `snapshot` to the panels."""
        for panel in self.panels.values():
            panel.show(snapshot)

    def reflow(self) -> None:
        """Collapse panels that are empty, and keep the least room for all others.

        A container without a panel is hidden.
        """
        self._hint.display = not self.shown
        for panel in self.panels.values():
            panel.collapse(collapsed=panel.collapsible and self._may_collapse(panel))
        needed = sum(_needed(child) for child in self.children if child is not self._hint)
        # Before the first layout there is no height, and a class styles everything anew.
        self.set_class(0 < self.size.height < needed, "-crowded")
        _mark_alone(self)

    def _may_collapse(self, panel: Panel) -> bool:
        """Tell whether a panel is not in use, and others are there to take its room."""
        if panel in self.in_use:
            return False
        beside = panel.parent.children if panel.PLACE is Place.CORNER and panel.parent else ()
        return not beside or any(each.display for each in beside if each is not panel)

    def on_panel_space_wanted(self) -> None:
        """Give or take the room of a panel that has become empty, or is so no longer."""
        self.reflow()

    def on_resize(self) -> None:
        """Keep the least room anew: columns may have become rows."""
        self.call_after_refresh(self.reflow)


def _reflow(container: Widget) -> int:
    """Return the lines that `container` needs at least, and have it keep them."""
    shown = [child for child in container.children if _needed(child)]
    lines = [child for child in shown if child.has_class("-collapsed")]
    heights = [_needed(child) for child in shown if child not in lines]
    rows = container.styles.layout
    is_row = rows is not None and rows.name == "horizontal"
    needed = (max(heights, default=0) if is_row else sum(heights)) + len(lines)
    container.display = needed > 0
    _mark_alone(container)
    container.styles.min_height = needed
    container.styles.height = None if heights else needed
    return needed


def _mark_alone(container: Widget) -> None:
    """Tell the stylesheet what has no neighbour, and so may take all the room."""
    shown = [child for child in container.children if _is_open(child)]
    for child in container.children:
        if isinstance(child, Panel | Stack):
            child.set_class(shown == [child], "-alone")


def _is_open(widget: Widget) -> bool:
    return widget.display and not widget.has_class("-collapsed")


def _needed(widget: Widget) -> int:
    if not isinstance(widget, Panel):
        return _reflow(widget)
    if widget.has_class("-collapsed"):
        return int(widget.display)
    least = widget.styles.min_height
    return int(least.value) if widget.display and least is not None else int(widget.display)
