"""The table of `fleet status`."""

from logmon_tui.cli.fleet import _as_text
from logmon_tui.config.fleet import FleetSettings
from logmon_tui.fitting import width_of
from logmon_tui.fleet.protocol import Health
from logmon_tui.fleet.stream import SentBy, StreamStatus


def test_columns_stand_below_each_other_and_hosts_are_told_apart() -> None:
    hosts = [
        SentBy(host, site, Health(host=host, site=site, message="x.log: is away"), 1.0)
        for host, site in (("web1", "eu"), ("ホスト", "日本"), ("web1", ""))
    ]
    status = StreamStatus("LOGMON", 1, 1, 60, 10**9, hosts)
    _, heading, *rows = _as_text(status, FleetSettings())
    before = width_of(heading[: heading.index("state")])
    for row in rows[:3]:
        assert width_of(row[: row.index("live")]) == before
    assert rows[3:] == [
        "eu/web1: x.log: is away",
        "日本/ホスト: x.log: is away",
        "web1: x.log: is away",
    ]
