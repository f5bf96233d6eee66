"""`logmon-tui config`: settings in force, a file of the defaults, and a schema for editors."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from logmon_tui.cli import cli
from logmon_tui.cli.settings_text import EXAMPLES
from logmon_tui.config.settings import Settings
from logmon_tui.config.settings_file import read_settings_file
from logmon_tui.config.toml_text import toml_key, toml_value
from logmon_tui.errors import UsageError
from logmon_tui.notify.registry import KINDS, read_targets

ROOT = Path(__file__).parents[2]
SECRET = "s3cret-t0ken"
TARGETS = f"""
[notify.hook]
type = "webhook"
url = "https://hooks.example.com/{SECRET}"
headers = {{ Authorization = "Bearer {SECRET}", X-Key = {{ env = "PAGER_KEY" }} }}

[notify.chat]
type = "apprise"
url = "slack://{SECRET}/b/c"

[notify.mail]
type = "email"
host = {{ file = "/etc/mail-host" }}
from = "a@example.com"
to = "b@example.com"
user = "{SECRET}"
password = "{SECRET}"

[notify.run]
type = "command"
command = ["/usr/bin/page", "--token", "{SECRET}"]
group-wait = 5
"""


def run(*arguments: object, **environment: str) -> str:
    environment = {"XDG_CONFIG_HOME": "/nonexistent", **environment}
    done = CliRunner().invoke(cli, ["config", *map(str, arguments)], env=environment)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    made = json.loads(run("schema"))
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def taken_by_program(tmp_path: Path, text: str) -> bool:
    """Tell whether the program takes a settings file, targets and all."""
    file = tmp_path / "settings.toml"
    file.write_text(text)
    try:
        read_targets(read_settings_file(file).settings.notify)
    except UsageError:
        return False
    return True


# What is in force, and where it comes from


def test_each_setting_is_shown_with_where_it_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('top = 7\nalert-window = 60\n\n[rules.api]\nmetric = "rate"\ncritical = 5\n')
    shown = run("show", "--config", file, "--top", 9, "--css", "a.tcss", LOGMON_THRESHOLD="50")
    lines = [re.sub(" +#", " #", line) for line in shown.splitlines()]
    assert "threshold = 50.0 # from LOGMON_THRESHOLD in the environment" in lines
    assert f"alert-window = 60 # from {file}:2" in lines
    assert "top = 9 # from the command line" in lines
    assert 'css = "a.tcss" # from the command line' in lines
    assert "error-rate = 0.05 # its default" in lines
    assert "# theme is not set # its default" in lines
    assert f"[rules.api] # from {file}:4" in lines


def test_what_is_shown_is_what_is_in_force(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        'show = "tail,status"\ncss = "\\u001b[2J"\nroutes = [{ pattern = "a", replace = "b" }]\n'
        '[formats.own]\nformat = "common"\n[logs."a b.log"]\nformat = "own"\n'
        '[rules.ddos]\nwarning = 1.5\nlabels = { team = "x" }\n'
    )
    shown = run("show", "--config", file)
    assert "\x1b" not in shown
    found = tmp_path / "shown.toml"
    found.write_text(shown)
    assert read_settings_file(found).settings == read_settings_file(file).settings


def test_no_secret_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(TARGETS)
    shown = run("show", "--config", file)
    assert SECRET not in shown
    notify = tomllib.loads(shown)["notify"]
    assert notify["hook"]["url"] == "https://hooks.example.com/…"
    assert notify["hook"]["headers"] == {"Authorization": "…", "X-Key": {"env": "PAGER_KEY"}}
    assert notify["chat"]["url"] == "slack://…"
    assert notify["mail"]["host"] == {"file": "/etc/mail-host"}
    assert (notify["mail"]["user"], notify["mail"]["password"]) == ("…", "…")
    assert notify["run"] == {"type": "command", "command": ["page", "…", "…"], "group-wait": 5.0}


def test_hostile_values_of_the_environment_command_no_terminal() -> None:
    shown = run("show", LOGMON_CSS="\x1b]0;x\x07\u202e", LOGMON_THEME="\udcff")
    assert shown.isprintable() or all(line.isprintable() for line in shown.splitlines())
    assert tomllib.loads(shown)["css"] == "\x1b]0;x\x07\u202e"
    assert tomllib.loads(shown)["theme"] == "\\xff"


# The defaults


def test_the_file_of_defaults_gives_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(run("default"))
    read = read_settings_file(file)
    assert read.settings == Settings()
    without = {name for name in Settings.__struct_fields__ if name not in read.given}
    assert without == set(EXAMPLES)
    assert file.read_text().isprintable() or all(
        line.isprintable() for line in file.read_text().splitlines()
    )


def test_the_examples_in_it_are_taken_and_say_what_they_should(
    tmp_path: Path, schema: Draft202012Validator
) -> None:
    text = re.sub(r"(?m)^# (\[[a-z][^ ]*\]|[a-z_-]+ = .*)$", r"\1", run("default"))
    assert taken_by_program(tmp_path, text)
    found = {key.replace("-", "_"): value for key, value in tomllib.loads(text).items()}
    assert {name: found[name] for name in EXAMPLES} == EXAMPLES
    assert not list(schema.iter_errors(tomllib.loads(text)))


def test_the_demo_goes_by_its_own_window_with_a_file_of_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(
        "logmon_tui.cli.watch.in_force.check_alerts",
        lambda settings: seen.append(settings.alert_window),
    )
    file = tmp_path / "settings.toml"
    for text in (run("default"), "alert-window = 30\n"):
        file.write_text(text)
        asked = ["--demo", "--output", "text", "--css", "/nonexistent", "--config", str(file)]
        CliRunner().invoke(cli, asked)
    assert seen == [10, 30]


# The schema


def examples() -> Iterator[str]:
    """Yield every piece of TOML in the documents."""
    for document in (ROOT / "README.md", *sorted(ROOT.glob("logmon_tui/docs/**/*.md"))):
        for block in re.findall(r"```toml\n(.*?)```", document.read_text(), re.DOTALL):
            # Not of the program's settings: of a package, and of `rules expect`.
            if not block.lstrip().startswith("[project") and "[[test]]" not in block:
                yield block


def test_the_documents_have_examples() -> None:
    assert len(list(examples())) >= 4


@pytest.mark.parametrize("text", list(examples()))
def test_what_the_documents_show_is_taken_by_the_schema(
    text: str, schema: Draft202012Validator
) -> None:
    assert not [error.message for error in schema.iter_errors(tomllib.loads(text))]


TAKEN = [
    "",
    TARGETS,
    'threshold = 5\nalert-window = 60\nbucket_size = 2\nshow = "traffic,tail"\noutput = "csv"',
    'show = ["traffic"]\nroutes = []\nfrom_start = true\nmetrics-listen = "9100"',
    '[rules.own]\nmetric = "share"\nstatus = ["5xx", 404]\ncritical = 0.5\nkeep-firing-for = 5',
    '[rules.own]\nmetric = "rate"\nscope = "client"\nmatch = "10.*"\nwarning = 1\nno_data = "ok"',
    "[rules.endpoint-errors]\nenabled = true\n[rules.traffic]\nwarning = 1",
    '[rules.own]\nmetric = "share"\nby = ["client", "path"]\nbad = "time>1s"\ncritical = 0.5',
    '[rules.own]\nmetric = "response_time"\nby = "path"\nwindow = "5m"\ncritical = "1.5s"',
    'alert-window = "5m"\n[slo.a]\nobjective = 0.9\nrenotify = "1h"\n[fleet]\nstale_after = "9s"',
    '[notify.near]\ntype = "bell"\ngroup-wait = "1m"\ngroup_by = "rule"',
    '[rules.out]\nall = ["traffic", "ddos"]\nrunbook = "x"\n[rules.ddos]\nunless = "traffic"',
    '[notify.near]\ntype = "bell"\nrules = "!ddos"\nper-minute = 5',
    (
        '[formats.own]\ntype = "json"\ntime = "t"\nmethod = ["a.b"]\ntarget = "u"\nstatus = "s"\n'
        'response-time = { key = "d", unit = "ms" }'
    ),
]


@pytest.mark.parametrize("text", TAKEN)
def test_what_the_program_takes_the_schema_takes(
    tmp_path: Path, text: str, schema: Draft202012Validator
) -> None:
    assert taken_by_program(tmp_path, text)
    assert not [error.message for error in schema.iter_errors(tomllib.loads(text))]


RULE = '[rules.own]\nmetric = "rate"\ncritical = 5\n'
HOOK = '[notify.x]\ntype = "webhook"\nurl = "https://a.example/"\n'
MAIL = '[notify.x]\ntype = "email"\nhost = "m"\nfrom = "a@b.example"\nto = "c@d.example"\n'
FORMAT = '[formats.own]\ntype = "json"\ntime = "t"\nrequest = "r"\nstatus = "s"\n'
REFUSED = [
    *("treshold = 5", "threshold = 0", 'threshold = "5"', "threshold = true", "error-rate = 1.0"),
    *("alert-window = 1.5", "alert_window = 86401", "bucket-size = 61", "top = -1", "demo = 1"),
    *('show = "traffic,nonsense"', "show = [1]", 'show = ["trafic"]', 'output = "xml"'),
    *("section-depth = 11", 'routes = "a"', 'routes = [{pattern = "a"}]', "css = {a = 1}"),
    *('routes = [{pattern = "a", replace = "", x = 1}]', "rules = 5", "logs = []", "notify = 1"),
    *("[logs.a]", '[logs.a]\nform = "x"', "[formats.a]", '[formats.combined]\nformat = "common"'),
    *('[formats.a]\ntype = "xml"', '[formats.a]\nformat = "common"\nx = 1', FORMAT + 'tim = "t"'),
    *(FORMAT + "host = 5", FORMAT + 'host = { key = "h", unit = "s" }', FORMAT + 'host = ""'),
    *(FORMAT + 'response_time = { key = "d", unit = "h" }', FORMAT + 'user = { unit = "s" }'),
    *('[formats.a]\ntype = "json"\ntime = "t"\nrequest = "r"', FORMAT + 'format = "common"'),
    *("[rules.own]\ncritical = 5", '[rules.Own]\nmetric = "rate"\ncritical = 5', "rules.own = 5"),
    *(RULE + "critcal = 5", RULE + 'scope = "host"', RULE + "window = 0", RULE + 'when = "over"'),
    *(RULE + 'by = ["client", "wall"]', RULE + "bad = 5", RULE + 'window = "5x"'),
    *('alert-window = "5"', '[notify.x]\ntype = "bell"\ngroup-wait = "soon"'),
    *(RULE + 'labels = "x"', RULE + "for = -1", RULE + "max-incidents = 0", RULE + "title = 5"),
    *(RULE + "match = 5", RULE + "status = [5.5]", RULE + "enabled = 1", RULE + 'name = "x"'),
    *("[rules.traffic]\ncritical = 5", '[rules.error-rate]\nscope = "path"'),
    *('[notify.x]\nurl = "https://a.example/"', '[notify.x]\ntype = "webhok"', "notify.x = 5"),
    *(HOOK + "x = 1", HOOK + 'severity = "info"', HOOK + "timeout = 0", HOOK + "per_minute = 0"),
    *(HOOK + "headers = { A = 1 }", HOOK + "rules = 3", '[notify.x]\ntype = "webhook"\nurl = ""'),
    *('[notify.x]\ntype = "command"\ncommand = []', '[notify.x]\ntype = "command"\ncommand = "x"'),
    *('[notify.x]\ntype = "webhook"\nurl = { vault = "x" }', '[notify.x]\ntype = "webhook"'),
    *(MAIL + 'tls = "maybe"', MAIL + "port = 0", '[notify.x]\ntype = "bell"\nurl = "x"'),
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_program_refuses_for_its_structure_the_schema_refuses_too(
    tmp_path: Path, text: str, schema: Draft202012Validator
) -> None:
    assert not taken_by_program(tmp_path, text)
    assert list(schema.iter_errors(tomllib.loads(text)))


def test_each_setting_has_a_description_and_each_kind_of_target_its_keys(
    schema: Draft202012Validator,
) -> None:
    made = schema.schema
    names = {name.replace("_", "-") for name in Settings.__struct_fields__}
    assert set(made["properties"]) == names
    assert all(each["description"] for each in made["properties"].values())
    for kind in KINDS:
        keys: dict[str, Any] = made["$defs"][kind.__name__]["properties"]
        assert set(keys) == {"type", *kind.__struct_encode_fields__}


# TOML as it is written


@pytest.mark.parametrize(
    "value",
    [
        *(True, 5, 0.5, 1e22, float("inf"), "", 'a"b\\c\n\t\r', "é\u202e\U000e0001\x7f\x1b"),
        *([], [1, [2]], {}, {"a b": {"c": ["x"]}, "d-e": 1, "": 2}),
    ],
)
def test_what_is_written_as_toml_is_read_back(value: Any) -> None:
    text = f"{toml_key('k é')} = {toml_value(value)}"
    assert text.isprintable()
    assert tomllib.loads(text) == {"k é": value}
