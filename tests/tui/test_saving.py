"""b writes a bundle of an alert, P a picture of the screen; toasts tell where, or why not."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.tui.alerts.incident_window import IncidentWindow
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.picture import picture_of
from tests.tui.alert_fakes import ERRORS, HIGH, with_alerts
from tests.tui.alerts_panel import ROOMY, app_with, see
from tests.tui.fakes import HOSTILE, FakeEngine, snapshot
from tests.tui.screens import make_app, until, until_shown


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder, whose parent is the user's own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


@pytest.fixture
def gone(here: Path) -> Path:
    """Be in a folder that is gone."""
    here.rmdir()
    return here


def inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def toasts(app: LogmonApp) -> Sequence[str]:
    return [each.message for each in app._notifications]


async def until_told(app: LogmonApp, begin: str) -> str:
    def told() -> list[str]:
        return [each for each in toasts(app) if each.startswith(begin)]

    await until(told)
    return told()[-1]


async def test_b_writes_the_bundle_of_the_alert_under_the_cursor(here: Path) -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("j", "b")
        folder = Path((await until_told(app, "Saved ")).removeprefix("Saved "))
    assert inside(here) == [folder]
    told = json.loads((folder / "incident.json").read_text())
    assert (told["id"], told["subject"], told["watched"]) == (ERRORS.id, "/checkout", True)
    picture = (folder / "screen.svg").read_text()
    assert ET.fromstring(picture).tag.endswith("svg")
    assert "checkout" in picture
    assert "url(" not in picture.partition("</style>")[0]
    assert "/var/log/nginx/access.log" in (folder / "incident.md").read_text()


async def test_a_picture_leaves_the_terminal_its_own_colours() -> None:
    """Styles remember the codes that they were written with first, whoever wrote them."""
    style = Style(color="#123456")
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)):
        shown = LayoutUpdate([[Strip([Segment("words", style)])]], Region(0, 0, 120, 1))
        with patch.object(app.screen._compositor, "render_update", return_value=shown):
            picture = picture_of(app)()
    assert "words" in picture
    assert "#123456" in picture
    assert style.render("words", color_system=ColorSystem.EIGHT_BIT).startswith("\x1b[38;5;")


async def test_a_second_bundle_lies_beside_the_first(here: Path) -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("b")
        first = await until_told(app, "Saved ")
        before = {each: each.read_bytes() for each in inside(inside(here)[0])}
        await pilot.press("b")
        await until(lambda: len(inside(here)) == 2)
        await until_told(app, f"{first}-2")
        assert {each: each.read_bytes() for each in before} == before


async def test_b_works_in_the_window_of_an_alert(here: Path) -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, IncidentWindow))
        await until_shown(app, "b bundle")
        await pilot.press("b")
        await until_told(app, "Saved ")
        assert isinstance(app.screen, IncidentWindow)
    (folder,) = inside(here)
    assert HIGH.id in (folder / "incident.json").read_text()


async def test_b_reaches_the_alerts_from_another_panel_but_marks_requests(here: Path) -> None:
    settings = Settings(show=(Panel.ALERTS, Panel.STATUS, Panel.REQUESTS))
    app = make_app(FakeEngine(with_alerts()), settings)
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        app.dashboard.panels[Panel.REQUESTS].focus()
        await pilot.press("b")
        app.dashboard.panels[Panel.STATUS].focus()
        await pilot.press("b")
        await until_told(app, "Saved ")
        assert app.focused is app.dashboard.panels[Panel.ALERTS]
    assert len(inside(here)) == 1


async def test_without_an_alert_there_is_nothing_to_bundle(here: Path) -> None:
    app, _ = app_with(with_alerts(incidents=()))
    async with app.run_test(size=ROOMY) as pilot:
        await see(app, "No alerts")
        await pilot.press("b")
        await until_told(app, "There is no alert")
    assert inside(here) == []


async def test_p_saves_a_picture_which_no_log_makes_dangerous(here: Path) -> None:
    app = make_app(FakeEngine(snapshot(keys=(*HOSTILE, b"/<script>alert(1)</script>"))))
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "script")
        await pilot.press("P", "P")
        await until(lambda: len(toasts(app)) >= 2)
    names = [each.name for each in inside(here)]
    assert len(names) == 2
    assert names[0].startswith("logmon-20")
    for each in inside(here):
        tags = {element.tag.rpartition("}")[2] for element in ET.parse(each).iter()}
        assert "script" not in tags
        assert "image" not in tags
        assert "script" in each.read_text(), "the log's text is there, as text"


@pytest.mark.parametrize("opened", ["enter", "question_mark"])
async def test_p_saves_what_a_window_shows(here: Path, opened: str) -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press(opened)
        await until(lambda: app.screen is not app.screen_stack[0])
        await until_shown(app, "esc closes")
        await pilot.press("P")
        await until_told(app, "Saved ")
    (picture,) = inside(here)
    assert "closes" in picture.read_text()


@pytest.mark.parametrize(("key", "what"), [("b", "The bundle"), ("P", "The picture")])
async def test_what_cannot_be_written_is_told(
    gone: Path, monkeypatch: pytest.MonkeyPatch, key: str, what: str
) -> None:
    monkeypatch.setenv("HOME", str(gone / "nobody"))
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press(key)
        told = await until_told(app, f"{what} cannot be written: No such file or directory; ")
        assert told.endswith("in a folder that you may write to, or make room there")


@pytest.mark.usefixtures("gone")
async def test_what_cannot_be_written_here_goes_home(tmp_path: Path) -> None:
    app, _ = app_with(with_alerts())
    async with app.run_test(size=ROOMY) as pilot:
        await see(app)
        await pilot.press("b")
        told = await until_told(app, "Saved ")
    assert Path(told.removeprefix("Saved ")).parent == tmp_path
