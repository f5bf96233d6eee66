"""The manual's topics: each is listed, has a heading and a summary, and fits a narrow terminal."""

import importlib.util
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from rich.cells import cell_len

from logmon_tui.docs.page import STYLES, lines_of, printed
from logmon_tui.docs.topics import FOLDER, SUFFIX, TOPICS, read_topic
from tests.docs.pages import OTHERS, ROOT, code_of, text_of

BESIDE_THE_TOPICS = 58
"""Columns of code that fit beside the list of topics on a terminal of 80."""


def test_every_topic_is_a_file_and_every_file_a_topic() -> None:
    assert sorted(file.stem for file in FOLDER.glob(f"*{SUFFIX}")) == sorted(TOPICS)


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_has_a_heading_a_short_summary_and_a_text(name: str) -> None:
    topic = read_topic(name)
    assert topic.text.startswith(f"# {topic.title}\n\n{topic.summary}\n\n")
    assert topic.title
    assert "\n" not in topic.summary
    assert topic.summary.endswith(".")
    assert len(topic.summary) <= 62  # the list of topics fits 80 columns
    assert len(topic.text) > 500


@pytest.mark.parametrize("name", TOPICS)
def test_code_is_narrow_enough_to_stand_unbroken_beside_the_topics(name: str) -> None:
    lines = [line for code in code_of(text_of(name)) for line in code.splitlines()]
    assert [line for line in lines if cell_len(line) > BESIDE_THE_TOPICS] == []


@pytest.mark.parametrize("width", [36, 60, 80, 100])
@pytest.mark.parametrize("name", TOPICS)
def test_no_line_of_a_topic_is_wider_than_asked_for(name: str, width: int) -> None:
    for styles in (STYLES, None):
        lines = [line.plain for line in lines_of(text_of(name), width, styles)]
        assert [line for line in lines if cell_len(line) > width] == []


@pytest.mark.parametrize("name", TOPICS)
def test_no_word_of_a_topic_is_lost_in_a_narrow_terminal(name: str) -> None:
    wide, narrow = (
        "".join("".join(line.plain.split()) for line in lines_of(text_of(name), width, None))
        for width in (2_000, 60)
    )
    # Cells of a table stand beside each other, so their words come in another order.
    assert sorted(narrow.replace("─", "")) == sorted(wide.replace("─", ""))


def test_plain_text_holds_no_escape_sequence_and_keeps_what_marks_code_and_headings() -> None:
    text = printed("# Title\n\nPress `x`; see [keys](keys.md).\n", None, colour=False)
    assert text == "# Title\n\nPress `x`; see keys.\n"


def test_a_lone_bracket_begins_no_link() -> None:
    text = printed(
        "A `[` begins; see [keys](keys.md) or [uv](https://a.example/).\n", 80, colour=False
    )
    assert text == "A `[` begins; see keys or uv (https://a.example/).\n"


MARKS = re.compile(
    r"<!--.*?-->|^```\w*$|^\d+\. |^[|][-:| ]+$|^- |[|](?= |$)"
    r"|(?<!\S)\*+(?=\w)|(?<=[\w.])\*+(?=[\s,.:;]|$)",
    re.MULTILINE,
)
"""What Markdown marks with, in the few ways in which the topics use it."""


@pytest.mark.parametrize("name", TOPICS)
def test_all_words_of_a_topic_are_printed(name: str) -> None:
    text = re.sub(r"\[([^\[\]]+)\]\([^)]*\.md\)", r"\1", text_of(name))
    text = re.sub(r"\[([^\[\]]+)\]\((http[^)]*)\)", r"\1 (\2)", text)
    words = set(MARKS.sub("", text).split())
    shown = set(printed(text_of(name), 2_000, colour=False).split())
    assert sorted(words - shown) == []


def test_colours_take_the_place_of_those_marks() -> None:
    text = printed("# Title\n\nPress `x`.\n", 80, colour=True)
    assert "\x1b[" in text
    assert "#" not in text
    assert "`" not in text


def test_a_table_breaks_no_word_where_there_is_room() -> None:
    table = "| option | meaning |\n|---|---|\n| `--alert-window` | what alerts average over |\n"
    lines = [line.plain for line in lines_of(table, 30, STYLES)]
    assert "--alert-window  what alerts" in lines


def test_the_readme_leads_to_every_topic() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in TOPICS if f"[{name}](logmon_tui/docs/{name}.md)" not in readme] == []


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 12_000


@pytest.mark.skipif(not (ROOT / ".github").exists(), reason="a copy of the sources without .github")
def test_the_documents_are_there() -> None:
    assert [name for name in OTHERS if not (ROOT / name).is_file()] == []


@pytest.mark.skipif(not importlib.util.find_spec("hatchling"), reason="hatchling is not installed")
def test_a_wheel_has_the_topics_and_the_man_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of a copy, for the build removes the scanner that was compiled beside its source.
    shutil.copytree(ROOT / "logmon_tui", tmp_path / "logmon_tui")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setenv("LOGMON_NATIVE", "off")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("dist/*.whl")
    files = zipfile.ZipFile(wheel).namelist()
    assert {f"logmon_tui/docs/{name}{SUFFIX}" for name in TOPICS} <= set(files)
    assert [name for name in files if name.endswith("data/share/man/man1/logmon-tui.1")]
