from pathlib import Path

import pytest

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.monitor.commands import Acknowledge
from logmon_tui.pipeline.user_files import MARKS_SECONDS, REQUESTS_SECONDS, UserFiles
from logmon_tui.state.marks import MarksReader
from logmon_tui.state.requests import RequestsReader, leave_request, request_names


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return tmp_path / "marks"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "log.state"


def test_without_readers_there_is_nothing_and_no_problem() -> None:
    files = UserFiles(None, None)
    assert (files.new_marks(10.0), files.new_requests(10.0, set()), files.problem) == (None, [], "")


def test_marks_are_looked_for_once_a_second(marks: Path) -> None:
    files = UserFiles(MarksReader(marks), None)
    assert files.new_marks(10.0) is None
    marks.write_text("2026-11-22T08:00:00Z deployed\n")
    assert files.new_marks(10.0 + MARKS_SECONDS / 2) is None
    assert files.new_marks(10.0 + MARKS_SECONDS) == (Mark(1_795_334_400, "deployed"),)
    assert files.new_marks(10.0 + 2 * MARKS_SECONDS) is None  # nothing changed


def test_requests_are_looked_for_now_and_then_or_at_once(state: Path) -> None:
    files, applied = UserFiles(None, RequestsReader(state)), set[str]()
    assert files.new_requests(10.0, applied) == []
    asked = Acknowledge("an incident", 5.0)
    leave_request(state, asked)
    assert files.new_requests(10.0 + REQUESTS_SECONDS / 2, applied) == []
    files.look_at_once()
    assert files.new_requests(10.0 + REQUESTS_SECONDS / 2, applied) == [asked]
    assert files.new_requests(10.0 + 2 * REQUESTS_SECONDS, applied) == []
    assert applied == set(request_names(state))
    files.saved(applied)
    assert request_names(state) == []


def test_a_problem_of_the_marks_comes_first(marks: Path, state: Path) -> None:
    marks.mkdir()
    state.with_name(f"{state.name}.requests").write_text("no folder")
    files = UserFiles(MarksReader(marks), RequestsReader(state))
    files.new_requests(10.0, set())
    assert "is no folder" in files.problem
    files.new_marks(10.0)
    assert "is no plain file" in files.problem
