"""e exports the rows of a panel: which ones, in which form, where to, and when there are none."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui import save_actions
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.panel import Panel as AnyPanel
from logmon_tui.tui.screens.export_window import ExportWindow
from tests.tui.alert_fakes import with_alerts
from tests.tui.fakes import FakeEngine, full_snapshot, snapshot
from tests.tui.fleet_fakes import FEW, fleet_snapshot
from tests.tui.request_fakes import with_requests
from tests.tui.screens import make_app, until, until_shown
from tests.tui.test_saving import inside, until_told

ROOMY = (150, 50)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def showing(picture: Snapshot, name: Panel) -> LogmonApp:
    return make_app(FakeEngine(picture), Settings(show=(name,)))


async def focus(app: LogmonApp, name: str) -> AnyPanel:
    await until(lambda: app.snapshot.log_time is not None)
    panel = app.dashboard.panels[name]
    panel.focus()
    await until(lambda: app.focused is panel)
    return panel


async def saved(app: LogmonApp) -> Path:
    return Path((await until_told(app, "Saved ")).removeprefix("Saved "))


async def exported(picture: Snapshot, name: Panel, *before: str) -> list[dict[str, object]]:
    """Return the JSON that a panel exports after some keys."""
    app = showing(picture, name)
    async with app.run_test(size=ROOMY) as pilot:
        await focus(app, name)
        await pilot.press(*before, "e", "j")
        rows: list[dict[str, object]] = json.loads((await saved(app)).read_text())
    return rows


async def test_a_table_is_exported_in_its_order_with_plain_figures() -> None:
    picture = full_snapshot()
    rows = await exported(picture, Panel.SECTIONS)
    ranking = picture.now.sections
    assert [row["section"] for row in rows] == [each.key.decode() for each in ranking.rows]
    first, whole = ranking.rows[0], picture.now
    assert rows[0]["hits"] == first.hits
    assert rows[0]["share"] == pytest.approx(first.hits / whole.hits, abs=1e-6)
    assert rows[0]["hits_per_s"] == pytest.approx(first.hits / whole.seconds, abs=1e-6)
    assert first.times is not None
    assert rows[0]["p95"] == pytest.approx(first.times.p95, abs=1e-6)
    turned = await exported(picture, Panel.SECTIONS, "r")
    assert [row["hits"] for row in turned] == [row["hits"] for row in rows][::-1]


async def test_only_rows_that_match_a_search_are_exported() -> None:
    rows = await exported(full_snapshot(), Panel.SECTIONS, "slash", "a", "p", "i", "enter")
    assert rows
    assert all("api" in str(row["section"]) for row in rows)
    assert len(rows) < len(full_snapshot().now.sections.rows)


async def test_the_row_of_others_is_one_of_those_shown() -> None:
    picture = full_snapshot()
    hosts = replace(picture.now.hosts, other_hits=7, other_bytes=9)
    rows = await exported(replace(picture, now=replace(picture.now, hosts=hosts)), Panel.CLIENTS)
    assert (rows[-1]["client"], rows[-1]["hits"], rows[-1]["bytes"]) == ("(other)", 7, 9)


@pytest.mark.parametrize(
    "name",
    [
        *(Panel.SECTIONS, Panel.STATUS, Panel.ALERTS, Panel.CLIENTS, Panel.PATHS, Panel.AGENTS),
        *(Panel.USERS, Panel.METHODS, Panel.REFERRERS, Panel.VHOSTS, Panel.TLS, Panel.TAIL),
    ],
)
async def test_every_panel_of_rows_has_them(name: Panel) -> None:
    rows = await exported(full_snapshot(), name)
    assert rows
    assert len({tuple(row) for row in rows}) == 1


async def test_statuses_with_the_codes_that_are_open() -> None:
    picture = full_snapshot()
    rows = await exported(picture, Panel.STATUS, "v")
    assert rows[0] == {
        "status": "2xx",
        "hits": picture.now.by_class[2],
        "share": pytest.approx(picture.now.class_share(2), abs=1e-6),
    }
    assert rows[1]["status"] == "200"


async def test_alerts_say_why(here: Path) -> None:
    picture = with_alerts()
    rows = await exported(picture, Panel.ALERTS)
    assert [row["id"] for row in rows] == [each.id for each in picture.alerts.incidents]
    assert {row["state"] for row in rows} >= {"firing", "recovered"}
    assert rows[0]["message"] == picture.alerts.incidents[0].message


async def test_hosts_with_what_is_known_of_each() -> None:
    rows = await exported(fleet_snapshot(FEW), Panel.SERVERS, "s", "s")
    assert {row["host"] for row in rows} == {each.name.decode() for each in FEW.servers}
    assert {row["state"] for row in rows} == {each.state.value for each in FEW.servers}


async def test_requests_with_all_their_fields() -> None:
    picture = with_requests()
    assert picture.requests is not None
    rows = await exported(picture, Panel.REQUESTS)
    assert len(rows) == len(picture.requests.rows)
    first = picture.requests.rows[0]
    assert (rows[0]["status"], rows[0]["bytes"]) == (first.status, first.size)
    assert rows[0]["host"] == first.texts["host"].decode()
    assert rows[0]["response_time"] == pytest.approx(first.measures["response_time"] / 1e6)


@pytest.mark.parametrize(("key", "ending"), [("c", "csv"), ("j", "json"), ("m", "md")])
async def test_a_key_saves_a_form_and_nothing_is_written_over(
    here: Path, key: str, ending: str
) -> None:
    app = showing(full_snapshot(), Panel.SECTIONS)
    async with app.run_test(size=ROOMY) as pilot:
        await focus(app, Panel.SECTIONS)
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, ExportWindow))
        await until_shown(app, "Export Sections · 15 rows")
        await pilot.press(key)
        first = await saved(app)
        before = first.read_bytes()
        await pilot.press("e", key)
        await until(lambda: len(inside(here)) == 2)
        await until_told(app, "Saved ")
    assert first.suffix == f".{ending}"
    assert first.name.startswith("logmon-sections-")
    assert first.read_bytes() == before
    assert first.stat().st_mode & 0o777 == 0o600
    assert inside(here)[0].read_bytes() == inside(here)[1].read_bytes()


@pytest.mark.parametrize(("key", "name"), [("C", "CSV"), ("J", "JSON"), ("M", "Markdown")])
async def test_a_capital_letter_copies(here: Path, key: str, name: str) -> None:
    app = showing(full_snapshot(), Panel.SECTIONS)
    async with app.run_test(size=ROOMY) as pilot:
        await focus(app, Panel.SECTIONS)
        await pilot.press("e", key)
        await until_told(app, f"Copied 15 rows as {name}")
        assert "/api" in app.clipboard
    assert inside(here) == []


async def test_too_much_for_the_clipboard_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(save_actions, "MAX_COPIED", 100)
    app = showing(full_snapshot(), Panel.SECTIONS)
    async with app.run_test(size=ROOMY) as pilot:
        await focus(app, Panel.SECTIONS)
        await pilot.press("e", "C")
        await until_told(app, "15 rows are too much for the clipboard")
        assert app.clipboard == ""


@pytest.mark.parametrize("name", [Panel.TRAFFIC, Panel.INGEST])
async def test_panels_without_rows_say_so(here: Path, name: Panel) -> None:
    app = showing(full_snapshot(), name)
    async with app.run_test(size=ROOMY) as pilot:
        panel = await focus(app, name)
        await pilot.press("e")
        await until_told(app, f"The panel {panel.full_title} has no rows to export")
        assert not isinstance(app.screen, ExportWindow)
    assert inside(here) == []


async def test_a_table_without_rows_says_so_too(here: Path) -> None:
    app = showing(full_snapshot(), Panel.SECTIONS)
    async with app.run_test(size=ROOMY) as pilot:
        await focus(app, Panel.SECTIONS)
        await pilot.press("slash", *"nowhere", "enter", "e")
        await until_told(app, "Sections: no row to export now")
        assert not isinstance(app.screen, ExportWindow)


async def test_esc_exports_nothing(here: Path) -> None:
    app = showing(full_snapshot(), Panel.SECTIONS)
    async with app.run_test(size=ROOMY) as pilot:
        panel = await focus(app, Panel.SECTIONS)
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, ExportWindow))
        await pilot.press("escape")
        await until(lambda: app.focused is panel)
    assert inside(here) == []


HOSTILE_KEYS: Sequence[bytes] = (b"=cmd|x", b"[@click=app.quit]x[/]", b"\x1b[2J", b"|`<b>")


async def test_hostile_keys_stay_text(here: Path) -> None:
    app = showing(snapshot(keys=HOSTILE_KEYS), Panel.SECTIONS)
    async with app.run_test(size=ROOMY) as pilot:
        await focus(app, Panel.SECTIONS)
        await pilot.press("e", "c")
        file = await saved(app)
    with file.open(newline="") as text:
        keys = [row["section"] for row in csv.DictReader(text)]
    assert sorted(keys) == ["'=cmd|x", "[@click=app.quit]x[/]", r"\x1b[2J", "|`<b>"]
