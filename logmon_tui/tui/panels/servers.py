"""The hosts whose logs come together here: which of them are heard, and which one differs."""

from collections.abc import Hashable, Sequence
from heapq import nlargest

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui.config.settings import Panel
from logmon_tui.filters.language import term_of
from logmon_tui.formats.model.hit import NONE
from logmon_tui.reports.sheet import Sheet, sheet_of
from logmon_tui.snapshot import ServerRow, Snapshot
from logmon_tui.tui.paint.cells import Piece, bar, crop, left, line, right, shown, width_of, wrapped
from logmon_tui.tui.paint.columns import share
from logmon_tui.tui.paint.server_columns import (
    BAR,
    GROUPED,
    IDS,
    STATE,
    ServerColumn,
    columns_of,
    fitted,
)
from logmon_tui.tui.paint.server_text import (
    counted,
    host_of,
    live_of,
    sign_of,
    told_of,
    troubles,
)
from logmon_tui.tui.panels.memory import Sort
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import MEASURED
from logmon_tui.tui.panels.server_rows import (
    Heading,
    Row,
    SiteKey,
    grouped,
    has_sites,
    key_of,
    site_of,
    troubled,
)
from logmon_tui.tui.panels.sorted_table import KEY, SortedTable

MANY = 40
"""Hosts above which sites are folded until the user unfolds them."""
TOLD_LINES = 2
"""Maximum lines about the host under the cursor."""
TOLD_SHARE = 5
"""Lines of the panel for each of these."""
LONGEST_BAR = 24
"""Maximum cells of a bar: hosts that are well should not draw the eye from the others."""
LEAST_REASON = 16
"""Cells below which a reason is only told below the rows."""
NO_SITE = "(no site)"
NO_HOSTS = "no hosts: watch web{1..9}:/var/log/nginx/access.log or nats://BROKER"


