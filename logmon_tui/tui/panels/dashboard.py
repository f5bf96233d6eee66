"""Where the panels stand, and how they share the room as they are shown and hidden."""

from collections.abc import Callable, Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Static

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.kept_lines import KeptLines
from logmon_tui.tui.panels.panel import Panel, Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.registry import PANELS


class Row(Horizontal, KeptLines):
    """Panels beside each other."""

    # Only the room around it decides its size: Textual would lay out everything a second time.
    virtual_size = Reactive(Size(0, 0), repaint=False)


class Stack(Vertical, KeptLines):
    """Panels and rows of panels one below the other."""

    virtual_size = Reactive(Size(0, 0), repaint=False)


class Dashboard(VerticalScroll, KeptLines, can_focus=False):
    """All panels. Columns and proportions are in `logmon.tcss`; it scrolls if room is short.

    `clock` is the wall clock that the panels go by.
    """

    DEFAULT_CSS = """
    Dashboard { layout: vertical; }
    Dashboard > Horizontal, Dashboard Vertical { height: 1fr; }
    """
    virtual_size = Reactive(Size(0, 0), repaint=False)

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(id="dashboard")
        self.panels: dict[PanelName, Panel] = {panel.NAME: panel() for panel in PANELS}
        for panel in self.panels.values():
            panel.clock = clock
        self._focused: list[Panel] = []
        self._hint = Static("No panel is shown. Press a digit.", id="hint", markup=False)

    def compose(self) -> ComposeResult:
        """Put the panels into their places."""
        middle = Row(*self._at(Place.MIDDLE), id="middle")
        left = Stack(*self._at(Place.LEFT), middle, id="left")
        yield Row(left, *self._at(Place.RIGHT), id="top")
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
        if isinstance(focused, Panel):
            self._focused = [focused, *(each for each in self._focused if each is not focused)]

    @property
    def focused_lately(self) -> tuple[Panel, ...]:
        """The panels that have had the focus, the latest first."""
        return tuple(self._focused)

    @property
    def tables(self) -> tuple[RankTable, ...]:
        """The panels that are tables, shown or not."""
        return tuple(panel for panel in self.panels.values() if isinstance(panel, RankTable))

    @property
    def shown(self) -> tuple[PanelName, ...]:
        """The panels that are shown, in the order of their keys."""
        return tuple(name for name, panel in self.panels.items() if panel.display)

    def set_shown(self, names: Iterable[PanelName]) -> None:
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
        """Hide containers without a panel, and keep the least room for those with some."""
        self._hint.display = not self.shown
        needed = sum(_needed(child) for child in self.children if child is not self._hint)
        # Before the first layout there is no height, and a class styles everything anew.
        self.set_class(0 < self.size.height < needed, "-crowded")
        _mark_alone(self)

    def on_resize(self) -> None:
        """Keep the least room anew: columns may have become rows."""
        self.call_after_refresh(self.reflow)


def _reflow(container: Widget) -> int:
    """Return the lines that `container` needs at least, and have it keep them."""
    heights = [_needed(child) for child in container.children]
    rows = container.styles.layout
    is_row = rows is not None and rows.name == "horizontal"
    needed = max(heights, default=0) if is_row else sum(heights)
    container.display = needed > 0
    _mark_alone(container)
    container.styles.min_height = needed
    return needed


def _mark_alone(container: Widget) -> None:
    """Tell the stylesheet which panel has no neighbour, and so may take all the room.

    A container's class would have everything in it styled anew.
    """
    shown = [child for child in container.children if child.display]
    for child in container.children:
        if isinstance(child, Panel):
            child.set_class(shown == [child], "-alone")


def _needed(widget: Widget) -> int:
    if not isinstance(widget, Panel):
        return _reflow(widget)
    least = widget.styles.min_height
    return int(least.value) if widget.display and least is not None else int(widget.display)
