import os
from pathlib import Path

import pytest

from logmon_tui.agent import followed as module
from tests.agent.dashboards import Dashboard, followed, send_all
from tests.agent.logs import numbered, write


def test_a_chunk_too_large_for_the_broker_is_lost_with_its_bytes(log: Path, tmp_path: Path) -> None:
    """A dashboard sees the gap, and must not add it to the lines that the agent tells of."""
    write(log, *numbered(0, 15_000))
    agent = followed(log, tmp_path)
    assert agent.read()
    first, *others = agent.chunks
    agent.sent({id(first.message)})
    assert (agent.progress.lost, agent.progress.lost_bytes) == (first.lines, first.size)
    assert agent.progress.sent == sum(chunk.lines for chunk in others)
    agent.close()


def test_a_backlog_that_was_deleted_counts_as_lost(log: Path, tmp_path: Path) -> None:
    write(log, *numbered(0, 1_000))
    agent, dashboard = followed(log, tmp_path), Dashboard()
    send_all(agent, dashboard)
    write(log, *numbered(1_000, 1_100))
    agent.look()
    agent.read()
    agent.save()  # saved, but never sent
    agent.close()
    log.unlink()
    write(log, *numbered(2_000, 2_010))
    agent = followed(log, tmp_path)
    send_all(agent, dashboard)
    assert dashboard.lines == [*numbered(0, 1_000), *numbered(2_000, 2_010)]
    assert agent.progress.lost_bytes == 100 * len(b"line 1000\n")
    assert agent.progress.lost == pytest.approx(100, rel=0.15)  # an estimate
    agent.close()


def test_what_came_while_nothing_could_be_sent_counts_as_lost_as_well(
    log: Path, tmp_path: Path
) -> None:
    write(log, *numbered(1_000, 1_100))
    agent, dashboard = followed(log, tmp_path), Dashboard()
    assert agent.read()
    agent.save()
    write(log, *numbered(1_100, 1_150))
    agent.look()
    log.rename(log.with_name("access.log.1"))
    write(log, *numbered(1_150, 1_160))
    agent.look()
    agent.save_what_waits()
    agent.close()
    log.unlink()
    log.with_name("access.log.1").unlink()
    write(log, b"new")
    agent = followed(log, tmp_path)
    send_all(agent, dashboard)
    assert dashboard.lines == [b"new"]
    assert agent.progress.lost_bytes == 160 * len(b"line 1000\n")
    agent.close()


def test_a_log_truncated_before_it_was_read_counts_as_lost(log: Path, tmp_path: Path) -> None:
    write(log, *numbered(0, 1_000))
    agent, dashboard = followed(log, tmp_path), Dashboard()
    send_all(agent, dashboard)
    write(log, *numbered(1_000, 1_100))
    agent.look()
    os.truncate(log, 0)
    send_all(agent, dashboard)
    write(log, b"new")
    send_all(agent, dashboard)
    assert dashboard.lines == [*numbered(0, 1_000), b"new"]
    assert agent.progress.lost_bytes == 1_000
    agent.close()


def test_deleted_files_keep_the_disk_only_up_to_a_limit(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD", 1_500)
    agent, dashboard = followed(log, tmp_path), Dashboard()
    send_all(agent, dashboard)
    for turn in range(10, 15):
        write(log, *numbered(100 * turn, 100 * turn + 100))
        agent.look()
        log.rename(log.with_name("access.log.1"))
        log.touch()
        agent.look()
    agent.look()
    write(log, *numbered(1_500, 1_501))
    send_all(agent, dashboard)
    assert dashboard.lines == numbered(1_300, 1_501)
    assert agent.progress.lost_bytes == 300 * len(b"line 1000\n")
    agent.close()
