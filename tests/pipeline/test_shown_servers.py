"""What a running watch shows of one machine of several: figures, requests and the tail agree."""

from itertools import cycle
from pathlib import Path

import pytest

from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.model.origin import Origin
from logmon_tui.monitor.commands import ParseTail, SetFilter, ShowRequests
from logmon_tui.snapshot import Order
from logmon_tui.sources.base import Chunk
from logmon_tui.sources.file_observer import FileObserver
from tests.pipeline.test_several_logs import lines, watching
from tests.traffic import settings_of

NAMES = (b"eu/web1", b"us/web2")


@pytest.fixture
def written_by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two machines have written the lines of each log by turns."""
    read = FileObserver.read

    def labelled(source: FileObserver) -> bytes:
        found = read(source)
        turns = zip(cycle(NAMES), range(found.count(b"\n")), strict=False)
        return Chunk.of(found, [Origin(name, name[:2], 1) for name, _ in turns]) if found else found

    monkeypatch.setattr(FileObserver, "read", labelled)


@pytest.mark.usefixtures("written_by_two")
def test_a_filter_by_server_or_site_holds_for_figures_requests_and_tail(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"".join(lines(1, f"/p/{number}") for number in range(9)))
    with watching([log], settings_of(from_start=True, stats_interval=60)) as watch:
        watch.shows(lambda each: each.now.hits == 9)
        watch.pipeline.commands.post(ParseTail(parsed=True))
        watch.pipeline.commands.post(ShowRequests(Order.NEWEST))
        for where, server, hits in (("server:eu/web1", NAMES[0], 5), ("site:us", NAMES[1], 4)):
            watch.pipeline.commands.post(SetFilter(parsed(where)))
            picture = watch.shows(
                lambda each, where=where: each.scope.where == where and each.requests is not None
            )
            assert picture.now.hits == hits
            assert picture.requests is not None
            assert picture.tail_hits is not None
            for found in (picture.requests.rows, picture.tail_hits):
                assert [each.texts[Dimension.SERVER] for each in found] == [server] * hits
            assert len(picture.tail) == hits
