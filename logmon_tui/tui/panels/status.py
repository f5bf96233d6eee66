"""Status classes as bars, each of which opens into its codes; below them response times."""

from collections.abc import Hashable, Sequence

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.filters.language import term_of
from logmon_tui.reports.sheet import Sheet, sheet_of
from logmon_tui.snapshot import Snapshot, Window
from logmon_tui.tui.paint.cells import Piece, bar, ends, left, line, on, right, wrapped
from logmon_tui.tui.paint.changes import WIDTH, Lengths, is_known, rates_text
from logmon_tui.tui.paint.reading import NOT_WITH_FILTER, has_status_then, window_text
from logmon_tui.tui.paint.statuses import SIGNS, class_ink, reason
from logmon_tui.tui.panels.cursor_panel import CursorPanel
from logmon_tui.tui.panels.panel import Place

ALWAYS_SHOWN = (2, 3, 4, 5)


def measures(window: Window) -> list[tuple[str, str]]:
    """Return names and values of the optional measures that the log has, such as times."""
    found = []
    if (times := window.response_times) is not None:
        for name, value in times.quantiles.items():
            found.append((f"response {name}", units.seconds(value, times.resolution)))
    if (times := window.upstream_times) is not None:
        found.append(("upstream p95", units.seconds(times.p95, times.resolution)))
    if window.bytes_in is not None and window.seconds:
        received = units.spoken_size(window.bytes_in / window.seconds)
        found.append(("received", f"{received}/s"))
    return found


_NO_WINDOW = Window()


