"""Requests that commands leave for a watch: each is applied once, whoever is killed and when."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.monitor.commands import Acknowledge, AddSilence, EndSilence, SetNote
from logmon_tui.state import requests as module
from logmon_tui.state.files import RefusedError
from logmon_tui.state.requests import (
    MAX_BYTES,
    RequestsReader,
    leave_request,
    remove_folder,
    request_names,
    requests_folder,
    waiting_requests,
)
from logmon_tui.state.summary import history_of
from tests.state.restarts import LOG
from tests.state.stores import Open, busy, save
from tests.traffic import START

SILENCE = Silence(START, START + 60.0, "ddos", Scope.CLIENT, b"10.0.0.\xff")
ALL = (
    AddSilence(SILENCE),
    EndSilence(SILENCE),
    Acknowledge("5702", 12.5),
    Acknowledge("5702", None),
    SetNote("5702", "rolling back\n\x1b"),
)


def asked(file: Path) -> list[object]:
    return [each.request for each in waiting_requests(file)]


def test_requests_are_read_as_they_were_left_and_in_order(file: Path) -> None:
    assert asked(file) == []
    for request in ALL:
        leave_request(file, request)
    assert asked(file) == list(ALL)
    folder = requests_folder(file)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}


def test_a_reader_takes_each_once_and_removes_it_only_when_it_is_saved(file: Path) -> None:
    reader, applied = RequestsReader(file), set[str]()
    leave_request(file, ALL[0])
    assert reader.new(applied) == [ALL[0]]
    leave_request(file, ALL[2])
    assert reader.new(applied) == [ALL[2]]
    assert reader.new(applied) == []
    assert len(request_names(file)) == len(applied) == 2
    # A run that was killed before it saved reads both again; one that had saved reads none.
    assert RequestsReader(file).new(set()) == [ALL[0], ALL[2]]
    assert RequestsReader(file).new(set(applied)) == []
    reader.saved(applied)
    assert (request_names(file), applied) == ([], set())
    assert reader.problem == ""


def test_names_that_are_gone_are_forgotten(file: Path) -> None:
    """Of another watch's requests, which it removes itself."""
    leave_request(file, ALL[0])
    applied: set[str] = set()
    RequestsReader(file).new(applied)
    RequestsReader(file).saved(set(applied))
    leave_request(file, ALL[1])
    assert RequestsReader(file).new(applied) == [ALL[1]]
    assert len(applied) == 1


def test_several_processes_may_ask_at_once(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from logmon_tui.monitor.commands import SetNote\n"
        "from logmon_tui.state.requests import leave_request\n"
        "for n in range(50): leave_request(Path(sys.argv[1]), SetNote(sys.argv[2], str(n)))\n"
    )
    command = [sys.executable, "-c", code, str(file)]
    asking = [subprocess.Popen([*command, str(number)]) for number in range(3)]
    applied: set[str] = set()
    reader, taken = RequestsReader(file), []
    deadline = time.monotonic() + 60
    while len(taken) < 150 and time.monotonic() < deadline:
        taken += reader.new(applied)
        reader.saved(applied)
    assert [each.wait(60) for each in asking] == [0, 0, 0]
    for number in range(3):
        notes = [each.note for each in taken if each.incident == str(number)]  # type: ignore[union-attr]
        assert notes == [str(each) for each in range(50)]


def test_a_file_that_is_not_written_to_its_end_is_no_request(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_descriptor: int) -> None:
        raise KeyboardInterrupt

    leave_request(file, ALL[0])
    (requests_folder(file) / ".0001-begun.json").write_text('{"type":"ac')
    monkeypatch.setattr(module.os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        leave_request(file, ALL[1])
    assert asked(file) == [ALL[0]]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\xff", b"[" * 100_000, b'{"type":"ack"}', b'{"type":"x"}', b" " * MAX_BYTES],
)
def test_what_is_no_request_is_told_passed_over_and_removed(file: Path, content: bytes) -> None:
    leave_request(file, ALL[0])
    (requests_folder(file) / "0-odd\x1b.json").write_bytes(content)
    reader, applied = RequestsReader(file), set[str]()
    assert reader.new(applied) == [ALL[0]]
    assert reader.problem.endswith("0-odd\\x1b.json is no request; passed over")
    reader.saved(applied)
    assert request_names(file) == []
    assert reader.new(applied) == []
    assert reader.problem == ""


def test_links_pipes_and_folders_are_passed_over(file: Path, tmp_path: Path) -> None:
    leave_request(file, ALL[0])
    folder = requests_folder(file)
    (tmp_path / "elsewhere").write_text('{"type":"ack","incident":"5702","at":1.0}')
    (folder / "0.json").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(folder / "1.json")
    reader, applied = RequestsReader(file), set[str]()
    assert reader.new(applied) == [ALL[0]]
    reader.saved(applied)
    assert request_names(file) == []
    assert (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_none_is_refused(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    requests_folder(file).symlink_to(tmp_path)
    with pytest.raises(RefusedError, match="is no folder"):
        leave_request(file, ALL[0])
    reader = RequestsReader(file)
    assert reader.new(set()) == []
    assert "is no folder; remove it" in reader.problem


def test_requests_that_nobody_takes_are_bounded(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_REQUESTS", 3)
    for _ in range(3):
        leave_request(file, ALL[0])
    with pytest.raises(RefusedError, match="no watch has taken"):
        leave_request(file, ALL[0])
    remove_folder(file)
    assert not requests_folder(file).exists()
    remove_folder(file)


def test_the_history_of_a_state_has_what_was_asked(file: Path, opened: Open) -> None:
    store, monitor = opened(file, LOG), busy()
    save(store, monitor)
    (incident,) = (each for each in history_of(file).incidents if each.rule == "traffic")
    leave_request(file, Acknowledge(incident.id, START + 7.0))
    leave_request(file, SetNote(incident.id, "seen"))
    leave_request(file, AddSilence(SILENCE))
    leave_request(file, AddSilence(SILENCE))
    history = history_of(file)
    (told,) = (each for each in history.incidents if each.id == incident.id)
    assert (told.acknowledged_at, told.note) == (START + 7.0, "seen")
    assert history.silences == (SILENCE,)
    # Once they are applied, and that is saved, they are not applied again.
    reader = RequestsReader(file)
    reader.new(monitor.alerts.applied)
    save(store, monitor)
    assert history_of(file).silences == ()
    leave_request(file, EndSilence(SILENCE))
    assert history_of(file).silences == ()