class Servers(SortedTable):
    """The panel of hosts, under their sites while they are in the order of trouble or of names."""

    NAME = Panel.SERVERS
    TITLE = "Hosts"
    KEYS = ("H",)
    PLACE = Place.WIDE
    LEADING = frozenset({KEY, STATE})

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._found = 0  # servers that match the filter
        self._servers: Sequence[ServerRow] = ()  # the same
        self._busiest = 0.0  # hits a second
        self._longest = 0  # cells of the longest name, with its sign
        self._turned: set[bytes] = set()  # sites that the user folded or unfolded
        self._grouped = False
        self._above = 0  # servers in trouble above all sites
        self._visible: Sequence[tuple[ServerColumn, int]] = ()

    @property
    def sorted_by(self) -> Sort:
        """The chosen order; by trouble until the user chooses, or if no host has such figures."""
        ids = {column.id for column in self._columns()}
        return self.sort if self.sort.column in ids else Sort(STATE)

    def known_columns(self) -> frozenset[str]:
        """Return the ids of all columns that the table can have."""
        return IDS

    def values_of(self, field: str) -> Sequence[bytes] | None:
        """Return the names of all servers or sites."""
        fleet = self.snapshot.fleet
        if field == "server":
            return [server.name for server in fleet.servers]
        if field == "site":
            return list(dict.fromkeys(each.site for each in fleet.servers if each.site))
        return None

    def part(self, snapshot: Snapshot) -> object:
        """Return the fleet, the precision of response times, and whether the past is shown."""
        times = snapshot.now.response_times
        return snapshot.fleet, times and times.resolution, snapshot.moment is None

    def detail(self) -> str:
        """Return how many hosts there are, and how many in each state."""
        fleet = self.snapshot.fleet
        if not fleet.servers:
            return ""
        parts = [] if self.snapshot.moment is None else ["live"]
        if self.filter_text:
            parts.append(self.matching(self._found, len(fleet.servers)))
        return " · ".join((*parts, counted(fleet), *troubles(fleet)))

    def hint(self) -> str:
        """Return what shows all rows again, or what enter, v and ! do."""
        if self.filter_text:
            return "esc: all rows"
        row = self._row_here
        if row is None:
            return ""
        only = f"enter: only {'this site' if isinstance(row, Heading) else 'this host'}"
        unfolds = isinstance(row, Heading) and row.folded
        views = [f"v: {'unfold' if unfolds else 'fold'} the site"] if self._grouped else []
        return self.fitting(only, *views, "!: without", "s: sort")

    def has_nothing(self) -> bool:
        """Tell whether all logs are of this machine."""
        return not self.snapshot.fleet.servers

    def absence(self) -> str:
        """Return how one gets hosts."""
        return NO_HOSTS

    def arrange_items(self) -> None:
        """Sort, group and measure the rows."""
        fleet = self.snapshot.fleet
        found = [each for each in fleet.servers if self.has_text(shown(each.name))]
        sort = self.sorted_by
        column = next(each for each in self._columns() if each.id == sort.column)
        found.sort(key=column.order, reverse=column.descending != sort.reverse)
        self._found = len(found)
        self._servers = found
        self._grouped = column.id in GROUPED and has_sites(fleet)
        above = troubled(found) if self._grouped and column.id == STATE else []
        self._above = len(above)
        self._rows = grouped(found, above, fleet, self._is_folded) if self._grouped else found
        self._busiest = max((each.figures.rate or 0.0 for each in fleet.servers), default=0.0)
        longest = nlargest(MEASURED, found, key=lambda each: len(each.name))
        # Signs and an indent stand before names; full names have their site there.
        self._longest = 4 + max((width_of(shown(each.name)) for each in longest), default=0)
        super().arrange_items()

    def exported(self) -> Sheet:
        """Return the hosts in their order, also those of sites that are folded."""
        columns = (
            "host",
            "site",
            "state",
            "hits_per_s",
            "errors",
            "p95",
            "lag",
            "version",
            "message",
        )
        return sheet_of(
            self.TITLE,
            columns,
            (
                (
                    each.name,
                    each.site or None,
                    each.state.value,
                    *(each.figures.rate, each.figures.errors, each.figures.p95, each.lag),
                    each.version or None,
                    each.message or None,
                )
                for each in self._servers
            ),
        )

    def row_keys(self) -> Sequence[Hashable]:
        """Return the names of servers, and keys of headings, which are no names."""
        return [key_of(row) for row in self._rows]

    def below_height(self) -> int:
        """Return the number of lines about the host under the cursor."""
        return len(self._told())

    def move_cursor(self, index: int) -> None:
        """Put the cursor on row `index`, and show what is known of it."""
        super().move_cursor(index)
        super().arrange_items()  # what is told takes room; the order stays as it is
        self.arrange_titles()
        self.repaint()

    def term(self, *, negated: bool) -> str | None:
        """Return the term for the server or the site under the cursor."""
        row = self._row_here
        if row is None:
            return None
        if isinstance(row, Heading):
            return term_of("site", row.site.name or NONE, negated=negated)
        return term_of("server", row.name, negated=negated)

    def view_next(self) -> None:
        """Fold or unfold the site of the row under the cursor."""
        row = self._row_here
        if row is None or not self._grouped:
            self.notify("Hosts stand by site in the order of state or name: s", markup=False)
            return
        self._turned ^= {site_of(row)}
        self._cursor = SiteKey(site_of(row))
        self.arrange_items()
        self.repaint()

    def row_clicked(self) -> None:
        """Fold or unfold the clicked site; a host is only selected."""
        if isinstance(self._row_here, Heading):
            self.view_next()

    def row_double_clicked(self) -> None:
        """Open a host, as the enter key does; a site has been turned by the first click."""
        if not isinstance(self._row_here, Heading):
            self.action_open()

    def paint(self, size: Size) -> list[Strip]:
        """Draw the header, the visible rows in the columns that fit, and what is told below."""
        # Keep numbers off the scrollbar.
        width = size.width - int(self.show_vertical_scrollbar)
        self._visible = fitted(self._columns(), self._longest, width)
        base, dim = self.ink(""), self.ink("panel--dim")
        if not self._rows:
            why = self.no_match("host") if self.snapshot.fleet.servers else self.absence()
            empty = wrapped(why, size.width)
            return [line([(text, dim)], size.width, base) for text in empty][: size.height]
        told = self._told()
        rows = [self._row(index, size.width) for index in self.visible_rows(size)]
        room = max(0, size.height - len(told) - 1)
        rows = rows[:room] + [line([], size.width, base)] * (room - len(rows)) * bool(told)
        below = [line([(text, self.ink("panel--warning"))], size.width, base) for text in told]
        return [self._header(size.width), *rows, *below][: size.height]

    @property
    def _row_here(self) -> Row | None:
        return self._rows[self.cursor_index] if self.cursor_index < len(self._rows) else None

    @property
    def _resolution(self) -> float:
        times = self.snapshot.now.response_times
        return 0.0 if times is None else times.resolution

    def _columns(self) -> tuple[ServerColumn, ...]:
        return columns_of(self.snapshot.fleet.servers, self._resolution)

    def _is_folded(self, site: bytes) -> bool:
        """Tell whether a site is folded; while rows are filtered, none is."""
        if self.filter_text:
            return False
        return (len(self.snapshot.fleet.servers) > MANY) != (site in self._turned)

    def _told(self) -> list[str]:
        """Return the lines about the host under the cursor, none without the focus or any room."""
        row, size = self._row_here, self.view_size
        room = min(TOLD_LINES, size.height // TOLD_SHARE)
        if not self.has_focus or not isinstance(row, ServerRow) or room < 1:
            return []
        text = told_of(row, self._resolution)
        if not text:
            return []
        lines = wrapped(f"{sign_of(row)[0]} {text}", size.width)
        if len(lines) > room:
            lines = [*lines[: room - 1], crop(" ".join(lines[room - 1 :]), size.width)]
        return lines

    def _row(self, index: int, width: int) -> Strip:
        row, base = self._rows[index], self.ink("")
        shade = self.cursor_shade() if self.is_at_cursor(index) else Style()
        base += shade
        if isinstance(row, Heading):
            return line(self._heading_pieces(row, base, shade), width, base)
        pieces = self._server_pieces(row, base, shade, in_site=self._in_site(index))
        return line(pieces, width, base)

    def _in_site(self, index: int) -> bool:
        """Tell whether a row stands below the heading of its site."""
        return self._grouped and index >= self._above

    def _server_pieces(
        self, server: ServerRow, base: Style, shade: Style, *, in_site: bool
    ) -> list[Piece]:
        (_, key_width), *rest = self._visible
        sign, ink = sign_of(server)
        indent = "  " * in_site
        room = max(0, key_width - len(indent) - 2)
        pieces: list[Piece] = [
            (f"{indent}{sign} ", self.ink(ink) + shade),
            (left(crop(host_of(server) if in_site else shown(server.name), room), room), base),
        ]
        for column, cells in rest:
            style = self.ink(column.ink(server)) + shade
            if column is not BAR:
                text = (left if column.id in self.LEADING else right)(column.text(server), cells)
            elif server.figures.rate is None:
                style = self.ink("panel--dim") + shade
                has_reason = server.message and cells >= LEAST_REASON
                text = left(crop(shown(server.message), cells) if has_reason else "", cells)
            else:
                part = share(server.figures.rate, self._busiest)
                text = left(bar(part, min(cells, LONGEST_BAR)), cells)
            pieces.append((" " + text, style))
        return pieces

    def _heading_pieces(self, heading: Heading, base: Style, shade: Style) -> list[Piece]:
        """Return a site's name, how many hosts it has, and its sums in the columns of figures."""
        site, strong = heading.site, base + Style(bold=True)
        others = [each for each in self._visible if each[0] is not BAR]
        figures = [each for each in others if each[0].id not in GROUPED]
        room = sum(cells + 1 for _, cells in self._visible) - 1
        room -= sum(cells + 1 for _, cells in figures)
        name = shown(site.name) if site.name else NO_SITE
        start, hosts = f"{'▸' if heading.folded else '▾'} {name}", live_of(heading.known, site.live)
        told = crop(f" · {hosts}", max(0, room - width_of(start)))
        ink = self.ink("panel--warning" if site.live < heading.known else "panel--dim") + shade
        start = crop(start, room)
        pieces: list[Piece] = [
            (start, self.ink("panel--header") + shade + Style(bold=True)),
            (left(told, max(0, room - width_of(start))), ink),
        ]
        for column, cells in figures:
            pieces.append((" " + right(column.total(site.figures), cells), strong))
        return pieces
