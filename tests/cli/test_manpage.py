"""The man page: it is up to date, tells every command and option, and renders without warnings."""

import shutil
import subprocess
import sys

import click
import pytest

from logmon_tui.cli import cli
from logmon_tui.cli.groups import commands_below
from logmon_tui.cli.manpage import PAGE, roff
from logmon_tui.docs.topics import TOPICS

COMMANDS = dict(commands_below(cli))
RENDERERS = {
    "groff": ["groff", "-man", "-Tutf8", "-k", "-ww", "-z"],
    "mandoc": ["mandoc", "-T", "lint", "-W", "warning"],
    "man": ["man", "--warnings", "-l"],
}


def test_the_page_is_up_to_date() -> None:
    # In a process of its own: a command keeps the option --help as it was first asked for it.
    program = (
        "import sys; from logmon_tui.cli.manpage import man_page; sys.stdout.write(man_page())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert PAGE.read_text("utf-8") == done.stdout.decode(), "run: python -m logmon_tui.cli.manpage"


@pytest.mark.parametrize("words", COMMANDS)
def test_the_page_tells_a_command_and_its_options(words: str) -> None:
    _, _, rest = PAGE.read_text("utf-8").partition(f'\n.SS "{roff(words)}"\n')
    part, _, _ = rest.partition("\n.S")
    assert part
    options = [
        each
        for each in COMMANDS[words].params
        if isinstance(each, click.Option) and not each.hidden
    ]
    for name in [name for each in options for name in each.opts]:
        assert roff(name) in part, name


def test_the_page_names_every_topic() -> None:
    page = PAGE.read_text("utf-8")
    assert [name for name in TOPICS if rf"\fB{roff(name)}\fR" not in page] == []


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_page_renders_without_warnings(renderer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which(renderer) is None:
        pytest.skip(f"{renderer} is not installed")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    done = subprocess.run([*RENDERERS[renderer], str(PAGE)], capture_output=True, check=False)
    assert done.stderr == b""
    assert renderer != "mandoc" or done.stdout == b""
    assert done.returncode == 0


def test_text_stands_as_it_is() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    text = r""".a 'b' "c" `d` ^e ~f \g --h-i %j"""
    page = f".TH X 1\n.nf\n{roff(text)}\n"
    command = ["groff", "-man", "-Tutf8", "-k", "-P-c"]
    done = subprocess.run(command, input=page.encode(), capture_output=True, check=True)
    assert text in done.stdout.decode()
