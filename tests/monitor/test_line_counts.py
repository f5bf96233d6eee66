import numpy as np
from msgspec.structs import replace

from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.monitor.line_counts import LineCounts
from logmon_tui.monitor.monitor import HTTPMonitor
from tests.traffic import START, batch_of, hit, settings_of

ODD = UnparsedLine(b"odd", "no hit")


def test_lines_are_summed_up_and_the_newest_kept() -> None:
    lines = LineCounts()
    lines.take(replace(batch_of([hit(START, size=5)]), tail=(b"first",)), 1.0)
    lines.take(replace(batch_of([hit(START, size=7, status=404)]), tail=(b"second",)), 2.0)
    totals = lines.picture(2.0)
    assert (totals.hits, totals.bytes, totals.status) == (2, 12, ((200, 1), (404, 1)))
    assert list(lines.tail) == [b"first", b"second"]


def test_it_is_quiet_since_the_last_batch_or_else_since_the_first_picture() -> None:
    lines = LineCounts()
    assert (lines.picture(10.0).quiet, lines.picture(12.5).quiet) == (0.0, 2.5)
    lines.take(batch_of([]), 20.0)
    assert lines.picture(21.0).quiet == 1.0


def test_what_is_counted_apart_stands_beside_the_totals() -> None:
    lines = LineCounts()
    lines.late, lines.late_for_alerts, lines.ignored = 1, 2, 3
    totals = lines.picture(0.0)
    assert (totals.late, totals.late_for_alerts, totals.ignored) == (1, 2, 3)


def test_another_run_goes_on_from_its_totals() -> None:
    monitor = HTTPMonitor(settings_of())
    odd = replace(
        batch_of([hit(START)]),
        unparsed_after=np.zeros(1, dtype=np.int64),
        unparsed_lines=(ODD,),
        first_unparsed=ODD,
    )
    monitor.feed(odd, 0.0)
    monitor.lines.late = 4
    lines = LineCounts()
    lines.restore(monitor.state(0.0, START), monitor.lines.unparsed())
    totals = lines.picture(0.0)
    assert (totals.hits, totals.unparsed, totals.late) == (1, 1, 4)
    assert (totals.first_unparsed, totals.unparsed_lines) == (ODD, (ODD,))
