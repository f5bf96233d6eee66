"""Rules, and a log with a known story for them."""

from datetime import UTC, datetime

from click.testing import CliRunner, Result

from logmon_tui.cli import cli
from tests.traffic import START

RULES = """\
threshold = 1000
error-rate = 0.9
ddos-threshold = 1000

[rules.api-errors]
metric = "share"
scope = "section"
status = "5xx"
window = 60
critical = 0.4
critical-recovery = 0.2
for = 30
keep-firing-for = 20
minimum-hits = 20

[rules.noisy]
title = "Noise"
metric = "hits"
scope = "client"
match = "10.9.*"
window = 10
warning = 30
critical = 45
message = "{subject} sent {hits} ({severity}, {labels}) at {time}"
labels = {team = "web"}

[rules.never]
metric = "hits"
critical = 1_000_000
"""


def run(*arguments: object, width: int | None = None) -> Result:
    environment = {
        "XDG_CONFIG_HOME": "/nonexistent",
        "COLUMNS": None if width is None else str(width),
    }
    return CliRunner().invoke(cli, ["rules", *map(str, arguments)], env=environment)


def line(second: int, client: str, path: str, status: int) -> str:
    time = datetime.fromtimestamp(START + second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{client} - - [{time}] "GET {path} HTTP/1.1" {status} 100 "-" "curl/8.5"\n'
