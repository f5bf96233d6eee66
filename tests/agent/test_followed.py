import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from logmon_tui.agent import followed as module
from logmon_tui.errors import UsageError
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_END
from tests.agent.dashboards import Dashboard, followed, messages_of, send_all
from tests.agent.logs import numbered, write
from tests.watching import wait_until


def test_lines_arrive_in_order(log: Path, tmp_path: Path) -> None:
    write(log, *numbered(0, 20_000))
    agent, dashboard = followed(log, tmp_path), Dashboard()
    send_all(agent, dashboard)
    write(log, *numbered(20_000, 20_010))
    send_all(agent, dashboard)
    assert dashboard.lines == numbered(0, 20_010)
    (counted,) = dashboard.counted.values()
    assert counted.ranges == [(0, log.stat().st_size)]
    agent.close()


def test_without_a_state_it_begins_at_the_end(log: Path, tmp_path: Path) -> None:
    write(log, *numbered(0, 10))
    agent, dashboard = followed(log, tmp_path, start=FROM_END), Dashboard()
    send_all(agent, dashboard)
    agent.close()
    write(log, *numbered(10, 20))
    agent = followed(log, tmp_path, start=FROM_END)
    send_all(agent, dashboard)
    assert dashboard.lines == numbered(10, 20)
    agent.close()


@pytest.mark.parametrize("arrived", [0, 1, 2, 3])
def test_an_agent_killed_before_it_saves_sends_the_same_chunks(
    log: Path, tmp_path: Path, arrived: int
) -> None:
    write(log, *numbered(0, 15_000))
    agent, dashboard = followed(log, tmp_path), Dashboard()
    assert agent.read()
    agent.save()
    first = messages_of(agent)
    assert len(first) == 3
    dashboard.hear(first[:arrived])
    agent.close()  # nothing was saved since: that is a kill
    write(log, *numbered(15_000, 20_000))  # other ends than the first time are at hand now
    agent = followed(log, tmp_path)
    assert agent.read()
    assert messages_of(agent)[:3] == first
    send_all(agent, dashboard)
    assert dashboard.lines == numbered(0, 20_000)
    assert dashboard.dropped == arrived
    agent.close()


def test_it_does_so_across_a_rotation(log: Path, tmp_path: Path) -> None:
    write(log, *numbered(0, 10))
    agent, dashboard = followed(log, tmp_path), Dashboard()
    send_all(agent, dashboard)
    write(log, *numbered(10, 20))
    log.rename(log.with_name("access.log.1"))
    write(log, *numbered(20, 30))
    assert agent.read()
    agent.save()
    dashboard.hear(messages_of(agent))
    agent.close()
    write(log.with_name("access.log.1"), b"a late one")
    log.rename(log.with_name("access.log.2"))
    write(log, *numbered(30, 40))
    agent = followed(log, tmp_path)
    send_all(agent, dashboard)
    assert sorted(dashboard.lines) == sorted([*numbered(0, 40), b"a late one"])
    agent.close()


def test_what_two_files_had_is_known_apart(log: Path, tmp_path: Path) -> None:
    """A rotated file and its successor have the same offsets, often even the same inode."""
    agent, dashboard = followed(log, tmp_path), Dashboard()
    for turn in range(5):
        write(log, *numbered(10 * turn, 10 * turn + 10))
        send_all(agent, dashboard)
        if turn % 2:
            agent.close()
            log.unlink()
            agent = followed(log, tmp_path)
        else:
            log.unlink()
    send_all(agent, dashboard)
    assert dashboard.lines == numbered(0, 50)
    assert len(dashboard.counted) == 5
    agent.close()


def test_a_truncated_log_is_another_file(log: Path, tmp_path: Path) -> None:
    write(log, *numbered(0, 10))
    agent, dashboard = followed(log, tmp_path), Dashboard()
    send_all(agent, dashboard)
    shutil.copy(log, log.with_name("access.log.1"))
    os.truncate(log, 0)
    write(log, *numbered(10, 15))
    send_all(agent, dashboard)
    send_all(agent, dashboard)
    assert dashboard.lines == numbered(0, 15)
    agent.close()


def test_other_lines_at_a_planned_place_are_not_taken_for_those_sent(
    log: Path, tmp_path: Path
) -> None:
    write(log, b"aaaa", b"bbbb")
    agent, dashboard = followed(log, tmp_path), Dashboard()
    assert agent.read()
    agent.save()
    dashboard.hear(messages_of(agent))
    agent.close()
    with log.open("r+b") as file:  # the same inode, from offset 0 on: nothing tells them apart
        file.write(b"cccc\ndddd\n")
    for _ in range(2):
        agent = followed(log, tmp_path)
        assert agent.read()
        agent.save()
        dashboard.hear(messages_of(agent))
        agent.close()
    assert dashboard.lines == [b"aaaa", b"bbbb", b"cccc", b"dddd"]


