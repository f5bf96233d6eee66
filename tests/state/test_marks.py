"""The marks file: written by `mark`, by hand and by strangers, and read as it changes."""

import os
import socket
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.model.mark import MAX_MARKS, MAX_TEXT, Mark
from logmon_tui.escape import printable
from logmon_tui.state.files import RefusedError
from logmon_tui.state.location import default_state_file
from logmon_tui.state.marks import MAX_BYTES, MarksReader, add_mark, marks_file, read_marks
from tests.effort import examples
from tests.hostile import PAYLOADS, value
from tests.traffic import settings_of

SECOND = 1_795_262_400  # 2026-11-21 12:00:00 UTC
MARK = Mark(SECOND, "api 4.12")
LINE = "2026-11-21T12:00:00Z api 4.12\n"

HOSTILE = [value(number, "path") for number in range(PAYLOADS)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deploys.txt"


def test_a_mark_is_a_line_that_only_its_owner_can_read(tmp_path: Path) -> None:
    file = tmp_path / "state" / "access.log.sqlite.marks"
    add_mark(file, MARK)
    assert file.read_text() == LINE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    add_mark(file, Mark(SECOND + 60, "ü"))
    assert read_marks(file).marks == (MARK, Mark(SECOND + 60, "ü"))


def test_a_file_of_others_keeps_its_mode_and_a_line_without_an_end_gets_one(file: Path) -> None:
    file.write_text("2026-11-21T11:00:00Z by hand")
    file.chmod(0o664)
    add_mark(file, MARK)
    assert file.read_text() == f"2026-11-21T11:00:00Z by hand\n{LINE}"
    assert stat.S_IMODE(file.stat().st_mode) == 0o664


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_that_root_creates_is_for_the_owner_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "of-a-user"
    folder.mkdir()
    os.chown(folder, 12_345, 12_345)
    add_mark(folder / "deploys.txt", MARK)
    found = (folder / "deploys.txt").stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12_345, 12_345, 0o600)


def test_marks_of_many_at_once_lose_and_mix_nothing(file: Path) -> None:
    def add(name: str) -> None:
        for number in range(50):
            add_mark(file, Mark(SECOND + number, name * 20))

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read = read_marks(file)
    assert not read.problem
    assert sorted(read.marks) == sorted(
        Mark(SECOND + number, name * 20) for name in "abcdef" for number in range(50)
    )


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("2026-11-21T12:00:00Z api 4.12", MARK),
        ("2026-11-21T12:00:00.900Z   api 4.12  ", MARK),
        ("2026-11-21T12:00:00 api 4.12", MARK),
        ("2026-11-21T14:00:00+02:00 api 4.12", MARK),
        ("\t2026-11-21T12:00Z api 4.12\r", MARK),
        ("", None),
        ("# 2026-11-21T12:00:00Z not yet", None),
    ],
)
def test_lines_by_hand_are_marks(file: Path, line: str, mark: Mark | None) -> None:
    file.write_text(f"{line}\n")
    assert read_marks(file) == ((mark,) if mark else (), "")


@pytest.mark.parametrize(
    "line",
    [
        b"api 4.12",
        b"2026-11-21T12:00:00Z",
        b"2026-11-21 12:00:00 api 4.12",  # or it would be a mark of midnight
        b"2026-11-21 api",
        b"1969-12-31T23:59:59Z before all time",
        b"9999-12-31T23:59:59-23:59 after it",
        b"\xff\xfe api",
        b"\0",
        "\uff12026-11-21T12:00:00Z a wide digit".encode(),
    ],
)
def test_a_line_that_is_no_mark_is_told_and_takes_no_other_with_it(file: Path, line: bytes) -> None:
    file.write_bytes(LINE.encode() + line + b"\n" + LINE.encode())
    read = read_marks(file)
    assert read.marks == (MARK, MARK)
    assert read.problem.startswith("line 2 is no mark such as 2026-11-22T08:26:40Z api 4.12: ")
    assert read.problem.isprintable()


