"""`logmon-tui doctor` on settings, targets and state."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from logmon_tui.state.location import default_state_file
from logmon_tui.state.state_file import StateFile
from tests.cli.doctor.checked import lines_of, log_in, run
from tests.state.stores import busy, save

# Settings, environment, targets


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("treshold = 5", ":1: treshold: is not known; did you mean threshold?"),
        ("top = ", ":1: not valid TOML: invalid value"),
        ("alert-window = 7\nbucket-size = 2", "--alert-window 7 is not a multiple of --bucket-si"),
        ("theme = 'no-such'", "theme"),
        ("[rules.traffic]\nwarning = 12", "critical 10 must be above warning 12"),
        ("[notify.x]\ntype = 'smoke'", ":2: notify.x.type: expected one of webhook, apprise"),
    ],
)
def test_settings_that_cannot_be_gone_by_fail(home: Path, text: str, told: str) -> None:
    settings = home / "settings.toml"
    settings.write_text(text)
    result = run("--config", settings, log_in(home))
    assert result.exit_code == 1
    (found,) = lines_of(result)["settings"]
    assert found.startswith("✗")
    assert told in found


def test_options_and_environment_count_as_for_a_watch(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = home / "settings.toml"
    settings.write_text("[rules.traffic]\nwarning = 12")
    assert run("--config", settings, "--threshold", 50, log_in(home)).exit_code == 0
    monkeypatch.setenv("LOGMON_THRESHOLD", "50")
    assert run("--config", settings, log_in(home)).exit_code == 0


def test_variables_that_set_nothing_are_warnings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGMON_TRESHOLD", "5")
    result = run(log_in(home))
    (told,) = lines_of(result)["variables"]
    assert told == (
        "! LOGMON_TRESHOLD in the environment is not known; did you mean LOGMON_THRESHOLD?"
    )
    assert result.stderr == ""
    assert result.exit_code == 0


def test_targets_are_opened_and_only_sent_to_when_asked(home: Path) -> None:
    sent = home / "sent"
    settings = home / "settings.toml"
    settings.write_text(
        f'[notify.run]\ntype = "command"\ncommand = ["touch", "{sent}"]\n'
        '[notify.bell]\ntype = "bell"\n[notify.bad]\ntype = "command"\ncommand = ["false"]\n'
        '[notify.hook]\ntype = "webhook"\nurl = { env = "NO_SUCH_URL" }\n'
    )
    asked = ["--config", settings, log_in(home)]
    found = lines_of(run(*asked))["notify"]
    assert not sent.exists()
    assert [told[0] for told in found] == ["✓", "✓", "✓", "✗"]
    assert found[3].endswith("hook, webhook: NO_SUCH_URL is not set in the environment; set it")
    found = lines_of(run("--notify", *asked))["notify"]
    assert sent.exists()
    assert [told[0] for told in found] == ["✓", "·", "✗", "✗"]
    assert "ended with code 1" in found[2]


# State and disk


def test_a_state_is_told_with_its_version_and_size(home: Path) -> None:
    log = log_in(home)
    store = StateFile(default_state_file([str(log)]), [str(log)])
    save(store, busy())
    used = lines_of(run(log))["state"]
    store.close()
    (told,) = lines_of(run(log))["state"]
    assert told.startswith("✓ ")
    assert ": version " in told
    assert told.endswith("B")
    assert used[0].endswith("B, in use by a watch")


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"SQLite format 3\0 and nonsense", "damaged"), (b"[section]\n" * 9, "")],
)
def test_a_state_that_cannot_be_read_fails(home: Path, content: bytes, text: str) -> None:
    state = home / "state.sqlite"
    state.write_bytes(content)
    result = run("--state", state, log_in(home))
    (told,) = lines_of(result)["state"]
    assert told.startswith(f"✗ {state} ")
    assert text in told
    assert result.exit_code == 1
    assert state.read_bytes() == content


def test_a_folder_that_cannot_be_written_to_fails(home: Path) -> None:
    (home / "file").touch()
    result = run("--state", home / "file" / "state.sqlite", log_in(home))
    (told,) = lines_of(result)["state"]
    assert told.startswith(f"✗ {home}/file cannot be written to: ")
    assert result.exit_code == 1


def test_no_state_and_little_room_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_in(home)
    assert lines_of(run("--no-state", log))["state"][0].startswith("· none is kept")
    usage = SimpleNamespace(free=5_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    (told,) = lines_of(run(log))["disk"]
    assert told.startswith("! 5.0 kB free for ")
