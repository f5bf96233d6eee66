"""Filters in the settings file: which hits they name, and one line for a mistake in one."""

from pathlib import Path

import pytest

from logmon_tui.config.settings_file import read_settings_file
from logmon_tui.errors import UsageError
from tests.config.test_settings_file import read

FILTERS = """\
where = "@people time>1s"

[filters]
office = "client:10.0.0.0/8"
people = "is:human !@office"

[ignore]
where = "path:/health,@office"
alerts = false
"""


def test_filters_are_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILTERS)
    settings = read_settings_file(path).settings
    assert settings.filter.terms == ("@people", "time>1s")
    assert {name: each.text for name, each in settings.saved_filters.items()} == {
        "office": "client:10.0.0.0/8",
        "people": "is:human !@office",
    }
    assert settings.ignored is not None
    assert settings.ignored.text == "path:/health,@office"
    assert settings.changed(where="is:bot").filter.text == "is:bot"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("@people ", "@peple ", "config.toml:1: where: @peple is no saved filter; did you mean"),
        ("10.0.0.0/8", "10/8/9", "config.toml:4: filters.office: '10/8/9' is not a network"),
        ('@office"\n\n', '@people"\n\n', "filters.people: in @people: @people stands for it"),
        ("office =", '"of fice" =', "filters.of fice: is no name: use letters, digits, - and _"),
        ("/health,", "/health,,", "config.toml:8: ignore.where: a value of path is missing"),
        ("alerts", "alert", "config.toml:9: ignore.alert"),
        ("false", "7", "config.toml:9: ignore.alerts: expected true or false, not 7"),
        ('where = "path:/health,@office"', "", "ignore: "),
    ],
)
def test_a_mistake_in_a_filter_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in FILTERS
    with pytest.raises(UsageError) as caught:
        read(tmp_path, FILTERS.replace(old, new, 1))
    assert message in str(caught.value)


RULE_WITH_FILTER = """\
[rules.api]
metric = "rate"
critical = 5
where = "section:/api @people"

[filters]
people = "is:human"
"""


def test_a_rule_uses_saved_filters(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(RULE_WITH_FILTER)
    settings = read_settings_file(path).settings
    assert settings.alert_rules()[-1].where == "section:/api is:human"
    others = settings.changed(filters={"people": "!is:ai"})
    assert others.alert_rules()[-1].where == "section:/api !is:ai"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("section:", "secton:", "config.toml:4: rules.api.where: secton is no field; did you"),
        ("@people", "@peple", "config.toml:4: rules.api.where: @peple is no saved filter; did"),
        ("is:human", "is:humane", "config.toml:7: filters.people: "),
    ],
)
def test_a_mistake_in_the_filter_of_a_rule_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, RULE_WITH_FILTER.replace(old, new, 1))
    assert message in str(caught.value)