@settings(max_examples=examples(200), deadline=None)
@given(content=st.binary(max_size=400) | st.sampled_from(HOSTILE))
def test_any_content_is_read_without_an_error(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "any-marks.txt"
    file.write_bytes(LINE.encode() + content + b"\n" + LINE.encode())
    read = read_marks(file)
    assert read.marks.count(MARK) >= 2
    assert printable(read.problem) == read.problem
    assert all(len(mark.text) <= MAX_TEXT for mark in read.marks)


def test_hostile_texts_are_kept_as_they_are_and_bounded(file: Path) -> None:
    file.write_bytes(b"2026-11-21T12:00:00Z \xff\x1b]0;x\x07" + b"y" * 5_000 + b"\n")
    ((second, text),) = read_marks(file).marks
    assert (second, len(text)) == (SECOND, MAX_TEXT)
    assert text.startswith("\\xff\x1b]0;x\x07yyy")


def test_of_too_many_marks_the_newest_are_kept_in_the_order_of_time(file: Path) -> None:
    for second in reversed(range(MAX_MARKS + 5)):
        with file.open("a") as opened:
            opened.write(
                f"2026-11-21T{second // 3600:02}:{second % 3600 // 60:02}:{second % 60:02}Z x\n"
            )
    marks = read_marks(file).marks
    assert len(marks) == MAX_MARKS
    assert marks[0].second - (SECOND - 43_200) == 5
    assert list(marks) == sorted(marks)


def test_of_a_huge_file_the_end_is_read(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(3 * MAX_BYTES)
        opened.seek(0, os.SEEK_END)
        opened.write(b"\n" + LINE.encode())
    read = read_marks(file)
    assert read.marks == (MARK,)
    assert read.problem == "only its last 256 KiB are read; cut it"


def test_links_and_what_is_no_plain_file_are_refused_and_nobody_waits(
    file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    target.write_text(LINE)
    file.symlink_to(target)
    refused = [file]
    os.mkfifo(tmp_path / "pipe")
    refused.append(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        refused += [tmp_path / "socket", tmp_path, Path("/dev/zero")]
        for each in refused:
            with pytest.raises(RefusedError):
                read_marks(each)
            with pytest.raises(RefusedError):
                add_mark(each, MARK)
    assert target.read_text() == LINE


# Looking for changes


def test_a_reader_notices_new_marks_and_reads_an_unchanged_file_once(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = MarksReader(file)
    assert not reader.changed()
    assert (reader.marks, reader.problem) == ((), "")  # nobody has marked anything yet
    add_mark(file, MARK)
    assert reader.changed()
    assert reader.marks == (MARK,)
    with monkeypatch.context() as patched:
        patched.setattr("logmon_tui.state.marks.read_marks", lambda _: pytest.fail("read again"))
        assert not reader.changed()
    add_mark(file, Mark(SECOND - 5, "earlier"))
    assert reader.changed()
    assert reader.marks == (Mark(SECOND - 5, "earlier"), MARK)


def test_a_damaged_or_vanished_file_costs_no_mark_and_its_return_ends_the_problem(
    file: Path, tmp_path: Path
) -> None:
    reader = MarksReader(file)
    add_mark(file, MARK)
    assert reader.changed()
    away = file.rename(tmp_path / "away")
    assert not reader.changed()
    assert reader.problem == f"{file} is gone; what was read of it stays"
    file.symlink_to(away)
    assert not reader.changed()
    assert "symbolic link" in reader.problem
    file.unlink()
    file.mkdir()
    assert not reader.changed()
    assert "no plain file" in reader.problem
    file.rmdir()
    assert reader.marks == (MARK,)
    away.rename(file)  # the same file as before
    assert not reader.changed()
    assert (reader.marks, reader.problem) == ((MARK,), "")
    file.write_text(f"no mark\n{LINE}")
    assert not reader.changed()
    assert reader.problem.startswith(f"{file}: line 1 is no mark")
    file.write_text("")
    assert reader.changed()
    assert (reader.marks, reader.problem) == ((), "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(file: Path) -> None:
    add_mark(file, MARK)
    file.chmod(0)
    reader = MarksReader(file)
    assert not reader.changed()
    assert reader.problem == f"{file} cannot be read: Permission denied"


# Where it lies


def test_the_file_lies_beside_the_state_unless_a_setting_names_it() -> None:
    beside = marks_file(["a.log"], settings_of())
    state = default_state_file(["a.log"])
    assert beside == state.with_name(f"{state.name}.marks")
    assert beside == marks_file(["a.log"], settings_of(no_state=True))
    assert marks_file(["a.log"], settings_of(state="/x/s")) == Path("/x/s.marks")
    assert marks_file(["a.log"], settings_of(state="/x/s", marks="/m")) == Path("/m")
    assert marks_file(["a.log"], settings_of(demo=True)) is None
    assert marks_file(["a.log"], settings_of(demo=True, marks="/m")) == Path("/m")
