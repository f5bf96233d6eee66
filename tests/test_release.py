"""What is released: actions named by commit, an image without root or tests, no secrets."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DOCKERFILE = ROOT / "Dockerfile"

pytestmark = pytest.mark.skipif(
    not (WORKFLOWS and DOCKERFILE.exists()), reason="a source distribution has no workflows"
)


def text(name: str) -> str:
    return (ROOT / ".github" / "workflows" / name).read_text()


def test_actions_are_named_by_commit_and_version() -> None:
    used = [use for file in WORKFLOWS for use in re.findall(r"uses: (.*)", file.read_text())]
    assert len(used) > 5
    odd = [use for use in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)]
    assert odd == []


def test_only_the_job_that_publishes_may_sign_and_only_on_a_tag() -> None:
    before, publish = text("wheels.yml").split("\n  publish:\n")
    assert "\npermissions:\n  contents: read\n" in before
    assert "write" not in re.findall(r"^ *[a-z-]+: (\w+)$", before, re.MULTILINE)
    assert "if: github.event_name == 'push' && github.ref_type == 'tag'" in publish
    assert "id-token: write" in publish
    assert not any("secrets." in file.read_text() for file in WORKFLOWS)


def test_the_image_has_no_root_no_tests_and_no_sources() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE.read_text(), flags=re.MULTILINE)[1:]
    last = stages[-1]
    assert len(stages) > 1
    assert "\nUSER logmon\n" in last
    assert re.findall(r"^COPY (.*)$", last, re.MULTILINE) == ["--from=build /app /app"]
    assert not re.search(r"\btest", last.split("ENTRYPOINT")[0])
    assert stages[-1].startswith(stages[0].split()[0])  # the scripts name the Python of the build
