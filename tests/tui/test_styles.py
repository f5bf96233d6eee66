import re
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from logmon_tui.errors import UsageError
from logmon_tui.tui.app import OWN_CSS
from logmon_tui.tui.paint.painted import Painted
from logmon_tui.tui.paint.styles import OWN_THEMES, check_css, check_theme, theme_names
from logmon_tui.tui.panels.registry import PANELS

DEMO = Path(__file__).parents[2] / "demo.tcss"


def test_the_program_s_own_stylesheet_and_the_example_have_no_errors() -> None:
    check_css(OWN_CSS)
    check_css(DEMO)


def test_the_example_restyles_every_panel() -> None:
    css = DEMO.read_text()
    for panel in PANELS:
        assert re.search(rf"^#{panel.NAME} \{{", css, re.MULTILINE), panel.NAME


def test_every_name_in_the_stylesheets_exists() -> None:
    known = Painted.COMPONENT_CLASSES
    for path in (OWN_CSS, DEMO):
        names = set(re.findall(r"\.((?:panel|status|alert|filter)--[\w-]+)", path.read_text()))
        assert names
        assert names <= known


def test_every_component_is_coloured_by_the_program_s_stylesheet() -> None:
    css = OWN_CSS.read_text()
    assert [name for name in Painted.COMPONENT_CLASSES if f".{name} " not in css] == []


@pytest.mark.parametrize(
    ("css", "line"),
    [
        ("Panel {\n  colour: red;\n}", 2),
        ("Panel {\n  color: nosuchcolour;\n}", 2),
        ("Panel {\n  background: nosuchcolour;\n}", 2),
        ("Panel {\n\n  color: $nosuchvariable;\n}", 3),
        ("Panel { color: red", 1),
        ("Panel } {", 1),
    ],
)
def test_a_stylesheet_with_an_error_is_told_by_file_and_line(
    tmp_path: Path, css: str, line: int
) -> None:
    path = tmp_path / "bad.tcss"
    path.write_text(css)
    with pytest.raises(UsageError) as caught:
        check_css(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert "\n" not in str(caught.value)


def test_a_stylesheet_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        check_css(tmp_path / "none.tcss")
    with pytest.raises(UsageError, match="directory"):
        check_css(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="UTF-8"):
        check_css(tmp_path / "binary")


def test_an_unknown_theme_is_told_with_the_names_there_are() -> None:
    with pytest.raises(UsageError, match=r"nonsuch.*logmon-dark.*nord"):
        check_theme("nonsuch")
    for name in theme_names():
        check_theme(name)


@pytest.mark.parametrize("theme", OWN_THEMES, ids=lambda theme: theme.name)
def test_our_themes_are_readable(theme: Theme) -> None:
    colours = theme.to_color_system()
    for colour in (colours.foreground, colours.success, colours.warning, colours.error):
        assert colour is not None
        assert colours.background is not None
        assert contrast(colour.rgb, colours.background.rgb) >= 4


@pytest.mark.parametrize("theme", [*OWN_THEMES, *BUILTIN_THEMES.values()], ids=lambda t: t.name)
def test_terms_of_a_filter_stand_out_in_every_theme(theme: Theme) -> None:
    colours = theme.to_color_system().generate()
    if colours["background"] == "ansi_default":
        pytest.skip("the terminal chooses the colours")
    chip, text, bar = (Color.parse(colours[each]) for each in ("primary", "background", "panel"))
    assert contrast(chip.rgb, text.rgb) >= 2.9
    assert contrast(chip.rgb, bar.rgb) >= 2


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: tuple[int, ...]) -> float:
    parts = [c / 255 for c in rgb]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
