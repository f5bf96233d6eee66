"""Each link within the repository leads to a file, and to a heading there if it names one."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import FENCE, FILES, LINK, ROOT

HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links_of(file: Path) -> list[str]:
    found = LINK.findall(FENCE.sub("", file.read_text("utf-8")))
    return [link for link in found if "://" not in link]


def anchors_of(file: Path) -> set[str]:
    """Return the anchors of the headings as GitHub makes them."""
    headings = HEADING.findall(FENCE.sub("", file.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def goes_nowhere(file: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (file.parent / path).resolve() if path else file
    if ".github" in path and not (ROOT / ".github").exists():
        return False  # a copy of the sources without it
    return not target.exists() or bool(anchor and anchor not in anchors_of(target))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_local_links_lead_somewhere(file: Path) -> None:
    assert [link for link in links_of(file) if goes_nowhere(file, link)] == []


def test_links_are_found_at_all() -> None:
    assert sum(len(links_of(file)) for file in FILES) > 40


def test_a_dead_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A title\n\n[x](#a-title) [y](#another) [z](missing.md)\n")
    assert [link for link in links_of(page) if goes_nowhere(page, link)] == [
        "#another",
        "missing.md",
    ]
