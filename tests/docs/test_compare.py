"""The topic on comparing tells every metric, limit and key, and its deploy gate works."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from logmon_tui.cli.comparing import COMPARED_KEYS, CROSSED, FAILING_KEYS, NOT_JUDGED
from logmon_tui.cli.report import report
from logmon_tui.reports.limits import FORMS, MIN_HITS, parse_limit
from logmon_tui.snapshot.verdicts import LimitState
from tests.cli.usage.running import LINE
from tests.docs.pages import code_of, text_of, words_of_code

TEXT = text_of("compare")
WORDS = {part for words in words_of_code(TEXT) for part in [words, *words.split()]}
(SCRIPT,) = (code for code in code_of(TEXT, "") if "./deploy" in code)


def test_every_metric_and_state_of_limits_is_told() -> None:
    assert [name for name in [*FORMS, *LimitState] if name not in WORDS] == []


def test_every_limit_that_is_told_is_one() -> None:
    limits = [word for word in WORDS if any(word.startswith(f"{name}") for name in FORMS)]
    told = [parse_limit(each).metric for each in limits if ">" in each or "<" in each]
    assert len(told) >= 7


def test_the_numbers_that_are_told_are_right() -> None:
    assert f"the {COMPARED_KEYS:,} keys with the most hits" in TEXT
    assert f"the {FAILING_KEYS:,} with the most errors" in TEXT
    option = next(each for each in report.params if each.name == "min_hits")
    assert option.default == MIN_HITS
    assert f"`--min-hits` hits ({MIN_HITS} by default)" in TEXT
    assert f"| {CROSSED} | a limit is crossed |" in TEXT
    assert f"| {NOT_JUDGED} | none is crossed, but one could not be judged |" in TEXT


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A folder with the programs that the script of the topic calls; `deploy` notes its calls."""
    programs = {
        "deploy": '#!/bin/sh\necho "$@" >> deploys\n',
        "bin/sleep": "#!/bin/sh\nexit 0\n",
        "bin/logmon-tui": f'#!/bin/sh\nexec {sys.executable} -m logmon_tui "$@"\n',
        # The script asks for the time when it begins and when it has waited.
        "bin/date": "#!/bin/sh\n[ -e asked ] && echo 2018-05-09T16:10:00Z && exit\n"
        ": > asked\necho 2018-05-09T16:00:00Z\n",
    }
    (tmp_path / "bin").mkdir()
    for name, text in programs.items():
        path = tmp_path / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return tmp_path


@pytest.mark.parametrize(
    ("before", "now", "said", "deploys"),
    [
        ((300, 0), (310, 0), "api 4.13 stays", ["api 4.13"]),
        ((300, 0), (290, 9), "limit crossed: 5xx_share>+1%", ["api 4.13", "api 4.12"]),
        ((300, 0), (100, 0), "limit crossed: rate<-50%", ["api 4.13", "api 4.12"]),
        ((300, 0), (0, 0), "limit crossed: rate<-50%", ["api 4.13", "api 4.12"]),
        ((20, 0), (300, 0), "too little traffic to judge api 4.13", ["api 4.13"]),
    ],
)
def test_the_deploy_gate_works(
    server: Path, before: tuple[int, int], now: tuple[int, int], said: str, deploys: list[str]
) -> None:
    def hits(day: bytes, fine: int, failed: int) -> bytes:
        line = LINE.replace(b"09/May", day + b"/May").replace(b"\n", b' "-" "curl/8" 0.120\n')
        seconds = [b"16:%02d:%02d" % divmod(second, 60) for second in range(fine + failed)]
        status = [b" 200 "] * fine + [b" 500 "] * failed
        return b"".join(
            line.replace(b"16:00:39", at).replace(b" 200 ", code)
            for at, code in zip(seconds, status, strict=True)
        )

    hour_before = hits(b"09", 100, 0).replace(b":16:", b":15:")
    (server / "access.log.1").write_bytes(hits(b"08", *before))
    (server / "access.log").write_bytes(hour_before + hits(b"09", *now))
    environment = {**os.environ, "PATH": f"{server / 'bin'}:{os.environ['PATH']}"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    script = SCRIPT.replace("\\\n", " ")
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=server,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said in done.stdout + done.stderr
    assert (server / "deploys").read_text().splitlines() == deploys
    assert done.returncode == (len(deploys) == 2)


def test_every_key_of_the_json_is_told(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(LINE.replace(b"\n", b' "-" "curl/8" 0.120\n') * 30)
    (tmp_path / "old.log").write_bytes(log.read_bytes().replace(b"/report", b"/old"))
    options = [
        "--fail-if",
        "hits>99",
        "--where",
        "status:2xx",
        "--compare",
        str(tmp_path / "old.log"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "logmon_tui", "report", "--output", "json", *options, str(log)],
        capture_output=True,
        check=True,
    )
    document = json.loads(done.stdout)
    parts = [
        document,
        document["present"],
        document["totals"]["hits"],
        document["limits"][0],
        document["paths"][0],
        document["paths"][0]["present"] or document["paths"][0]["baseline"],
    ]
    rankings = {name for name, value in document.items() if isinstance(value, list)}
    keys = {key for part in parts for key in part} - (rankings - {"limits", "notes"}) - {"path"}
    assert sorted(keys - WORDS) == []
    assert sorted(document["totals"].keys() - WORDS) == []
