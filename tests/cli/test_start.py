"""How quickly a command starts and ends: what it must not import, for it does not use it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMON = b'10.0.0.1 - - [22/Nov/2026:08:26:40 +0000] "GET /pages HTTP/1.1" 200 5\n'
COMBINED = COMMON[:-1] + b' "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/127.0"\n'
MAIN = COMBINED[:-1] + b' "198.51.100.7"\n'
LOST = COMBINED.replace(b" 200 ", b" 404 ").replace(b'"-"', b'"https://a.example/"')
FAILED = COMBINED.replace(b" 200 ", b" 503 ")
ALL_SORTS = COMBINED + LOST + FAILED

SCREEN = {"textual", "rich.console", "rich.text", "logmon_tui.tui"}
LIVE = {"watchdog", "sqlite3", "prometheus_client", "logmon_tui.notify", "logmon_tui.state"}
SERVICES = {"asyncio", "email", "http", "ssl", "subprocess", "urllib.request"}
COLUMNS = {"numpy", "re2", "datasketches"}
SETTINGS = {"msgspec", "platformdirs", "tomllib"}
AGENTS = {"ua_parser_rs", "ua_parser_builtins"}

OTHER_FORMATS = {
    f"logmon_tui.formats.{name}" for name in ("json", "w3c", "wrapped", "servers", "presets.nginx")
}
RARE = {"backports.zstd", "concurrent.futures", "hashlib", "logging"}

OTHERS = {
    *("dataclasses", "datasketches", "difflib", "fractions", "gzip", "numpy.ma", "queue", "re2"),
    *("rich", "shlex", "signal", "ua_parser", "yaml", "zoneinfo"),
}
PICTURES = {f"logmon_tui.snapshot.{name}" for name in ("picture", "fleet", "past", "comparison")}
EVIDENCE = {"logmon_tui.pipeline.second_reading", "logmon_tui.alerts.evidence"}
RULES = {f"logmon_tui.alerts.evaluation.{name}" for name in ("rule_evaluator", "seen", "silence")}
MISTAKES = {f"logmon_tui.config.{name}" for name in ("settings_mistakes", "toml_problems")}
LIVE_ONLY = {"logmon_tui.sources.base", "logmon_tui.reports.text_watch"}
NOTED = {"logmon_tui.alerts.history.silence", *LIVE_ONLY}
OWN_RULES = {f"logmon_tui.alerts.rules.{name}" for name in ("checks", "objectives")}
QUIET = {"logmon_tui.alerts.evaluation.crowd", "logmon_tui.cli.background"}
OF_SETTINGS = {f"logmon_tui.config.{name}" for name in ("address", "seconds", "toml_lines", "web")}
SOURCES = {
    f"logmon_tui.sources.{name}"
    for name in ("followed_file", "names", "pattern_observer", "rotated_names", "seek", "siblings")
}
OWN = OWN_RULES | QUIET | OF_SETTINGS | SOURCES | {"logmon_tui.lookups.places"}
UNUSED = OTHERS | PICTURES | EVIDENCE | RULES | MISTAKES | NOTED | OWN
"""What neither a report as text needs, nor most others do."""

NOTHING_BUT_CLICK = SCREEN | LIVE | SERVICES | COLUMNS | SETTINGS | AGENTS | {"logmon_tui.formats"}
NOTHING_LIVE = SCREEN | LIVE | SERVICES | {"csv", "tomllib"}
NO_LOG = NOTHING_LIVE | COLUMNS | AGENTS
DASHBOARD = {"textual", "logmon_tui.tui", "prometheus_client"}

STARTS = {
    "version": (["--version"], b"", 0, NOTHING_BUT_CLICK),
    "no such command": (["repotr"], b"", 2, NOTHING_BUT_CLICK),
    "help": (["report", "--help"], b"", 0, NO_LOG | OTHER_FORMATS | RARE),
    "report": (["report", "LOG"], ALL_SORTS, 0, NOTHING_LIVE | OTHER_FORMATS | RARE | UNUSED),
    "report without agents": (
        ["report", "LOG"],
        COMMON,
        0,
        NOTHING_LIVE | OTHER_FORMATS | AGENTS | RARE | UNUSED,
    ),
    "report of nginx_main": (
        ["report", "LOG"],
        MAIN,
        0,
        NOTHING_LIVE | {"logmon_tui.formats.json"} | RARE | UNUSED,
    ),
    "report of nothing": (["report", "LOG"], b"", 2, NOTHING_LIVE | AGENTS),
    "topics": (["help"], b"", 0, NO_LOG),
    "a topic": (["help", "keys"], b"", 0, NO_LOG - {"rich.console", "rich.text"}),
    "formats": (["formats"], b"", 0, NO_LOG),
    "formats of a log": (["formats", "LOG"], COMBINED, 0, NOTHING_LIVE | AGENTS),
    "rules": (["rules", "list"], b"", 0, NO_LOG | OTHER_FORMATS | RARE),
    "config show": (["config", "show"], b"", 0, DASHBOARD | COLUMNS | AGENTS),
    "config schema": (["config", "schema"], b"", 0, DASHBOARD | COLUMNS | AGENTS),
    "doctor": (["doctor", "--no-state", "LOG"], COMBINED, 0, DASHBOARD | AGENTS),
    "simulate": (["simulate", "--duration", "0.01", "LOG"], b"", 0, NO_LOG),
}
"""What is asked for, what stands in the log, the exit code, and which modules are not wanted."""

MODULES = "sorted(sys.modules)"
DECLARED = (
    "sorted({{each.__qualname__ for module in list(sys.modules.values())"
    " for each in vars(module).values() if isinstance(each, type)"
    " and each.__module__.startswith('logmon_tui.') and {mark!r} in vars(each)}})"
)
DATACLASSES = DECLARED.format(mark="__dataclass_fields__")
NAMED_TUPLES = DECLARED.format(mark="_field_defaults")
MOST_NAMED_TUPLES = 40
THREADS = "(__import__('numpy'), len(os.listdir('/proc/self/task')))[1]"


def ended(arguments: list[str], asked: str) -> list:
    """Run a command in a process of its own; return its exit code, and what is `asked` then."""
    program = (
        "import json, os, sys\n"
        "from logmon_tui.__main__ import run\n"
        "try:\n    run()\nexcept SystemExit as end:\n    code = end.code\n"
        f"print(json.dumps([code, {asked}]))"
    )
    environment = {name: text for name, text in os.environ.items() if name[:7] != "LOGMON_"}
    environment["XDG_CONFIG_HOME"] = "/nonexistent"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    return json.loads(done.stdout.splitlines()[-1])


def finished(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program in a process of its own, and wait for its end."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("arguments", "content", "code", "unwanted"), STARTS.values(), ids=STARTS)
def test_no_command_imports_what_it_does_not_use(
    tmp_path: Path, arguments: list[str], content: bytes, code: int, unwanted: set[str]
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(content)
    found, modules = ended([str(log) if each == "LOG" else each for each in arguments], MODULES)
    assert (found, sorted(unwanted & set(modules))) == (code, [])


def test_a_report_declares_no_dataclass(tmp_path: Path) -> None:
    """Each takes half a millisecond at every start, fifty times as long as a Struct."""
    log = tmp_path / "access.log"
    log.write_bytes(COMBINED)
    assert ended(["report", str(log)], DATACLASSES) == [0, []]


def test_a_report_declares_few_named_tuples(tmp_path: Path) -> None:
    """Each takes a tenth of a millisecond, ten times as long as a Struct."""
    log = tmp_path / "access.log"
    log.write_bytes(COMBINED)
    code, declared = ended(["report", str(log)], NAMED_TUPLES)
    assert (code, len(declared)) <= (0, MOST_NAMED_TUPLES), declared


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_numpy_starts_no_thread_for_each_processor() -> None:
    assert ended(["--version"], THREADS) == [0, 1]


@pytest.mark.parametrize(("asked", "code"), [("--version", 0), ("--versoin", 2)])
def test_a_process_ends_without_taking_its_objects_apart(asked: str, code: int) -> None:
    program = (
        "import atexit, sys\n"
        "import logmon_tui.cli\n"
        "from logmon_tui.__main__ import run\n"
        "class Kept:\n    def __del__(self):\n        sys.stderr.write('taken apart')\n"
        "kept, main = Kept(), logmon_tui.cli.main\n"
        "def last():\n    atexit.register(print, 'told at the end')\n    main()\n"
        "logmon_tui.cli.main = last\n"
        "run()"
    )
    done = finished(program, asked)
    assert (done.returncode, "taken apart" in done.stderr) == (code, False)
    assert done.stdout.splitlines()[-1] == "told at the end"


def test_an_interrupt_while_modules_are_imported_shows_no_traceback() -> None:
    program = (
        "import sys\n"
        "from logmon_tui.__main__ import run\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *more):\n        raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "run()"
    )
    done = finished(program)
    assert (done.returncode, done.stderr) == (130, "")


def test_a_process_that_fails_ends_as_python_does() -> None:
    program = (
        "import logmon_tui.cli\n"
        "from logmon_tui.__main__ import run\n"
        "logmon_tui.cli.main = lambda: 1 / 0\n"
        "run()"
    )
    done = finished(program)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "ZeroDivisionError: division by zero",
    )


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="it is about CPython's memory")
def test_no_call_asks_the_system_for_memory_however_deep_it_is() -> None:
    program = (
        "import resource\n"
        "import logmon_tui.cli\n"
        "from logmon_tui.__main__ import run\n"
        "def leaf(one=1, two=2, three=3, four=4): pass\n"
        "def faults():\n    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "def most_at(depth):\n"
        "    before = faults()\n"
        "    for _ in range(1_000): leaf()\n"
        "    here = faults() - before\n"
        "    return max(here, most_at(depth - 1)) if depth else here\n"
        "logmon_tui.cli.main = lambda: print(most_at(300))\n"
        "run()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(done.stdout) < 500
