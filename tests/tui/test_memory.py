import stat
from pathlib import Path

import pytest

from logmon_tui.config.settings import Panel
from logmon_tui.tui.panels.memory import Memory, Sort, recall, remember


def test_what_is_remembered_is_recalled(tmp_path: Path) -> None:
    path = tmp_path / "state" / "screen.json"
    memory = Memory((Panel.STATUS, Panel.TAIL), {"sections": Sort("key", reverse=True)}, "nord")
    remember(path, memory)
    assert recall(path) == memory


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "logmon-tui" / "screen.json"
    remember(path, Memory())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "damaged", [b"", b"{", b"[]", b'{"show": ["nonsense"]}', b'{"theme": 3}', b"\xff\xfe"]
)
def test_a_damaged_file_is_ignored(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "screen.json"
    path.write_bytes(damaged)
    assert recall(path) == Memory()


def test_a_missing_file_or_none_is_no_error(tmp_path: Path) -> None:
    assert recall(tmp_path / "none.json") == Memory()
    assert recall(None) == Memory()
    remember(None, Memory())


def test_a_state_that_cannot_be_written_raises_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        remember(path, Memory())
    assert list(tmp_path.iterdir()) == [path]
