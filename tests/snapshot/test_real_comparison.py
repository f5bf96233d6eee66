"""Two days of a real log are compared as a count of its lines compares them."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.whole_logs import read_report
from logmon_tui.snapshot.comparison import Mark, compare

FOLDER = os.environ.get("LOGMON_REAL_LOGS")
DAYS = {b"18/May/2015": 1_431_907_200, b"19/May/2015": 1_431_993_600}
_HIT = re.compile(rb'(\S+) \S+ \S+ \[([^:]+):[^\]]*\] "\S+ ([^ "]*)[^"]*" (\d+)')


@pytest.mark.skipif(not FOLDER, reason="LOGMON_REAL_LOGS names no folder of real logs")
def test_two_days_of_a_real_log() -> None:
    log = Path(str(FOLDER)) / "apache_combined_10k.log"
    counted: dict[bytes, dict[str, Counter[bytes]]] = {
        day: {"hosts": Counter(), "status": Counter(), "paths": Counter()} for day in DAYS
    }
    for line in log.read_bytes().splitlines():
        host, day, target, status = _HIT.match(line).groups()  # type: ignore[union-attr]
        if day in DAYS:
            counted[day]["hosts"][host] += 1
            counted[day]["status"][status] += 1
            counted[day]["paths"][target.partition(b"?")[0]] += 1
    windows = [
        read_report([str(log)], Settings(top=0), FormatSelector(), start, start + 86_400).hits
        for start in DAYS.values()
    ]
    found = compare(*windows)
    former, now = counted.values()
    for name in ("hosts", "status", "paths"):
        rows = found.changes[name].rows
        assert {each.key for each in rows} == {*former[name], *now[name]}
        for each in rows:
            hits = [row.hits if row else 0 for row in (each.baseline, each.present)]
            assert hits == [former[name][each.key], now[name][each.key]]
            assert (each.mark is Mark.NEW) == (hits[0] == 0)
            assert (each.mark is Mark.GONE) == (hits[1] == 0)


def test_the_screen_can_compare_before_numpy_is_imported() -> None:
    modules = "snapshot.comparison", "snapshot.totals", "reports.changed_most", "reports.limits"
    program = "".join(f"import logmon_tui.{each}\n" for each in modules)
    program += "import sys\nassert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