class Status(CursorPanel):
    """The panel of status classes and codes.

    The keys of rows are classes (0 to 9) and codes (100 …). The line "no hits" of an opened class
    without codes has the class's negative.
    """

    NAME = PanelName.STATUS
    TITLE = "Status"
    KEYS = ("3",)
    PLACE = Place.RIGHT

    def __init__(self) -> None:
        super().__init__()
        self._opened: set[int] = set()

    def part(self, snapshot: Snapshot) -> object:
        """Return the length of the window, the counts and the measures."""
        window = snapshot.now
        counts = window.seconds, window.by_class, window.status, measures(window)
        return *counts, snapshot.moment, snapshot.baseline

    def detail(self) -> str:
        """Return the window."""
        text = window_text(self.snapshot)
        return text if self.outer_size.width >= 32 else text.partition(",")[0]

    def hint(self) -> str:
        """Return what v, enter and ! do."""
        return self.fitting("v: codes", "enter: only", "!: without")

    def row_keys(self) -> Sequence[Hashable]:
        """Return the classes that have or had hits or are always shown, opened ones with codes."""
        if not has_status_then(self.snapshot):
            return []
        keys: list[int] = []
        window, former = self.snapshot.now, self._former
        for status_class, hits in enumerate(window.by_class):
            if hits or former.by_class[status_class] or status_class in ALWAYS_SHOWN:
                keys.append(status_class)
                if status_class in self._opened:
                    codes = {code for code, _ in (*window.status, *former.status)}
                    own = sorted(code for code in codes if code // 100 == status_class)
                    keys += own or [-status_class]
        return keys

    def exported(self) -> Sheet:
        """Return the classes, and the codes of opened ones."""
        window, hits = self.snapshot.now, dict(self.snapshot.now.status)
        rows = []
        for key in self._keys:
            if isinstance(key, int) and key >= 0:
                count = window.by_class[key] if key < 10 else hits.get(key, 0)
                name = f"{key}xx" if key < 10 else f"{key:03}"
                rows.append((name, count, count / window.hits if window.hits else None))
        return sheet_of(self.TITLE, ("status", "hits", "share"), rows)

    @property
    def _former(self) -> Window:
        """The window that is compared with, an empty one if there is none."""
        baseline = self.snapshot.baseline
        return _NO_WINDOW if baseline is None else baseline.window

    def term(self, *, negated: bool) -> str | None:
        """Return the term for the class or code under the cursor."""
        key = self.cursor_key
        if not isinstance(key, int):
            return None
        value = f"{abs(key)}xx" if key < 10 else f"{key:03}"
        return term_of("status", value.encode(), negated=negated)

    def view_next(self) -> None:
        """Open the class under the cursor into its codes, or close it."""
        key = self.cursor_key
        if not isinstance(key, int):
            return
        status_class = abs(key) if key < 10 else key // 100
        self._opened ^= {status_class}
        self._cursor = status_class
        self.arrange_items()
        self.repaint()

    def row_clicked(self) -> None:
        """Open or close the clicked class; a code is only selected."""
        if not self._is_at_code:
            self.view_next()

    def row_double_clicked(self) -> None:
        """Open a code, as the enter key does; a class has been opened by the first click."""
        if self._is_at_code:
            self.action_open()

    @property
    def _is_at_code(self) -> bool:
        """Whether the cursor is on a code, not on a class or below one without hits."""
        return isinstance(self.cursor_key, int) and self.cursor_key >= 10

    def paint(self, size: Size) -> list[Strip]:
        """Draw a line for each class and each code of an opened class."""
        if not has_status_then(self.snapshot):
            dim, base = self.ink("panel--dim"), self.ink("")
            told = wrapped(NOT_WITH_FILTER, size.width)
            return [line([(text, dim)], size.width, base) for text in told][: size.height]
        hits, former = dict(self.snapshot.now.status), dict(self._former.status)
        lines = []
        for index in self.visible_rows(size):
            key = self._keys[index]
            if not isinstance(key, int):
                continue
            shade = self.ink("")
            if self.is_at_cursor(index):
                shade += Style(bgcolor=self.ink("panel--cursor").bgcolor, bold=True)
            if key < 0:
                dim = on(self.ink("panel--dim"), shade)
                lines.append(line([("  no hits", dim)], size.width, shade))
            elif key < 10:
                lines.append(self._class_line(key, size.width, shade))
            else:
                counts = former.get(key, 0), hits.get(key, 0)
                lines.append(self._code_line(key, counts, size.width, shade))
        room = max(0, size.height - len(lines) - 1)
        if visible := measures(self.snapshot.now)[:room]:
            lines.append(line([], size.width, self.ink("")))
            lines += [self._measure_line(*each, size.width) for each in visible]
        return lines[: size.height]

    def _measure_line(self, label: str, value: str, width: int) -> Strip:
        dim, base = self.ink("panel--dim"), self.ink("")
        return ends([(f"  {label}", dim)], [(value, base)], width, base)

    def _class_line(self, status_class: int, width: int, base: Style) -> Strip:
        window = self.snapshot.now
        hits = window.by_class[status_class]
        share = window.class_share(status_class)
        ink = on(self.ink(class_ink(status_class)), base)
        figures = f"{right(units.percent(share), 5)} %"
        change = self._change_pieces(self._former.by_class[status_class], hits, base)
        if width >= (46 if change else 38):
            figures = f"{right(units.count(hits), 8)} {figures}"
        room = max(0, width - 6 - len(figures) - 1 - (WIDTH + 1 if change else 0))
        blocks = left(bar(share, room), room)
        filled = blocks.rstrip()
        track = on(self.ink("panel--track"), base)
        return line(
            [
                (f"{SIGNS.get(status_class, '?')} {status_class}xx ", ink + Style(bold=True)),
                (filled, ink),
                ("·" * (room - len(filled)), track),
                (f" {figures}", base),
                *change,
            ],
            width,
            base,
        )

    def _change_pieces(self, former: int, hits: int, base: Style) -> list[Piece]:
        """Return how `hits` changed from the `former` ones; nothing if they are not compared."""
        if not is_known(self.snapshot.baseline):
            return []
        lengths = Lengths(self._former.seconds, self.snapshot.now.seconds)
        text, ink = rates_text(former, hits, lengths)
        return [(f" {right(text, WIDTH)}", on(self.ink(ink), base))]

    def _code_line(self, code: int, counts: tuple[int, int], width: int, base: Style) -> Strip:
        """Return the line of a code; `counts` are its former and its present hits."""
        window, hits = self.snapshot.now, counts[1]
        share = units.percent(hits / window.hits) if window.hits else "0.0"
        figures = f" {right(units.count(hits), 6)}"
        change = self._change_pieces(*counts, base)
        if width >= (44 if change else 36):
            figures += f" {right(share, 5)} %"
        room = max(0, width - len(figures) - (WIDTH + 1 if change else 0))
        ink = on(self.ink(class_ink(code // 100)), base)
        phrase = left(reason(code), max(0, room - 6))
        return line(
            [("  ", base), (f"{code:03} ", ink), (phrase, base), (figures, base), *change],
            width,
            base,
        )
