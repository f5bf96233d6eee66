"""The registry of panels: a new panel is one new file in `widgets/` and one line here."""

from logmon_tui.tui.widgets.agents import Agents
from logmon_tui.tui.widgets.alerts import Alerts
from logmon_tui.tui.widgets.clients import Clients
from logmon_tui.tui.widgets.ingest import Ingest
from logmon_tui.tui.widgets.logs import Logs
from logmon_tui.tui.widgets.methods import Methods
from logmon_tui.tui.widgets.panel import Panel
from logmon_tui.tui.widgets.paths import Paths
from logmon_tui.tui.widgets.referrers import Referrers
from logmon_tui.tui.widgets.sections import Sections
from logmon_tui.tui.widgets.status import Status
from logmon_tui.tui.widgets.tail import Tail
from logmon_tui.tui.widgets.tls import Tls
from logmon_tui.tui.widgets.traffic import Traffic
from logmon_tui.tui.widgets.users import Users
from logmon_tui.tui.widgets.vhosts import VirtualHosts

PANELS: tuple[type[Panel], ...] = (
    Traffic,
    Sections,
    Status,
    Alerts,
    Clients,
    Paths,
    Agents,
    Users,
    Tail,
    Ingest,
    Methods,
    VirtualHosts,
    Referrers,
    Tls,
    Logs,
)
"""In the order of their keys, 1 to 9 and 0, then the capitals."""
