"""`logmon-tui bundle`: the files about one alert of the saved history."""

import json
import re
import sys
from pathlib import Path

import pytest

from logmon_tui.cli import main
from logmon_tui.masking.pseudonyms import Pseudonyms
from logmon_tui.reports.bundle import left_out_text
from logmon_tui.state.location import default_state_file
from tests.cli.alerts.history import CLIENT, LOG, STORM, Run, RunCommand, kept


@pytest.fixture
def bundled(
    run: RunCommand,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> RunCommand:
    """Run it in an empty folder, with a history kept of LOG."""
    kept(default_state_file([LOG]), LOG).close()
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["logmon-tui", "bundle", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


def test_it_writes_a_folder_named_by_the_alert(bundled: RunCommand) -> None:
    code, out, error = bundled("0ld", LOG)
    assert (code, error) == (0, "")
    folder = Path(out.strip())
    assert folder.name == "incident-20261121T120000Z-traffic-0ld00000"
    text = (folder / "incident.md").read_text()
    assert text.startswith("# High traffic\n")
    assert (folder / "rule.toml").is_file()


def test_it_writes_a_file_where_it_is_told(bundled: RunCommand) -> None:
    assert bundled("--to", "why.zip", "0ld", LOG) == (0, "why.zip\n", "")
    assert Path("why.zip").read_bytes().startswith(b"PK")


def test_anonymised_it_names_clients_by_pseudonyms(bundled: RunCommand) -> None:
    code, out, error = bundled("--anonymise", "c11e", LOG)
    assert (code, error) == (0, "")
    told = json.loads((Path(out.strip()) / "incident.json").read_text())
    assert re.fullmatch("client-[0-9a-f]{8}", told["subject"])
    again = bundled("--anonymise", "--to", "again", "c11e", LOG)
    assert again == (0, "again\n", "")
    assert json.loads((Path("again") / "incident.json").read_text()) == told


def test_a_key_file_gives_its_own_pseudonyms(bundled: RunCommand) -> None:
    key = Path("../key")
    key.write_text("0123456789abcdef")
    key.chmod(0o600)
    assert bundled("--anonymise-key", str(key), "--to", "one", "c11e", LOG)[0] == 0
    told = json.loads((Path("one") / "incident.json").read_text())
    named = Pseudonyms(b"0123456789abcdef").client(CLIENT.subject or b"")
    assert told["subject"] == named.decode()
    key.chmod(0o644)
    code, _, error = bundled("--anonymise-key", str(key), "--to", "two", "c11e", LOG)
    assert (code, error.count("\n")) == (2, 1)
    assert "may be read by others; close it with chmod 600" in error


def test_lines_of_no_known_format_are_said_to_be_left_out(bundled: RunCommand) -> None:
    code, out, error = bundled("--anonymise", "5702", LOG)
    assert code == 0
    left_out = len(STORM.evidence.samples) if STORM.evidence else 0
    assert left_out
    assert error == f"logmon-tui: {left_out_text(left_out)}\n"
    assert not (Path(out.strip()) / "lines.txt").exists()


def test_what_is_there_is_not_written_over(bundled: RunCommand) -> None:
    Path("there").mkdir()
    code, out, error = bundled("--to", "there", "0ld", LOG)
    assert (code, out) == (2, "")
    assert error == "logmon-tui: there: is there already; give another path with --to\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("zzz", LOG), "zzz: no alert that is listed has an id that begins so"),
        (("0ld", "nobody.log"), "no state is kept of nobody.log"),
        (("--to", "/nowhere/x", "0ld", LOG), "/nowhere/x: cannot be written: No such file"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    bundled: RunCommand, arguments: tuple[str, ...], said: str
) -> None:
    code, out, error = bundled(*arguments)
    assert (code, out) == (2, "")
    assert error.startswith(f"logmon-tui: {said}")
    assert error.count("\n") == 1
    assert list(Path.cwd().iterdir()) == []
