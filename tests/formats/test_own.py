"""Formats of the settings file: which tables describe one, and which logs are read by it."""

from pathlib import Path
from typing import Any

import pytest

from logmon_tui.errors import TableError
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.own import own_formats
from logmon_tui.formats.presets import PRESETS

LINE = b'10.0.0.1 - - [09/May/2018:16:00:39 +0000] "GET /report HTTP/1.0" 503 123'
JSON = b'{"when": "2018-05-09T16:00:39Z", "code": 503, "verb": "GET", "path": "/report"}'


def test_a_format_string_and_a_json_format_read_lines_under_their_own_names() -> None:
    found = own_formats(
        {
            "ours": {"format": '%h %l %u %t "%r" %>s %b'},
            "app": {
                "type": "json",
                "time": "when",
                "status": "code",
                "target": "path",
                "method": "verb",
            },
        }
    )
    assert [(name, each.name) for name, each in found.items()] == [("ours", "ours"), ("app", "app")]
    ours = found["ours"].line_parser().parse(LINE)
    app = found["app"].line_parser().parse(JSON)
    assert ours is not None
    assert app is not None
    assert (ours.status, ours.request) == (503, b"GET /report HTTP/1.0")
    assert (app.status, app.method, app.target) == (503, b"GET", b"/report")


@pytest.mark.parametrize(
    ("name", "table", "told"),
    [
        (PRESETS[0].name, {"format": "%h"}, "the name is taken"),
        ("auto", {"format": "%h"}, "the name is taken"),
        ("x", {}, 'needs either format = "…", or type = "json"'),
        ("x", {"format": 7}, 'needs either format = "…", or type = "json"'),
        ("x", {"type": "json", "format": "%h"}, 'needs either format = "…", or type = "json"'),
        ("x", {"type": "xml"}, 'needs either format = "…", or type = "json"'),
        ("x", {"format": "%h", "time": "t"}, "'time' is not known beside format"),
        ("x", {"format": "auto"}, "auto is no format"),
        ("x", {"format": "%h %nonsuch"}, "has no time"),
        ("app", {"type": "json", "tea": "t"}, "formats.app: 'tea' is no field"),
    ],
)
def test_what_is_wrong_with_a_format_is_told_by_its_key(
    name: str, table: dict[str, Any], told: str
) -> None:
    with pytest.raises(TableError) as caught:
        own_formats({name: table})
    assert str(caught.value).startswith(f"formats.{name}: ")
    assert told in str(caught.value)


def test_the_first_pattern_that_matches_a_log_names_its_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = PRESETS[:3]
    monkeypatch.chdir(tmp_path)
    named = ((f"{tmp_path}/*.log", first), ("b.log", second), ("*", None), ("-", second))
    formats = FormatSelector(third, named)
    assert formats.of("b.log") is first  # by its absolute path
    assert formats.of("/elsewhere/b.log") is None
    assert formats.of("-") is None
    assert FormatSelector(third, named[:2]).of("c.txt") is third
    assert FormatSelector(third, (("b.log", second),)).candidates("b.log") == (second,)
    assert FormatSelector().candidates("b.log") == PRESETS