def test_a_last_line_without_its_end_is_sent_once(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FileObserver", partial(FileObserver, rotate_wait=0.05))
    agent, dashboard = followed(log, tmp_path), Dashboard()
    log.write_bytes(b"whole\nunfinished")
    send_all(agent, dashboard)
    log.rename(log.with_name("access.log.1"))
    write(log, b"next")

    def ended() -> bool:
        return agent.read() and any(b"unfinished" in each.lines for each in messages_of(agent))

    def all_but_the_last() -> bool:
        if ended():
            return True
        send_all(agent, dashboard)
        return False

    wait_until(all_but_the_last, lambda: str(dashboard.lines))
    agent.save()
    dashboard.hear(messages_of(agent))
    agent.close()
    agent = followed(log, tmp_path)
    send_all(agent, dashboard)
    assert sorted(dashboard.lines) == [b"next", b"unfinished", b"whole"]
    agent.close()


def test_giant_lines_and_holes_do_not_move_ends(log: Path, tmp_path: Path) -> None:
    giant = b"x" * 1_200_000
    log.write_bytes(b"first\n" + giant + b"\n\0\0\0second\n" + b"y" * 300_000 + b"\nthird\n")
    agent, dashboard = followed(log, tmp_path), Dashboard()
    assert agent.read()
    agent.save()
    dashboard.hear(messages_of(agent)[:1])
    agent.close()
    agent = followed(log, tmp_path)
    send_all(agent, dashboard)
    assert dashboard.lines == [b"first", b"second", b"y" * 300_000, b"third"]
    agent.close()


def test_an_idle_log_is_not_behind_even_with_an_unfinished_line(log: Path, tmp_path: Path) -> None:
    write(log, b"whole")
    agent = followed(log, tmp_path)
    assert agent.read()
    assert agent.waiting_since is not None
    agent.save()
    agent.sent()
    with log.open("ab") as file:
        file.write(b"unfinished")
    assert not agent.read()
    assert agent.waiting_since is None
    (state,) = tmp_path.glob("*.agent")
    agent.save()
    assert not agent.read()
    agent.save()  # now with the place inside the line
    written = state.stat().st_mtime_ns
    assert not agent.read()
    agent.save()  # there is nothing new
    assert state.stat().st_mtime_ns == written
    agent.close()


def test_the_header_in_force_goes_before_each_chunk(log: Path, tmp_path: Path) -> None:
    header = b"#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken"
    other = b"#Fields: date time cs-method cs-uri-stem sc-status c-ip time-taken"
    line = b"2026-11-29 18:27:01 192.0.2.1 GET /p 200 15"
    moved = b"2026-11-29 18:27:01 GET /p 200 192.0.2.1 15"
    write(log, header, line)
    agent, heard = followed(log, tmp_path, start=FROM_END), []
    send_all(agent, Dashboard())
    for lines in ([line], [line], [other, moved], [moved]):
        write(log, *lines)
        assert agent.read()
        agent.save()
        heard += messages_of(agent)
        agent.sent()
        agent.save()
        agent.close()
        agent = followed(log, tmp_path, start=FROM_END)
    agent.close()
    assert [each.lines.splitlines() for each in heard] == [
        [header, line],
        [header, line],
        [other, moved],
        [other, moved],
    ]
    assert {each.format for each in heard} == {"w3c"}


def test_two_agents_do_not_send_one_log(log: Path, tmp_path: Path) -> None:
    write(log, b"line")
    agent = followed(log, tmp_path)
    with pytest.raises(UsageError, match="another agent sends this log; stop it, or give --state"):
        followed(log, tmp_path)
    agent.close()
    followed(log, tmp_path).close()


def test_a_damaged_state_is_set_aside(log: Path, tmp_path: Path) -> None:
    write(log, b"line")
    agent = followed(log, tmp_path)
    send_all(agent, Dashboard())
    agent.close()
    (state,) = tmp_path.glob("*.agent")
    state.write_bytes(b"\x00damaged")
    agent, dashboard = followed(log, tmp_path), Dashboard()
    send_all(agent, dashboard)
    assert dashboard.lines == [b"line"]
    assert "was damaged and is set aside" in agent.problem
    assert state.with_name(state.name + ".damaged").read_bytes() == b"\x00damaged"
    agent.close()
