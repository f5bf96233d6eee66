"""What every test of the screen needs."""

from collections.abc import Iterator
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from logmon_tui.tui.panels import ingest


@pytest.fixture(autouse=True)
def as_with_the_compiled_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen says nothing of the scanner, though it may not be compiled here."""
    monkeypatch.setattr(ingest, "problem", lambda: "")


@pytest.fixture(autouse=True, scope="session")
def _styles_parsed_once() -> Iterator[None]:
    """Keep what Textual has parsed from app to app, as it does within one app.

    The same few styles take a tenth of the time of an app that a test starts. What they are
    parsed to depends on nothing but the arguments and the variables, and nobody changes it.
    """
    parse = Stylesheet._parse_rules
    known: dict[object, list[RuleSet]] = {}

    def parsed(self: Stylesheet, *args: Any, **options: Any) -> list[RuleSet]:
        key = (args, *sorted(options.items()), *sorted(self._variables.items()))
        if key not in known:
            known[key] = parse(self, *args, **options)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parsed)
        yield


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each layout of the whole screen."""
    calls: list[object] = []
    reflow = Compositor.reflow

    def noted(*args: object) -> object:
        calls.append(args)
        return reflow(*args)

    monkeypatch.setattr(Compositor, "reflow", noted)
    return calls
