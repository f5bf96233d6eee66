"""The checks by name, in the order of the output."""

from logmon_tui.cli.doctor import logs, machine, settings, state
from logmon_tui.cli.doctor.findings import Check

CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", machine.python),
    ("scanner", machine.scanner),
    ("terminal", machine.terminal),
    ("text", machine.text),
    ("tmux", machine.tmux),
    ("events", machine.events),
    ("extras", machine.extras),
    ("settings", settings.settings),
    ("variables", settings.environment),
    ("geoip", settings.geoip),
    ("logs", logs.logs),
    ("state", state.state),
    ("disk", state.disk),
    ("notify", settings.targets),
)
