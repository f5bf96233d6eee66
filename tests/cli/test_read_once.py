"""The tables of a settings file are read once a start, whoever asks for what they describe."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = """
[formats.mine]
format = '%h %t "%r" %>s %b'

[logs."*.log"]
format = "mine"

[rules.api]
metric = "rate"
critical = 5

[rules.endpoint-errors]
enabled = true

[notify.pager]
type = "bell"

[notify.hook]
type = "command"
command = ["true"]
"""
LINE = b'10.0.0.1 [22/Nov/2026:08:26:40 +0000] "GET /pages HTTP/1.1" 200 5\n'

READ = {"own_formats": 1, "read_rules": 1, "read_targets": 1}
WITH_RULES = READ | {"rules_of": 1}
STARTS = {
    "report": (["report", "--config", "SETTINGS", "LOG"], WITH_RULES),
    "watch": (["--output", "text", "--config", "SETTINGS", "-"], WITH_RULES),
    "formats": (["formats", "--config", "SETTINGS", "LOG"], READ),
    "rules check": (["rules", "check", "SETTINGS"], WITH_RULES),
    "rules test": (["rules", "test", "SETTINGS", "LOG"], WITH_RULES),
    "notify list": (["notify", "list", "--config", "SETTINGS"], READ),
    "notify test": (["notify", "test", "hook", "--config", "SETTINGS"], READ),
}
"""What is asked for, and how often each reader of tables is called then."""

PROGRAM = """
import json, sys
from collections import Counter

READERS = {
    ("own.py", "own_formats"),
    ("tables.py", "read_rules"),
    ("tables.py", "rules_of"),
    ("registry.py", "read_targets"),
}
counts = Counter()

def count(frame, event, _argument):
    code = frame.f_code
    if event == "call" and (code.co_filename.rpartition("/")[2], code.co_name) in READERS:
        counts[code.co_name] += 1

sys.setprofile(count)
from logmon_tui.cli import main
try:
    main()
except SystemExit as end:
    sys.setprofile(None)
    print(json.dumps([end.code, counts]))
"""


@pytest.mark.parametrize(("arguments", "calls"), STARTS.values(), ids=STARTS)
def test_each_table_is_read_once(
    tmp_path: Path, arguments: list[str], calls: dict[str, int]
) -> None:
    files = {"SETTINGS": tmp_path / "settings.toml", "LOG": tmp_path / "access.log"}
    files["SETTINGS"].write_text(SETTINGS)
    files["LOG"].write_bytes(LINE)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *(str(files.get(each, each)) for each in arguments)],
        input=LINE,
        capture_output=True,
        check=True,
        env={name: text for name, text in os.environ.items() if name[:7] != "LOGMON_"},
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, calls]
