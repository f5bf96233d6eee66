"""`logmon-tui state`: what it tells, and what it removes."""

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.cli import main
from logmon_tui.config.folders import state_folder
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.sources.base import LogPosition
from logmon_tui.sources.broker.counted_ranges import FileRanges, Range
from logmon_tui.sources.broker.feed_place import FeedPlace
from logmon_tui.sources.ssh_place import RemotePlace, RemotePlaces
from logmon_tui.state.location import default_state_file
from logmon_tui.state.schema import MIGRATIONS
from logmon_tui.state.state_file import StateFile
from tests.state.restarts import position_at
from tests.traffic import START, batch_of, hit, settings_of

Run = tuple[int, str, str]
RunCommand = Callable[..., Run]
LOG = "/var/log/access\x1b[2J.log"


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> RunCommand:
    """Run the command line in this process, away from the user's own state and settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["logmon-tui", "state", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


def kept(file: Path, *logs: str) -> StateFile:
    """Return an open store whose file holds 6,000 hits and two incidents that fire."""
    store = StateFile(file, logs)
    monitor = HTTPMonitor(settings_of(), journal=True)
    monitor.feed(batch_of([hit(START + n // 30, host=b"e\x1bvil") for n in range(6_000)]), 0.0)
    monitor.tick(0.0, START)
    positions = {log: position_at(12_345 + place) for place, log in enumerate(logs)}
    store.save(positions, monitor, 0.0, START)
    assert store.problem == ""
    return store


@pytest.mark.parametrize("running", [True, False])
def test_show_tells_what_is_kept_also_while_it_is_used(run: RunCommand, *, running: bool) -> None:
    file = default_state_file([LOG])
    store = kept(file, LOG)
    if not running:
        store.close()
    code, out, error = run("show", LOG)
    store.close()
    assert (code, error) == (0, "")
    assert out.startswith(f"file       {file}\n")
    assert f"saved      2026-11-21T12:00:00Z{', in use' if running else ''}\n" in out
    assert f"version    {len(MIGRATIONS)}\n" in out
    assert "log        /var/log/access\\x1b[2J.log\n" in out
    assert "read up to byte 12,345; 0 rotations, 0 truncations, 0 oversize\n" in out
    assert "totals     6,000 hits, 600 kB, 0 unparsed, 0 late\n" in out
    assert "buckets    200 of 1 s\nbuckets    0 of 10 s\nbuckets    0 of 60 s\n" in out
    assert "incidents  2 open, 0 past\n" in out
    assert "High traffic from e\\x1bvil generated an alert - hits = 330" in out
    assert "\x1b" not in out


def test_show_tells_how_far_logs_elsewhere_were_read(run: RunCommand) -> None:
    counted = {b"eu/web1": {b"0" * 16: FileRanges(1.0, [Range(0, 9)])}}
    places = RemotePlaces((RemotePlace(7, offset=1_200, held=20),), at_path=True)
    feeds = {
        "nats://broker": FeedPlace("x", 1_235, None, counted).encoded(),
        "nats://other": b"\xc1",
        "web1:/x.log": places.packed(),
        "web2:/x.log": b"\xc1",
    }
    store = StateFile(default_state_file([*feeds]), [*feeds])
    positions = {log: LogPosition(feed=feed) for log, feed in feeds.items()}
    store.save(positions, HTTPMonitor(settings_of()), 0.0, START)
    store.close()
    code, out, error = run("show", *feeds)
    assert (code, error) == (0, "")
    told = [line.partition("read up to ")[2] for line in out.splitlines() if "read up" in line]
    assert [each.partition(";")[0] for each in told] == [
        "message 1,234 of the stream",
        "a place that is damaged",
        "byte 1,180",
        "a place that is damaged",
    ]


def test_show_without_a_log_lists_every_state(run: RunCommand) -> None:
    assert run("show") == (0, f"no state is kept in {state_folder()}\n", "")
    for logs in ([LOG], ["/a.log", "/b.log"]):
        kept(default_state_file(logs), *logs).close()
    broken = state_folder() / "x.sqlite"
    broken.write_bytes(b"broken")
    code, out, error = run("show")
    assert (code, error) == (0, "")
    assert "\x1b" not in out
    lines = sorted(out.splitlines())
    assert len(lines) == 3
    assert any(": /a.log, /b.log; 6,000 hits, saved 2026-11-21T12:00:00Z" in line for line in lines)
    assert any(f"{broken} is damaged: " in line for line in lines)


def test_a_file_can_be_named(run: RunCommand, tmp_path: Path) -> None:
    kept(tmp_path / "mine.db", LOG).close()
    code, out, _ = run("show", "--state", str(tmp_path / "mine.db"))
    assert code == 0
    assert "6,000 hits" in out
    assert run("clear", "--state", str(tmp_path / "mine.db"))[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_shown_is_one_line(run: RunCommand, tmp_path: Path) -> None:
    assert run("show", "/no.log")[:2] == (
        0,
        f"no state is kept in {default_state_file(['/no.log'])}\n",
    )
    (tmp_path / "a.log").write_text("a log")
    (tmp_path / "link").symlink_to("a.log")
    (tmp_path / "empty.sqlite").touch()
    for name, why in (
        ("a.log", "is no state of logmon-tui"),
        ("link", "is a symbolic link"),
        ("empty.sqlite", "holds no state yet"),
    ):
        code, out, error = run("show", "--state", str(tmp_path / name))
        assert (code, out) == (2, "")
        assert why in error
        assert error.count("\n") == 1


def test_clear_removes_the_state_and_all_beside_it(run: RunCommand) -> None:
    file = default_state_file([LOG])
    kept(file, LOG).close()
    file.write_bytes(b"damaged")
    kept(file, LOG).close()
    run("show", LOG)
    assert len(list(state_folder().iterdir())) >= 3
    assert run("clear", LOG) == (0, f"removed {file}\n", "")
    assert list(state_folder().iterdir()) == []
    assert run("clear", LOG) == (0, f"no state is kept in {file}\n", "")


def test_clear_refuses_while_it_is_used(run: RunCommand) -> None:
    file = default_state_file([LOG])
    store = kept(file, LOG)
    code, out, error = run("clear", LOG)
    assert (code, out) == (2, "")
    assert error == f"logmon-tui: {file} is in use; stop that logmon-tui first\n"
    kept(default_state_file(["/other.log"]), "/other.log").close()
    code, out, error = run("clear", "--all")
    assert code == 2
    assert out == f"removed {default_state_file(['/other.log'])}\n"
    assert error == f"logmon-tui: {file} is in use; stop that logmon-tui first\n"
    store.close()
    assert run("clear", "--all") == (0, f"removed {file}\n", "")
    assert run("clear", "--all") == (0, f"no state is kept in {state_folder()}\n", "")


def test_clear_needs_to_be_told_what(run: RunCommand) -> None:
    for arguments in (["clear"], ["clear", "--all", "a.log"], ["clear", "--all", "--state", "x"]):
        code, out, error = run(*arguments)
        assert (code, out) == (2, "")
        assert "--all" in error
        assert error.count("\n") == 1


def test_clear_leaves_what_is_no_state(run: RunCommand, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text("precious")
    foreign = tmp_path / "other.sqlite"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE precious (x)")
    connection.close()
    (tmp_path / "link.sqlite").symlink_to(log)
    for name in (log.name, foreign.name, "link.sqlite"):
        code, out, error = run("clear", "--state", str(tmp_path / name))
        assert (code, out) == (2, "")
        assert error.count("\n") == 1
    assert log.read_text() == "precious"
    assert foreign.stat().st_size
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == ["access.log", "link.sqlite", "other.sqlite"]


def test_without_a_command_a_line_tells_where_help_is(run: RunCommand) -> None:
    code, out, error = run()
    assert (code, out) == (2, "")
    assert "logmon-tui state --help" in error
    assert error.count("\n") == 1


def test_clear_leaves_a_database_that_cannot_be_read_now(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "precious.db"
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("CREATE TABLE precious (x)")
    holder.execute("BEGIN EXCLUSIVE")
    code, _, error = run("clear", "--state", str(file))
    holder.close()
    assert code == 2
    assert f"{file} cannot be read: database is locked" in error
    assert list(tmp_path.glob("precious*")) == [file]


def test_show_tells_of_a_schema_that_is_no_text(run: RunCommand) -> None:
    file = default_state_file([LOG])
    kept(file, LOG).close()
    data = file.read_bytes()
    file.write_bytes(data.replace(b"CREATE TABLE positions", b"CREATE T\xf9BLE positions"))
    code, _, error = run("show", LOG)
    assert code == 2
    assert "is damaged: " in error
