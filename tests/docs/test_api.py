"""The examples of the API's topic get answers, and its tables are whole."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from logmon_tui.config.settings import WEB_TOKEN
from logmon_tui.snapshot import Order
from logmon_tui.web.api import asking, call
from logmon_tui.web.api.documents.traffic import Answer, Column, Graph
from logmon_tui.web.api.parameters import (
    GraphParameters,
    IncidentsParameters,
    NewMark,
    NewNote,
    NewSilence,
    QueryParameters,
)
from logmon_tui.web.problems import problem_body
from tests.docs.pages import code_of, text_of, words_of_code
from tests.web.api_server import api_serving
from tests.web.serving import TOKEN

TEXT = text_of("api")
EXAMPLES = [code for code in code_of(TEXT, "sh") if "curl" in code]
FIRST = "api=http://127.0.0.1:8080/api/v1"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_are_answered(tmp_path: Path) -> None:
    assert EXAMPLES[0].startswith(FIRST)
    with api_serving(tmp_path / "log.marks") as (server, engine):
        script = "\n".join(["set -e", *EXAMPLES]).replace("8080", str(server.port))
        script = script.replace("curl ", "curl -m 30 -w '\\n' ")
        known = next(each.id for each in engine.latest.alerts.incidents if each.rule == "ddos")
        environment = {**os.environ, WEB_TOKEN: TOKEN, "id": known[:8], "no_proxy": "*"}
        run = subprocess.run(
            ["sh", "-c", script],
            env=environment,
            capture_output=True,
            check=False,
            timeout=120,
        )
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines() if line]
    assert len(answers) == script.count("curl ")
    assert [type(each).__name__ for each in engine.posted] == [
        "Acknowledge",
        "SetNote",
        "AddSilence",
    ]
    assert (tmp_path / "log.marks").read_text().endswith("api 4.12\n")


def names_in_code() -> set[str]:
    return {word for code in words_of_code(TEXT) for word in re.findall(r"\w+", code)}


@pytest.mark.parametrize(
    "kind",
    [
        *(QueryParameters, GraphParameters, IncidentsParameters),
        *(NewMark, NewNote, NewSilence, Column, Graph),
    ],
)
def test_every_parameter_and_key_is_told(kind: type[msgspec.Struct]) -> None:
    names = {each.encode_name for each in msgspec.structs.fields(kind)}
    assert names - names_in_code() == set()


def test_what_an_answer_has_of_its_own_is_told() -> None:
    names = {"known", "since", "sampled", "answered", "response_size", "unique_hosts", "requests"}
    assert names <= {each.encode_name for each in msgspec.structs.fields(Answer)}
    assert names | set(Order) <= names_in_code()


def test_figures_are_those_of_the_program() -> None:
    assert f"{asking.MAX_QUESTIONS} questions wait" in TEXT
    assert f"{call.MAX_BODY // 1024} KiB" in TEXT
    (shown,) = map(json.loads, code_of(TEXT, "json"))
    assert shown.keys() == json.loads(problem_body(400, "x")).keys()
