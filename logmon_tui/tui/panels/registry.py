"""The registry of panels: a new panel is one new file beside this one, and one line here."""

from logmon_tui.tui.panels.agents import Agents
from logmon_tui.tui.panels.alerts import Alerts
from logmon_tui.tui.panels.clients import Clients
from logmon_tui.tui.panels.ingest import Ingest
from logmon_tui.tui.panels.logs import Logs
from logmon_tui.tui.panels.methods import Methods
from logmon_tui.tui.panels.panel import Panel
from logmon_tui.tui.panels.paths import Paths
from logmon_tui.tui.panels.referrers import Referrers
from logmon_tui.tui.panels.sections import Sections
from logmon_tui.tui.panels.status import Status
from logmon_tui.tui.panels.tail import Tail
from logmon_tui.tui.panels.tls import Tls
from logmon_tui.tui.panels.traffic import Traffic
from logmon_tui.tui.panels.users import Users
from logmon_tui.tui.panels.vhosts import VirtualHosts

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
